"""What callers are shown of card connections: never a secret."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from libranet.clock import rfc3339
from services.profiles.cards.domain.connection import CardConnection
from services.profiles.cards.domain.steps import Step

Shown = dict[str, Any]
LEFT_OUT = ("owner", "login_user", "changed_at", "tls_name", "tls_authorities", "location", "institution")


def connection(shown: CardConnection, networks: Iterable[str]) -> Shown:
    members = {name: value for name, value in asdict(shown).items() if name not in LEFT_OUT}
    optional = {name: getattr(shown, name) for name in LEFT_OUT[3:] if getattr(shown, name)}
    body: Shown = {**members, **optional, "node": shown.owner, "has_login": bool(shown.login_user),
                   "card_prefixes": list(shown.card_prefixes), "bars": list(shown.bars), "networks": list(networks)}
    return body if shown.changed_at is None else {**body, "changed_at": rfc3339(shown.changed_at)}


def tested(node: str, steps: Iterable[Step], works: bool) -> Shown:
    return {"node": node, "works": works, "steps": [asdict(step) for step in steps]}
