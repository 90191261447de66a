"""Reconsiderations, and what hangs on their credentials, as contracts/calls/reconsiderations.py shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from libranet.collection import Document
from services.credentials.domain import clr, earning, life, reconsidering
from services.credentials.domain.reconsidering import Reconsideration

MOMENTS = ("withdrawn_at", "opened_at", "closed_at")
IN_QUEUE = ("credential", "achievement", "achievement_name", "state", "why", "outcome", "reason")


@dataclass(frozen=True)
class Hanging:
    """All that a patron has that may hang on a credential."""

    credentials: Sequence[Document]
    records: Sequence[Document]
    reaches: Sequence[Document]


def queued(question: Reconsideration) -> dict[str, Any]:
    """As the queue shows it: whose it is, and what hangs on it, whoever reads it is on record for."""
    return {
        "id": question["_id"], "issuer": question["owner"], "because": reconsidering.words(question),
        **{name: question[name] for name in IN_QUEUE if question[name]},
        **{name: rfc3339(question[name]) for name in MOMENTS if question[name]},
    }


def reconsideration(question: Reconsideration, hanging: Hanging, now: datetime) -> dict[str, Any]:
    own_id = question["credential"]
    held = {each["_id"]: each for each in hanging.credentials}
    names = ("patron", "completion", "course", "statement")
    return {
        **queued(question),
        **{name: question[name] for name in names if question[name]},
        "lacks": question["lacks"],
        "credential_state": life.state_at(held[own_id], now),
        "is_shared": bool(held[own_id]["shared_at"]),
        "is_claimed": bool(held[own_id].get("claimed_at")),
        "hangs_on_it": {
            "credentials": [_stacked(each, now) for each in _built_on(own_id, hanging.credentials)],
            "recognitions": [_reach(each) for each in hanging.reaches
                             if any(one["credential"] == own_id for one in each["credentials"])],
            "records": [{"id": each["_id"], "name": each["name"], "public_url": each["public_url"]}
                        for each in hanging.records
                        if own_id in each["credentials"] and each["status"] != clr.WITHDRAWN],
        },
    }


def open_question(question: Reconsideration) -> dict[str, Any]:
    """What its learner sees of one that is open."""
    return {"opened_at": rfc3339(question["opened_at"]), "because": reconsidering.words(question)}


def _built_on(own_id: str, credentials: Sequence[Document]) -> list[Document]:
    """The credentials that were earned by this one, and by those in turn."""
    found: dict[str, Document] = {}
    reached = {own_id}
    while reached:
        above = {each["_id"]: each for each in credentials
                 if each["_id"] not in found and reached & set(earning.rests_on(each["because"]))}
        found |= above
        reached = set(above)
    return list(found.values())


def _stacked(credential: Document, now: datetime) -> dict[str, Any]:
    names = ("achievement", "achievement_name")
    return {"id": credential["_id"], **{name: credential[name] for name in names},
            "state": life.state_at(credential, now)}


def _reach(reach: Document) -> dict[str, Any]:
    names = ("recognition", "college", "title", "state")
    return {**{name: reach[name] for name in names}, "college_was_told": reach["told"] is not None}
