"""Spans: what goes along as `traceparent` with tracing off and on, and what is recorded."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libranet import spans
from libranet.clock import now
from libranet.cloudevent import Event
from libranet.otel import Recorder
from libranet.settings import SettingMissing

TRACE, ABOVE = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, UNSAMPLED = (f"00-{TRACE}-{ABOVE}-{flags}" for flags in ("01", "00"))


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    before = spans._tracer
    spans.record_with(Recorder("jobs", SimpleSpanProcessor(kept)))
    yield kept
    spans.record_with(before)


def an_event(traceparent: str | None) -> Event:
    return Event("e1", "org.libranet.learning.enrolled.v1", "learning", "p1", now(), "demo", "k_1", 1, "c1", "r1", {},
                 traceparent)


@pytest.mark.parametrize("brought", [None, SAMPLED, "whatever a caller sends"])
def test_off_it_goes_along_as_it_came(brought: str | None) -> None:
    assert spans.start("asked", spans.SERVER, brought).traceparent == brought
    with spans.handling("jobs.courses", [an_event(brought)]) as events:
        assert [each.traceparent for each in events] == [brought]


def test_it_is_off_unless_the_environment_says_where_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(spans.SWITCH, raising=False)
    before = spans._tracer
    spans.begin("jobs")
    assert spans._tracer is before


def test_without_the_sdk_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(spans.SWITCH, "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "libranet.otel", None)
    with pytest.raises(SettingMissing, match="libranet\\[tracing\\]"):
        spans.begin("jobs")


def test_a_span_is_below_the_one_that_asked(recorded: InMemorySpanExporter) -> None:
    span = spans.start("match_jobs", spans.SERVER, SAMPLED)
    span.end(**{"http.response.status_code": 200})
    [found] = recorded.get_finished_spans()
    assert (found.name, found.kind.name) == ("match_jobs", "SERVER")
    assert (f"{found.context.trace_id:032x}", f"{found.parent.span_id:016x}") == (TRACE, ABOVE)
    assert span.traceparent == f"00-{TRACE}-{found.context.span_id:016x}-01"
    assert found.resource.attributes["service.name"] == "jobs"
    assert found.status.is_ok or found.status.status_code.name == "UNSET"


@pytest.mark.parametrize("brought", [None, "", "nonsense", f"00-{'0' * 32}-{ABOVE}-01", f"00-{TRACE}-{ABOVE}"])
def test_without_a_readable_one_a_trace_begins(recorded: InMemorySpanExporter, brought: str | None) -> None:
    spans.start("match_jobs", spans.SERVER, brought).end()
    [found] = recorded.get_finished_spans()
    assert found.parent is None
    assert f"{found.context.trace_id:032x}" != TRACE


def test_what_the_caller_does_not_sample_is_not_recorded_and_goes_on(recorded: InMemorySpanExporter) -> None:
    span = spans.start("match_jobs", spans.SERVER, UNSAMPLED)
    span.end(failed=True)
    assert recorded.get_finished_spans() == ()
    assert (span.traceparent or "").startswith(f"00-{TRACE}-")
    assert (span.traceparent or "").endswith("-00")


def test_each_event_of_a_batch_goes_on_below_whoever_told_it(recorded: InMemorySpanExporter) -> None:
    with spans.handling("jobs.courses", [an_event(SAMPLED), an_event(None)]) as events:
        assert recorded.get_finished_spans() == ()
    told, alone = recorded.get_finished_spans()
    assert (told.name, told.kind.name) == ("jobs.courses process", "CONSUMER")
    assert f"{told.parent.span_id:016x}" == ABOVE
    assert alone.parent is None
    assert [each.traceparent for each in events] == [
        f"00-{each.context.trace_id:032x}-{each.context.span_id:016x}-{each.context.trace_flags:02x}"
        for each in (told, alone)]
    assert dict(told.attributes or {}) == {
        "messaging.system": "rabbitmq", "messaging.destination.name": "jobs.courses", "messaging.message.id": "e1",
        "cloudevents.event_type": "org.libranet.learning.enrolled.v1", "messaging.batch.message_count": 2}


def test_what_fails_is_marked_and_raised(recorded: InMemorySpanExporter) -> None:
    def fails() -> Any:
        with spans.handling("jobs.courses", [an_event(SAMPLED)]):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    [found] = recorded.get_finished_spans()
    assert found.status.status_code.name == "ERROR"
    assert found.events == ()
