"""The outbox's rows: all facts of one transaction in one row, in the order in which they were decided.

One row a transaction, not one a fact: a batch of a hundred effects then costs the database one insert and, once the
broker has confirmed it, one move to the archive (docs/decisions/0003).
"""

from collections.abc import Sequence
from typing import Any

from bson import Binary

from libranet.clock import now
from libranet.cloudevent import Event, from_json, to_json
from libranet.ids import new_id


def row(events: Sequence[Event]) -> dict[str, Any]:
    """The outbox document of one transaction's events; its id sorts by time."""
    return {
        "_id": new_id(),
        "recorded_at": now(),
        "types": sorted({event.type for event in events}),
        "events": [Binary(to_json(event)) for event in events],
    }


def events_of(document: dict[str, Any]) -> list[Event]:
    """The events of an outbox or archive document."""
    return [from_json(bytes(body)) for body in document["events"]]
