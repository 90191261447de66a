"""The outbox's rows: all facts of one transaction in one row, in the order in which they were decided.

One row a transaction, not one a fact: a batch of a hundred effects then costs the database one insert and, once the
broker has confirmed it, one move to the archive (docs/decisions/0003). Only what would burst a document is split.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from bson import Binary

from libranet.clock import now
from libranet.cloudevent import Event, from_json, to_json
from libranet.ids import new_id

LARGEST_ROW_BYTES = 4 * 2**20  # a document may hold 16 MiB; a transaction that tells more makes several rows


def rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The outbox documents of one transaction's events; their ids sort in the events' order."""
    bodies = [to_json(event) for event in events]
    starts, size = [0], 0
    for number, body in enumerate(bodies):
        size += len(body)
        if number and size > LARGEST_ROW_BYTES:
            starts.append(number)
            size = len(body)
    return [_document(events[start:end], bodies[start:end]) for start, end in pairwise([*starts, len(events)])]


def row(events: Sequence[Event]) -> dict[str, Any]:
    """These events in one document; its id sorts by time."""
    return _document(events, [to_json(event) for event in events])


def _document(events: Sequence[Event], bodies: Sequence[bytes]) -> dict[str, Any]:
    return {
        "_id": new_id(),
        "recorded_at": now(),
        "types": sorted({event.type for event in events}),
        "events": [Binary(body) for body in bodies],
    }


def events_of(document: dict[str, Any]) -> list[Event]:
    """The events of an outbox or archive document."""
    return [from_json(bytes(body)) for body in document["events"]]
