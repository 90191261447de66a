"""A partner's stream: what it may be told, numbered one by one. Here: how numbers are given and where a day begins.

Each number is given in the transaction that writes its row and the stream's newest number, so whoever reads the newest
number first finds every row up to it: no batch commits a lower number afterwards. What is missing was erased or is old.
"""

from datetime import datetime, timedelta
from typing import Any

from gateway.deliveries.domain.refusals import PositionUnknown

KEPT_DAYS = 30
"""As long as deliveries: a partner that was away for a month's holiday has missed nothing."""
LONGEST_POSITION = 15
"""Digits: more than any stream will count."""


def row_id(node: str, number: int) -> str:
    """Where the event of this number is kept."""
    return f"{node}|{number}"


def empty(node: str) -> dict[str, Any]:
    """A stream that nothing was put into yet."""
    return {"_id": node, "last": 0, "days": {}, "touches": 0}


def touched(stream: dict[str, Any]) -> dict[str, Any]:
    """The stream as it is, and yet another document: who writes it conflicts with a batch that is about to add to it,
    and so one of the two sees the other."""
    return {**stream, "touches": stream["touches"] + 1}


def extended(stream: dict[str, Any], count: int, moment: datetime) -> dict[str, Any]:
    """The stream after `count` more numbers; days that are no longer kept are forgotten."""
    first_kept = _day(moment - timedelta(days=KEPT_DAYS))
    days = {day: number for day, number in stream["days"].items() if day >= first_kept}
    return {**stream, "last": stream["last"] + count, "days": {_day(moment): stream["last"] + 1, **days}}


def first_since(stream: dict[str, Any], since: datetime) -> int:
    """The number from which on everything is found that was put in since then, and some of that day before it."""
    numbers: list[int] = [number for day, number in stream["days"].items() if day >= _day(since)]
    return min(numbers, default=int(stream["last"]) + 1)


def first_kept(stream: dict[str, Any], moment: datetime) -> int:
    """The number of the oldest event that is kept."""
    return first_since(stream, moment - timedelta(days=KEPT_DAYS))


def read_position(text: str | None, stream: dict[str, Any], moment: datetime) -> int:
    """The number after which to go on: `text` is the `next` of an answer before; without one, from the oldest kept.

    Raises PositionUnknown for what this stream has not given.
    """
    oldest = first_kept(stream, moment) - 1
    if text is None:
        return oldest
    if not (text.isascii() and text.isdigit()) or len(text) > LONGEST_POSITION or int(text) > stream["last"]:
        raise PositionUnknown("Give the `next` of an earlier answer, or leave `after` out to begin with the oldest "
                              "event that is kept.", field="/after")
    return max(int(text), oldest)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
