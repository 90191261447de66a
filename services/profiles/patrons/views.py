"""What callers are shown of a patron: the body of an answer, as contracts/calls/profiles.py describes it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from services.profiles.consents import views as consents
from services.profiles.consents.domain.consents import Consent
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron

Shown = dict[str, Any]


def patron_path(patron_id: str) -> str:
    return f"/v1/patrons/{patron_id}"


def patron(shown: Patron, decided: Iterable[Consent], nodes: Iterable[Node], at: datetime) -> Shown:
    """The profile with every consent there is to decide, decided or not. `nodes` are those of the consortium."""
    body: Shown = {
        "id": shown.id, "owner": shown.owner, "registered_at": rfc3339(shown.registered_at),
        "consents": consents.states(shown, decided, nodes, at),
    }
    return body if shown.name is None else {**body, "name": shown.name}
