"""A message as the broker hands it over: the event in it or the reason why there is none, and how often it failed."""

from collections.abc import Collection
from typing import Any

from contracts import event_types, topology
from libranet.cloudevent import Event, EventUnreadable, from_json
from libranet.quarantine import Poison

ATTEMPT_HEADER = "libranet-attempt"


def body_of(message: Any) -> bytes:
    """py-amqp has text for an empty body."""
    return bytes(message.body or b"")


def attempts_of(message: Any) -> int:
    """How often this event failed before; whatever else stands in the header counts as never."""
    value = (message.headers or {}).get(ATTEMPT_HEADER)
    return min(max(value, 0), len(topology.DELAYS_SECONDS)) if isinstance(value, int) else 0


def read(message: Any, types: Collection[str]) -> Event | Poison:
    """The event, held to its contract; poison when it is none, or none of `types` (an old binding brings those)."""
    body = body_of(message)
    try:
        event = from_json(body)
        event_types.check(event.type, event.data)
    except (EventUnreadable, event_types.EventUnlikeContract) as error:
        return Poison(None, body, str(error))
    if event.type not in types:
        return Poison(event.id, body, f"{event.type} is not heard here")
    return event
