"""A partner's stream: what it may be told, numbered one by one. Here: how numbers are given and where a day begins.

Each number is given in the transaction that writes its row and the stream's newest number, so whoever reads the newest
number first finds every row up to it: no batch commits a lower number afterwards. What is missing was erased or is old.

A restored stream gives the numbers since its backup a second time, to other events. So it begins an era: positions
name it, and one of an era before counts up to where that ended.
"""

import re
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from gateway.deliveries.domain.refusals import PositionUnknown

FIRST_ERA, ERA_BYTES = "0", 4
KEPT_DAYS = 30
"""As long as deliveries: a partner that was away for a month's holiday has missed nothing."""
POSITION = re.compile(r"(?:([0-9a-f]{1,16})\.)?([0-9]{1,15})")
"""An era, which the first one's leave out, and a number."""


def row_id(node: str, number: int) -> str:
    """Where the event of this number is kept."""
    return f"{node}|{number}"


def empty(node: str) -> dict[str, Any]:
    """A stream that nothing was put into yet."""
    return {"_id": node, "last": 0, "days": {}, "touches": 0, "era": FIRST_ERA, "ended": {}}


def touched(stream: dict[str, Any]) -> dict[str, Any]:
    """The stream as it is, and yet another document: who writes it conflicts with a batch that is about to add to it,
    and so one of the two sees the other."""
    return {**stream, "touches": stream["touches"] + 1}


def extended(stream: dict[str, Any], count: int, moment: datetime) -> dict[str, Any]:
    """The stream after `count` more numbers; days that are no longer kept are forgotten."""
    first_kept = _day(moment - timedelta(days=KEPT_DAYS))
    days = {day: number for day, number in stream["days"].items() if day >= first_kept}
    return {**stream, "last": stream["last"] + count, "days": {_day(moment): stream["last"] + 1, **days}}


def restored(stream: dict[str, Any]) -> dict[str, Any]:
    """The stream of a restored backup, which does not know what it gave since."""
    ended = {**stream["ended"], stream["era"]: stream["last"]}
    return {**stream, "era": token_hex(ERA_BYTES), "ended": ended}


def first_since(stream: dict[str, Any], since: datetime) -> int:
    """The number from which on everything is found that was put in since then, and some of that day before it."""
    numbers: list[int] = [number for day, number in stream["days"].items() if day >= _day(since)]
    return min(numbers, default=int(stream["last"]) + 1)


def first_kept(stream: dict[str, Any], moment: datetime) -> int:
    """The number of the oldest event that is kept."""
    return first_since(stream, moment - timedelta(days=KEPT_DAYS))


def position(number: int, stream: dict[str, Any]) -> str:
    """What a partner is told of this number, to go on after it."""
    return str(number) if stream["era"] == FIRST_ERA else f"{stream['era']}.{number}"


def read_position(text: str | None, stream: dict[str, Any], moment: datetime) -> int:
    """The number after which to go on: `text` is the `next` of an answer before; without one, from the oldest kept.

    Raises PositionUnknown for what this stream has not given.
    """
    oldest = first_kept(stream, moment) - 1
    if text is None:
        return oldest
    found = POSITION.fullmatch(text)
    ends: dict[str, int] = {**stream["ended"], stream["era"]: stream["last"]}
    era, number = (found[1] or FIRST_ERA, int(found[2])) if found else ("", 0)
    if era not in ends or (era == stream["era"] and number > stream["last"]):
        raise PositionUnknown("Give the `next` of an earlier answer, or leave `after` out to begin with the oldest "
                              "event that is kept.", field="/after")
    return max(min(number, ends[era]), oldest)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
