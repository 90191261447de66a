"""A replay: a subscription's way through its partner's stream once more, from a time on to where the stream ended then.

Kept as the subscription's member `replay`, one at a time, so that a kill loses nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.deliveries.domain import stream as streams
from gateway.deliveries.domain.refusals import ReplayRunning, SinceAhead
from gateway.deliveries.domain.schedule import DELIVERED
from gateway.deliveries.domain.subscriptions import EVERYTHING

RUNNING, DONE = "running", "done"
CLOCK_LEEWAY = timedelta(minutes=5)
SCHEDULE_DAYS = 2
"""More than the schedule's 26 hours."""


@dataclass(frozen=True)
class Wish:
    """What is to be sent again; `only_missing` leaves alone what was delivered."""

    since: datetime
    types: tuple[str, ...]
    only_missing: bool = False


def begun(replay: str, stream: Mapping[str, Any], wish: Wish, moment: datetime) -> dict[str, Any]:
    """A replay that begins now. Raises SinceAhead."""
    if wish.since > moment + CLOCK_LEEWAY:
        raise SinceAhead("`since` is ahead of us; give a time that has passed, with its offset from UTC.",
                         field="/since")
    first = streams.first_since(dict(stream), max(wish.since, moment - timedelta(days=streams.KEPT_DAYS)))
    return {"id": replay, "since": wish.since, "types": list(wish.types), "only_missing": wish.only_missing,
            "asked_at": moment, "state": RUNNING, "first": first, "next": first, "last": stream["last"],
            "is_settled": False, "planned": 0, "count": stream["last"] - first + 1}


def settled(replay: Mapping[str, Any], stream: Mapping[str, Any]) -> dict[str, Any]:
    """With its end: where the stream ends when the first piece is planned."""
    return {**replay, "last": stream["last"], "is_settled": True}


def missed(subscription: Mapping[str, Any]) -> Wish:
    """What a subscription that was switched off did not get, and nothing from before it was made: a delivery whose
    first attempts failed before the last success of all was under way for SCHEDULE_DAYS at most."""
    failing = subscription["failing"]
    since: datetime = failing["since"] if failing else subscription["disabled_at"]
    since = max(since - timedelta(days=SCHEDULE_DAYS), subscription["created_at"])
    return Wish(since, tuple(subscription["types"]), only_missing=True)


def is_running(replay: Mapping[str, Any] | None) -> bool:
    return replay is not None and replay["state"] == RUNNING


def wish_of(replay: Mapping[str, Any]) -> Wish:
    return Wish(replay["since"], tuple(replay["types"]), replay["only_missing"])


def check_may_begin(replay: Mapping[str, Any] | None, wish: Wish) -> None:
    """Raises ReplayRunning while one of another kind is under way; the same one may begin anew."""
    if replay is not None and is_running(replay) and wish_of(replay) != wish:
        raise ReplayRunning("Another replay of this subscription is under way; GET the subscription to see how far it "
                            "is, and ask again when it is done.")


def takes(replay: Mapping[str, Any], event: Mapping[str, Any], kept_status: str | None) -> bool:
    """Whether an event of the stream is sent again; `kept_status` is that of its delivery, None where there is none."""
    if event["time"] < replay["since"] or (replay["only_missing"] and kept_status == DELIVERED):
        return False
    return EVERYTHING in replay["types"] or event["type"] in replay["types"]


def advanced(replay: Mapping[str, Any], upto: int, planned: int) -> dict[str, Any]:
    """After everything up to this number was looked at."""
    return {**replay, "next": upto + 1, "planned": replay["planned"] + planned,
            "state": DONE if upto >= replay["last"] else RUNNING}
