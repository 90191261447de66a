"""A collector of OpenTelemetry's spans, on loopback: what an operator's own would get."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATH = "/v1/traces"


@dataclass(frozen=True)
class Collected:
    """A span as it arrived; ids in hexadecimal digits."""

    service: str
    name: str
    trace: str
    id: str
    above: str
    attributes: dict[str, Any]


@dataclass
class Collector:
    """`url` is where it listens."""

    url: str
    spans: list[Collected] = field(default_factory=list)

    def of(self, trace: str) -> dict[tuple[str, str], Collected]:
        """The spans of one trace by service and name."""
        return {(each.service, each.name): each for each in list(self.spans) if each.trace == trace}


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


def _spans(body: bytes) -> Iterator[Collected]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _values(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Collected(service, span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                                _values(span.attributes))


@contextmanager
def collector() -> Iterator[Collector]:
    """One that runs."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collected.spans += _spans(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if self.path == PATH else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """The test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collected = Collector(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
        yield collected
        server.shutdown()
