"""What callers are shown of consents: each state with where to change it, and the receipt of a decision."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from services.profiles.consents.domain.consents import Consent
from services.profiles.consents.domain.purposes import DATA_CLASSES, PURPOSES, Purpose, offers
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron

Shown = dict[str, Any]


def consent_path(patron_id: str, purpose: str, recipient: str) -> str:
    return f"/v1/patrons/{patron_id}/consents/{purpose}/{recipient}"


def states(patron: Patron, consents: Iterable[Consent], nodes: Iterable[Node], at: datetime) -> list[Shown]:
    """Every consent there is to decide, decided or not. `nodes` are those that it may concern."""
    by_id = {node.id: node for node in nodes}
    decided = {(each.purpose, each.recipient): each for each in consents}
    asked = {(purpose.name, node.id): node for purpose, node in offers(patron, by_id.values())}
    places = {**{key: by_id.get(key[1]) for key in decided}, **asked}
    return [_consent(patron.id, PURPOSES[name], recipient, node, decided.get((name, recipient)), at)
            for (name, recipient), node in sorted(places.items(), key=lambda place: place[0])]


def receipt(consent: Consent, recipient: Node) -> Shown:
    """What was decided, to print or keep."""
    path = consent_path(consent.patron, consent.purpose, consent.recipient)
    withdraw = (f'PUT {path} with {{"granted": false}}, or ask at the library.' if consent.granted
                else "Nothing to withdraw: this is not allowed now.")
    body = {
        "id": consent.id, "patron": consent.patron, "purpose": consent.purpose, "recipient": consent.recipient,
        "granted": consent.granted, "explanation": PURPOSES[consent.purpose].explained(recipient.name),
        "data_classes": list(consent.data_classes), "decided_at": rfc3339(consent.decided_at),
        "sequence": consent.sequence, "withdraw": withdraw, "receipt": f"{path}/receipt",
    }
    if consent.guardian:
        body["guardian"] = {"relation": consent.guardian.relation,
                            "confirmed_at": rfc3339(consent.guardian.confirmed_at)}
    return body if consent.expires_at is None else {**body, "expires_at": rfc3339(consent.expires_at)}


def purpose(shown: Purpose) -> Shown:
    return {
        "name": shown.name, "explanation": shown.explained("The recipient"),
        "recipients": sorted(shown.recipient_kinds) or ["own-library"],
        "data_classes": [{"name": each, "explanation": DATA_CLASSES[each]} for each in shown.data_classes],
        "basis": shown.basis, "usual_days": shown.default_days, "longest_days": shown.longest_days,
        "guardian_for_minors": shown.guardian,
    }


def _consent(patron_id: str, purpose: Purpose, recipient: str, place: Node | None, decided: Consent | None,
             at: datetime) -> Shown:
    granted = purpose.is_on_unasked if decided is None else decided.holds(at)
    body: Shown = {
        "purpose": purpose.name, "recipient": recipient, "granted": granted,
        "explanation": purpose.explained(place.name if place else recipient), "basis": purpose.basis,
        "href": consent_path(patron_id, purpose.name, recipient),
        "data_classes": list(decided.data_classes if decided else purpose.data_classes),
    }
    if decided is not None:
        body["decided_at"] = rfc3339(decided.decided_at)
        if decided.expires_at is not None:
            body["expires_at"] = rfc3339(decided.expires_at)
    return body
