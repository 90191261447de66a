"""Spans as the OpenTelemetry SDK records and exports them (OTLP over HTTP). Imported only where tracing is on.

The packaged instrumentation for nameko needs nameko 3; this is all of it that is needed (docs/decisions/0029).
"""

import logging
import os
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from libranet.spans import Span

HEADER = "traceparent"
PATIENCE, PATIENCE_SECONDS = "OTEL_EXPORTER_OTLP_TIMEOUT", "2"
"""For each of the four batches that may wait: a collector that is away must not hold up the stop of a process."""
_CONTEXTS = TraceContextTextMapPropagator()


class RecordedSpan(Span):
    """One that is exported, where it is sampled."""

    def __init__(self, span: trace.Span) -> None:
        headers: dict[str, str] = {}
        _CONTEXTS.inject(headers, trace.set_span_in_context(span))
        super().__init__(headers.get(HEADER))
        self._span = span

    def end(self, failed: bool = False, **attributes: Any) -> None:
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


class Recorder:
    """The SDK's tracer of one process."""

    def __init__(self, process: str, processor: SpanProcessor) -> None:
        resource = Resource.create({"service.name": process, "service.namespace": "libranet"})
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("libranet")

    def start(self, name: str, kind: str, traceparent: str | None, attributes: dict[str, Any]) -> Span:
        above = _CONTEXTS.extract({HEADER: traceparent} if traceparent else {}, Context())
        return RecordedSpan(self._tracer.start_span(name, above, trace.SpanKind[kind], attributes))


def exporting(process: str) -> Recorder:
    """To where OTEL_EXPORTER_OTLP_ENDPOINT says; the SDK's other variables are heeded (OTEL_TRACES_SAMPLER …)."""
    os.environ.setdefault(PATIENCE, PATIENCE_SECONDS)
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    return Recorder(process, BatchSpanProcessor(OTLPSpanExporter()))
