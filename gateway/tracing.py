"""Which request this is: ids that a caller may bring and that travel to the last event, and one log line a request.

Log lines hold ids and route templates; never a path, a query string, a name or an address.
"""

import re
import time

from flask import Flask, Response, g, request

from libranet import spans
from libranet.ids import new_id
from libranet.logs import log

SANE_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,100}")
UNMATCHED = "unmatched"
QUIET_ROUTES = ("/healthz", "/readyz", "/metrics")


def install(app: Flask) -> None:
    """Gives every request its ids and its log line."""
    app.before_request(_begin)
    app.after_request(_name)


def _begin() -> None:
    g.started_at = time.perf_counter()
    g.request_id = _sane(request.headers.get("X-Request-Id")) or new_id()
    g.correlation_id = _sane(request.headers.get("X-Correlation-Id")) or g.request_id
    g.client_id = None
    brought = request.headers.get("traceparent")
    g.span = spans.Span(brought) if route() in QUIET_ROUTES else spans.start(
        f"{request.method} {route()}", spans.SERVER, brought)


def _name(response: Response) -> Response:
    request_id, correlation_id, asked = g.request_id, g.correlation_id, route()
    response.headers.extend((("X-Request-Id", request_id), ("X-Correlation-Id", correlation_id)))
    if asked not in QUIET_ROUTES:
        g.span.end(response.status_code >= 500, **{
            "http.request.method": request.method, "http.route": asked, "libranet.request_id": request_id,
            "http.response.status_code": response.status_code})
        log().info("answered a request", method=request.method, route=asked, status=response.status_code,
                   milliseconds=round(seconds() * 1000, 1), request_id=request_id, correlation_id=correlation_id,
                   client=g.client_id)
    return response


def route() -> str:
    """The template of the path (`/v1/patrons/<patron>`), so that nothing of a person gets into logs and figures."""
    rule = request.url_rule
    return rule.rule if rule else UNMATCHED


def seconds() -> float:
    """Since the request began."""
    return float(time.perf_counter() - g.started_at)


def _sane(text: str | None) -> str | None:
    return text if text and SANE_ID.fullmatch(text) else None
