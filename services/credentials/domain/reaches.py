"""Reaches: that one patron met one version of a recognition, what the college was told of it, and what it answered.

What was reached stays reached as time passes; only a credential that is revoked or suspended before the answer takes it
away. The college is told each state once, and only while the patron consents to that.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from contracts.calls.recognition import GRANTED, REFUSED
from libranet.clock import rfc3339
from libranet.ids import keyed_id
from services.credentials.domain import issuers
from services.credentials.domain.earning import Recognised
from services.credentials.domain.recognition import Credential, Recognition
from services.credentials.domain.recognition_refusals import AnswerFinal, ReachUnknown, RecognitionLost

REACHED, LOST = "reached", "lost"
ANSWERED = (GRANTED, REFUSED)
UNKNOWN = "GET /v1/recognitions/{id}/reached lists who reached it and lets you know."
Reach = dict[str, Any]
"""As it is stored. `sequence` counts its states; `told` is the last one that the college was told."""


def reach_id(recognition: Recognition, patron: str) -> str:
    """The same for one patron and version, however often it is reached; of no use to anybody but the college."""
    return keyed_id("reach", recognition["_id"], str(recognition["version"]), patron)


def reached(recognition: Recognition, patron: str, have: Sequence[Credential], moment: datetime) -> Reach:
    """A new one, of which nobody was told yet. It belongs to the library whose the newest of what counted is."""
    newest = max(have, key=lambda each: (each["issued_at"], each["_id"]))
    return {
        "_id": reach_id(recognition, patron), "owner": newest["owner"], "patron": patron,
        "recognition": recognition["_id"], "version": recognition["version"], "college": recognition["owner"],
        "title": recognition["title"], "gives": recognition["gives"], "address": recognition["address"],
        "state": REACHED, "sequence": 1, "reached_at": moment, "since": moment, "told": None,
        "credentials": counted(have), "answer": None,
    }


def judged_again(reach: Reach, have: Iterable[Credential], is_met: bool, moment: datetime) -> Reach:
    """Lost, or reached once more, or by others than before; the reach itself where all is as it was, and once it was
    answered."""
    state, credentials = (REACHED, counted(have)) if is_met else (LOST, reach["credentials"])
    if reach["state"] in ANSWERED or (state, credentials) == (reach["state"], reach["credentials"]):
        return reach
    if state == reach["state"]:
        return {**reach, "credentials": credentials}
    return {**reach, "state": state, "sequence": reach["sequence"] + 1, "since": moment, "credentials": credentials}


def is_to_tell(reach: Reach) -> bool:
    """Whether the college has to hear of its state: that it was lost only where it heard that it was reached."""
    if reach["state"] == REACHED:
        return bool(reach["told"] != REACHED)
    return bool(reach["state"] == LOST and reach["told"] == REACHED)


def told(reach: Reach) -> Reach:
    """Once the college was told of its state."""
    return {**reach, "told": reach["state"]}


def answered(reach: Reach, answer: str, reason: str | None, moment: datetime) -> Reach:
    """With the college's answer; the reach itself where that was the answer before.

    Raises ReachUnknown where the college was never told of it, RecognitionLost, AnswerFinal.
    """
    if reach["told"] is None:
        raise ReachUnknown(UNKNOWN)
    if reach["state"] == LOST:
        raise RecognitionLost("A credential that counted does not any more. You hear when it is reached again.")
    if reach["answer"] is not None:
        before = reach["answer"]
        if (before["answer"], before["reason"]) == (answer, reason):
            return reach
        raise AnswerFinal(f"It was {before['answer']}, and an answer is for good.")
    return {**reach, "state": answer, "sequence": reach["sequence"] + 1, "since": moment,
            "answer": {"answer": answer, "reason": reason, "answered_at": moment}}


def awarded(reach: Reach, event: str) -> Recognised | None:
    """What earns the achievement that the recognition awards; None where it was refused, or awards nothing. `event` is
    the request that granted it."""
    if reach["state"] != GRANTED or "awards" not in reach["gives"]:
        return None
    return Recognised(
        id=keyed_id("recognised", reach["recognition"], reach["patron"]), patron=reach["patron"],
        owner=reach["owner"], completed_at=rfc3339(reach["since"]), event=event, issuer=reach["college"],
        reached=reach["_id"], recognition=reach["recognition"], recognition_version=reach["version"],
        counted=[each["credential"] for each in reach["credentials"]])


def counted(credentials: Iterable[Credential]) -> list[dict[str, Any]]:
    """What is kept, and told, of credentials that count."""
    names = ("achievement", "achievement_name", "awarded_at", "public_url")
    return [{"credential": each["_id"], "issuer": issuers.node_of(each), **{name: each[name] for name in names}}
            for each in credentials]
