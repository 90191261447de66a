"""What callers are shown of profiles' state: the bodies of answers, as contracts/calls/profiles.py describes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from services.profiles.domain.consents import PURPOSES, Consent, Purpose, offers
from services.profiles.domain.erasures import Erasure
from services.profiles.domain.nodes import Node
from services.profiles.domain.patrons import Patron

Shown = dict[str, Any]
PENDING = "pending"


def patron_path(patron_id: str) -> str:
    return f"/v1/patrons/{patron_id}"


def consent_path(patron_id: str, purpose: str, recipient: str) -> str:
    return f"{patron_path(patron_id)}/consents/{purpose}/{recipient}"


def patron(shown: Patron, consents: Iterable[Consent], nodes: Iterable[Node], at: datetime) -> Shown:
    """The profile with every consent there is to decide, decided or not. `nodes` are those of the consortium."""
    by_id = {node.id: node for node in nodes}
    decided = {(each.purpose, each.recipient): each for each in consents}
    asked = {(purpose.name, node.id): node for purpose, node in offers(shown, by_id.values())}
    places = {**{key: by_id.get(key[1]) for key in decided}, **asked}
    body: Shown = {
        "id": shown.id, "owner": shown.owner, "registered_at": rfc3339(shown.registered_at),
        "consents": [_consent(shown.id, PURPOSES[name], recipient, node, decided.get((name, recipient)), at)
                     for (name, recipient), node in sorted(places.items(), key=lambda place: place[0])],
    }
    return body if shown.name is None else {**body, "name": shown.name}


def receipt(consent: Consent, recipient: Node) -> Shown:
    """What was decided, to print or keep."""
    path = consent_path(consent.patron, consent.purpose, consent.recipient)
    withdraw = (f'PUT {path} with {{"granted": false}}, or ask at the library.' if consent.granted
                else "Nothing to withdraw: this is not allowed now.")
    body = {
        "id": consent.id, "patron": consent.patron, "purpose": consent.purpose, "recipient": consent.recipient,
        "granted": consent.granted, "explanation": PURPOSES[consent.purpose].explained(recipient.name),
        "decided_at": rfc3339(consent.decided_at), "sequence": consent.sequence, "withdraw": withdraw,
    }
    return body if consent.expires_at is None else {**body, "expires_at": rfc3339(consent.expires_at)}


def erasure_path(erasure_id: str) -> str:
    return f"/v1/erasures/{erasure_id}"


def erasure(shown: Erasure) -> Shown:
    return {
        "id": shown.id, "patron": shown.patron, "requested_at": rfc3339(shown.requested_at),
        "complete": shown.complete, "href": erasure_path(shown.id),
        "answers": {service: PENDING if at is None else rfc3339(at) for service, at in sorted(shown.answers.items())},
    }


def node(shown: Node) -> Shown:
    return {"id": shown.id, "kind": shown.kind, "name": shown.name}


def _consent(patron_id: str, purpose: Purpose, recipient: str, place: Node | None, decided: Consent | None,
             at: datetime) -> Shown:
    body: Shown = {
        "purpose": purpose.name, "recipient": recipient, "granted": decided is not None and decided.holds(at),
        "explanation": purpose.explained(place.name if place else recipient),
        "href": consent_path(patron_id, purpose.name, recipient),
    }
    if decided is not None:
        body["decided_at"] = rfc3339(decided.decided_at)
        if decided.expires_at is not None:
            body["expires_at"] = rfc3339(decided.expires_at)
    return body
