"""Whether a credential still stands whose completion was withdrawn at the source: a question for people.

Nothing is done to the credential until staff of its issuer decide. They keep it, or revoke it; suspended, it stays in
their queue. A completion that is told again, and earns it, closes the question, and takes back a suspension that was
decided on it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libranet.clock import parse_rfc3339
from services.credentials.domain import conditions, life
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.conditions import Lack
from services.credentials.domain.life import Credential
from services.credentials.domain.refusals import ReconsiderationClosed
from services.credentials.domain.told import Told

OPEN, CLOSED = "open", "closed"
KEEP, SUSPEND, REVOKE = "keep", "suspend", "revoke"
KEPT, REVOKED, TOLD_AGAIN = "kept", "revoked", "told-again"
WITHDRAWN, CONDITIONS = "completion-withdrawn", "conditions-unmet"
SAID = {
    "voided": "The learning platform voided the statement that the course was completed.",
    "failed": "The learning platform says that the course was failed after all.",
    "course-un-completed": "The learning platform took back that the course was completed.",
}
TAKEN_BACK = "The learning platform tells no completion any more."
AGAIN = "The learning platform tells the completion again."
Reconsideration = dict[str, Any]
"""As it is stored. `suspended_at` is when its credential was suspended by a decision on it."""


def still_earns(told: Told, version: Achievement) -> bool:
    """Whether what is told now earns the achievement; of which course a later version is, is of no matter."""
    return conditions.earning_one(version, told.attempts) is not None


def questioned(credential: Credential, told: Told, version: Achievement, at: datetime, own_id: str) -> Reconsideration:
    """A new question about a credential that what is told does not earn any more."""
    return {
        "_id": own_id, "credential": credential["_id"], "patron": credential["patron"], "owner": credential["owner"],
        "achievement": credential["achievement"], "achievement_name": credential["achievement_name"],
        "completion": told.completion, "course": told.course, "state": OPEN, "sequence": 1, "opened_at": at,
        "outcome": None, "reason": None, "closed_at": None, "suspended_at": None, **_why(told, version)}


def questioned_again(before: Reconsideration, told: Told, version: Achievement) -> Reconsideration:
    """One that is open, with what was told last."""
    return {**before, **_why(told, version)}


def closed(before: Reconsideration, outcome: str, reason: str, at: datetime) -> Reconsideration:
    return {**before, "state": CLOSED, "sequence": before["sequence"] + 1, "outcome": outcome, "reason": reason,
            "closed_at": at}


def decide(question: Reconsideration, credential: Credential, decision: str, reason: str,
           at: datetime) -> tuple[Reconsideration, Credential]:
    """What becomes of both; the same objects where it was decided so before. Raises ReconsiderationClosed."""
    if question["state"] == CLOSED:
        if (question["outcome"], question["reason"]) == ({KEEP: KEPT, REVOKE: REVOKED}.get(decision), reason):
            return question, credential
        raise ReconsiderationClosed(f"It was closed: {question['outcome']}. Suspend, reinstate or revoke the "
                                    "credential by its own calls.")
    if decision == SUSPEND:
        after = life.suspend(credential, reason, at)
        return (question if after is credential else {**question, "suspended_at": at}), after
    if decision == REVOKE:
        return closed(question, REVOKED, reason, at), life.revoke(credential, reason, at)
    return settled(question, credential, KEPT, reason, at)


def settled(question: Reconsideration, credential: Credential, outcome: str, reason: str,
            at: datetime) -> tuple[Reconsideration, Credential]:
    """Closed, with a credential that stands: no longer suspended where that was decided on this very question."""
    if credential["status"] == life.SUSPENDED and credential["status_since"] == question["suspended_at"]:
        credential = life.reinstate(credential, at)
    return closed(question, outcome, reason, at), credential


def words(question: Reconsideration) -> str:
    """Why it was opened, for people."""
    if question["why"] == WITHDRAWN:
        return SAID.get(question["rule"], TAKEN_BACK)
    return " ".join(each["reason"] for each in question["lacks"])


def _why(told: Told, version: Achievement) -> dict[str, Any]:
    """`rule`, `statement` and `withdrawn_at` of a withdrawal; `lacks` where something is told that is not enough."""
    if told.attempts:
        return {"why": CONDITIONS, "rule": None, "statement": None, "withdrawn_at": None,
                "lacks": _lacks(version, told)}
    return {"why": WITHDRAWN, "rule": told.rule, "statement": told.by, "lacks": [],
            "withdrawn_at": parse_rfc3339(told.at) if told.at else None}


def _lacks(version: Achievement, told: Told) -> Sequence[Lack]:
    return conditions.least_lacks(version, told.attempts)
