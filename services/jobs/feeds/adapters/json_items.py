"""Items of a JSON file one by one, from the parser's plain events.

Not with ijson's own `items`: it keeps the whole path to each value as text, so that nesting costs the square of its
depth, cannot be told to stop, and leaves each item in a circle that only the garbage collector frees.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

import ijson

from services.jobs.feeds.adapters.gauge import PIECE_BYTES, Gauge, encoding_of, words_of
from services.jobs.feeds.adapters.shape import FeedUnreadable

MOST_DEPTH = 64
MOST_DIGITS = 400
LONGER_NUMBER = re.compile(rb"[0-9]{%d}" % (MOST_DIGITS + 1))
OPENING, CLOSING = ("start_map", "start_array"), ("end_map", "end_array")


class NumberGauge(Gauge):
    """Stops before a number of thousands of digits: it fails inside the C parser (3.6.0), which then crashes."""

    _tail = b""

    def read(self, size: int = PIECE_BYTES) -> bytes:
        piece = super().read(size)
        if LONGER_NUMBER.search(self._tail + piece):
            raise FeedUnreadable(f"it has a number of more than {MOST_DIGITS} digits")
        self._tail = (self._tail + piece)[-MOST_DIGITS:]
        return piece


def events(file: IO[bytes]) -> Iterator[tuple[int, str, Any, Gauge]]:
    """(depth before it, event, value, gauge). Raises FeedUnreadable for what is no JSON, or nested out of measure."""
    gauge = NumberGauge(file, encoding_of(file))
    depth = 0
    try:
        for event, value in ijson.basic_parse(gauge, buf_size=PIECE_BYTES):
            if event in CLOSING:
                depth -= 1
            yield depth, event, float(value) if isinstance(value, Decimal) else value, gauge
            if event in OPENING:
                depth += 1
                if depth > MOST_DEPTH:
                    raise FeedUnreadable(f"it is nested deeper than {MOST_DEPTH}")
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        raise FeedUnreadable(f"it is not JSON in UTF-8 from some point on: {words_of(error)}") from None


def items(file: IO[bytes], member: str | None) -> Iterator[Any]:
    """The items of the list at the top, or of the list in a member of the object at the top."""
    level, inside = (1, True) if member is None else (2, False)
    builder: Builder | None = None
    for depth, event, value, gauge in events(file):
        if member is not None and depth == 1 and event == "map_key":
            inside = value == member
        if not inside or depth < level or (depth == level and event in ("map_key", *CLOSING) and builder is None):
            continue
        builder = builder or Builder()
        builder.take(event, value)
        if depth == level and event not in OPENING:
            gauge.item_done()
            yield builder.value
            builder = None


class Builder:
    """One value from its events."""

    def __init__(self) -> None:
        self.value: Any = None
        self._key = ""
        self._open: list[Any] = []

    def take(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._key = value
        elif event in CLOSING:
            self._open.pop()
        else:
            made = {} if event == "start_map" else [] if event == "start_array" else value
            self._put(made)
            if event in OPENING:
                self._open.append(made)

    def _put(self, value: Any) -> None:
        if not self._open:
            self.value = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        else:
            self._open[-1][self._key] = value
