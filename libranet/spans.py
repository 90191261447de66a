"""Spans for OpenTelemetry: what a request does is one trace, from the gateway by calls and events to the last hearer.

Off unless OTEL_EXPORTER_OTLP_ENDPOINT is set, which needs the extra `tracing`. A trace goes along as `traceparent`
(W3C Trace Context), by header and in each event, also where it is off. Spans hold ids, route templates and types of
events; never people.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, Protocol

from libranet.cloudevent import Event
from libranet.settings import SettingMissing

SERVER, CONSUMER = "SERVER", "CONSUMER"
SWITCH = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Span:
    """One that nobody records; `traceparent` is what goes on to whoever is asked or told."""

    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def end(self, failed: bool = False, **attributes: Any) -> None:
        """It is over; what became known of it."""


class Tracer(Protocol):
    """Who records spans."""

    def start(self, name: str, kind: str, traceparent: str | None, attributes: dict[str, Any]) -> Span:
        """A span below the one that `traceparent` names, else the first of a trace."""


class _Nobody:
    """The tracer where it is off."""

    def start(self, _name: str, _kind: str, traceparent: str | None, _attributes: dict[str, Any]) -> Span:
        return Span(traceparent)


_tracer: Tracer = _Nobody()


def begin(process: str) -> None:
    """Records this process's spans from now on, where the environment asks for it. Raises SettingMissing without the
    extra."""
    if not os.environ.get(SWITCH):
        return
    try:
        record_with(import_module("libranet.otel").exporting(process))
    except ModuleNotFoundError as error:
        raise SettingMissing(f"{SWITCH} is set; install `libranet[tracing]`, or unset it.") from error


def record_with(tracer: Tracer) -> None:
    """All that start from now on."""
    global _tracer
    _tracer = tracer


def start(name: str, kind: str, traceparent: str | None = None, **attributes: Any) -> Span:
    """A span that its caller ends."""
    return _tracer.start(name, kind, traceparent, attributes)


@contextmanager
def handling(queue: str, events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events as they are handled: each in a span below whoever told it, and what it causes is below that."""
    if isinstance(_tracer, _Nobody):
        yield list(events)
        return
    spans = [start(f"{queue} process", CONSUMER, event.traceparent, **{
        "messaging.system": "rabbitmq", "messaging.destination.name": queue, "messaging.message.id": event.id,
        "cloudevents.event_type": event.type, "messaging.batch.message_count": len(events)}) for event in events]
    failed = True
    try:
        yield [replace(event, traceparent=span.traceparent) for event, span in zip(events, spans, strict=True)]
        failed = False
    finally:
        for span in spans:
            span.end(failed)
