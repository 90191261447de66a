"""The platform's relay, with a clock: it ends when everything is confirmed and moved to the archive.

The clock is put into the relay itself: a service has one relay with its calls and hearers, and one of another class
would stand beside it and share its work.
"""

from typing import Any

from bench.meter import Meter
from libranet import broker
from libranet.relay import Relay

METER = Meter()
_next_rows, _publish = Relay._next_rows, Relay._publish
_archived = 0


def _next_rows_by_the_clock(relay: Relay) -> list[dict[str, Any]]:
    """The clock begins with the first rows read, unless it runs already."""
    if not METER.began and METER.warm_up == 0:
        METER.begin()
    return _next_rows(relay)


def _publish_by_the_clock(relay: Relay, rows: list[dict[str, Any]], publisher: broker.Publisher) -> None:
    global _archived
    _publish(relay, rows, publisher)
    _archived += sum(len(row["events"]) for row in rows)
    if _archived >= METER.total:
        METER.end(_archived)


def put_in() -> None:
    """Into every relay of this process, before its service runs."""
    Relay._next_rows = _next_rows_by_the_clock  # type: ignore[method-assign]
    Relay._publish = _publish_by_the_clock  # type: ignore[method-assign]
