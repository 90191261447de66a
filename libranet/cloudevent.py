"""The envelope: CloudEvents 1.0 in structured JSON, with the platform's extension attributes.

A `Fact` is what a domain decided; with its `Cause` it becomes an `Event`. An event's id follows from its cause by a
keyed hash, so the same cause never makes two different events of one fact.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from libranet.clock import now, parse_rfc3339, rfc3339
from libranet.ids import keyed_id

CONTENT_TYPE = "application/cloudevents+json"
PREFIX = "org.libranet."
TEXTS = ("id", "type", "source", "subject", "owner", "actor", "correlation_id", "causation_id")
"""The members of an event that are text, always."""


class EventUnreadable(ValueError):
    """The bytes are no CloudEvent of this platform."""


@dataclass(frozen=True)
class Cause:
    """Why something happened: who acted, in which conversation, by which request or event."""

    actor: str
    correlation_id: str
    id: str
    traceparent: str | None = None


@dataclass(frozen=True)
class Fact:
    """What a domain decided, in the past tense. `sequence` counts the states of `subject`, from 1."""

    type: str
    subject: str
    owner: str
    data: dict[str, Any] = field(default_factory=dict)
    sequence: int = 1


@dataclass(frozen=True)
class Event:
    """One fact on its way. `time` is when it was decided; `owner` the node it belongs to.

    Raises TypeError for an attribute that is no text: what cannot be read must not be stored for publishing either.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    owner: str
    actor: str
    sequence: int
    correlation_id: str
    causation_id: str
    data: dict[str, Any]
    traceparent: str | None = None

    def __post_init__(self) -> None:
        for name in TEXTS:
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} is no text")

    @property
    def cause(self) -> Cause:
        """This event as the cause of what a hearer does."""
        return Cause(self.actor, self.correlation_id, self.id, self.traceparent)

    @property
    def short_type(self) -> str:
        """`credential-issued` of `org.libranet.credentials.credential-issued.v1`."""
        return self.type.split(".")[3]


def from_fact(fact: Fact, cause: Cause, source: str) -> Event:
    """The event of a fact: its id is the same whenever the same cause decides the same fact."""
    return Event(
        id=keyed_id("event", cause.id, fact.type, fact.subject, str(fact.sequence)),
        type=fact.type, source=source, subject=fact.subject, time=now(), owner=fact.owner, actor=cause.actor,
        sequence=fact.sequence, correlation_id=cause.correlation_id, causation_id=cause.id, data=fact.data,
        traceparent=cause.traceparent,
    )


def to_json(event: Event) -> bytes:
    """Structured mode (CloudEvents JSON format 1.0, 3). `sequence` is text, as attribute values are no big numbers."""
    envelope = {
        "specversion": "1.0", "id": event.id, "source": f"/libranet/{event.source}", "type": event.type,
        "subject": event.subject, "time": rfc3339(event.time), "datacontenttype": "application/json",
        "dataschema": f"urn:libranet:event:{event.type}", "owner": event.owner, "actor": event.actor,
        "sequence": str(event.sequence), "correlationid": event.correlation_id,
        "causationid": event.causation_id, "data": event.data,
    }
    if event.traceparent:
        envelope["traceparent"] = event.traceparent
    return orjson.dumps(envelope)


def from_json(body: bytes) -> Event:
    """The event in structured JSON; raises EventUnreadable when it is none of this platform's."""
    try:
        raw = orjson.loads(body)
        if raw["specversion"] != "1.0" or not isinstance(raw["data"], dict):
            raise EventUnreadable("not a CloudEvent 1.0 with an object as data")
        return Event(
            id=raw["id"], type=raw["type"], source=raw["source"].removeprefix("/libranet/"),
            subject=raw["subject"], time=parse_rfc3339(raw["time"]), owner=raw["owner"], actor=raw["actor"],
            sequence=int(raw["sequence"]), correlation_id=raw["correlationid"], causation_id=raw["causationid"],
            data=raw["data"], traceparent=raw.get("traceparent"),
        )
    except EventUnreadable:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise EventUnreadable(f"not an event of this platform: {type(error).__name__} {error}") from error
