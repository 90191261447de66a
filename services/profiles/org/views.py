"""What callers are shown of the org tree."""

from typing import Any

from services.profiles.org.domain.nodes import Node


def node(shown: Node) -> dict[str, Any]:
    return {"id": shown.id, "kind": shown.kind, "name": shown.name}
