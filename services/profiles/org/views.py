"""What callers are shown of the org tree."""

from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.roles import RoleGrant
from services.profiles.org.domain.settings import Effective

Shown = dict[str, Any]


def node(shown: Node) -> Shown:
    return {"id": shown.id, "kind": shown.kind, "name": shown.name}


def setting(shown: Effective) -> Shown:
    return {
        "name": shown.known.name, "type": shown.known.type, "meaning": shown.known.meaning, "value": shown.value,
        "default": shown.known.default, "set_at": shown.set_at, "locked_by": shown.locked_by,
    }


def role_grant(shown: RoleGrant, at: datetime) -> Shown:
    return {
        "id": shown.id, "node": shown.node, "role": shown.role, "holder": shown.holder,
        "granted_at": rfc3339(shown.granted_at), "ends_at": rfc3339(shown.ends_at), "holds": shown.holds(at),
    }
