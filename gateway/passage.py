"""How an admitted request reaches a service, and how the service's answer comes back to the caller.

`hand_on` passes a request to the service that owns the call; `ask` makes a call of the gateway's own beside it, for
somebody, with little time: what it finds is an extra, and its absence must not hold the caller up.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import orjson
from flask import Response, g, request

from contracts.call import ASKED_DIGEST, Call
from contracts.principal import HEADER, Principal
from gateway.guard import Asked
from gateway.principals import Signer
from gateway.refusals import AddressTooLong, HeaderTooLong, ServiceMisunderstood
from gateway.services import Received, Sent, Services
from libranet.logs import log
from libranet.problems import PROBLEM_TYPE

PASSED_ON = ("Content-Type", "Accept", "Accept-Language", "If-Match", "If-None-Match", "X-Experience-API-Version")
GIVEN_BACK = ("ETag", "Last-Modified", "Cache-Control", "X-Robots-Tag", "Retry-After", "Location", "Link", "Vary",
              "X-Total-Count",
              "Libranet-Credential-Status",
              "Content-Type", "Content-Language", "Content-Disposition", "Idempotency-Replayed",
              "X-Experience-API-Version", "X-Experience-API-Consistent-Through", "WWW-Authenticate")
BESIDE_SECONDS = 2.0
LONGEST_LINE = 8000
"""Characters of an address or a header's value: services take lines of 8,192 bytes, and refuse others with no
problem."""


@dataclass(frozen=True)
class Passage:
    """Threads share it."""

    services: Services
    signer: Signer

    def hand_on(self, asked: Asked, besides: tuple[str, ...] = ()) -> Received:
        """The request as it came, to the owner of its call, with these headers besides those that all are passed on
        with. Raises ServiceAway."""
        return self.services.call(self._sent(asked, besides))

    def hand_on_completed(self, asked: Asked, document: Any) -> Received:
        """The request with another body; its Idempotency-Key still stands for what the caller sent. Raises
        ServiceAway."""
        sent = self._sent(asked)
        assert isinstance(asked.raw, bytes), "a file is not completed"
        asked_for = {ASKED_DIGEST: hashlib.sha256(asked.raw).hexdigest(), "Content-Type": "application/json"}
        return self.services.call(replace(sent, headers={**sent.headers, **asked_for}, body=orjson.dumps(document)))

    def ask(self, principal: Principal, service: str, method: str, target: str, document: Any) -> Received:
        """A call beside the one that came in; it changes nothing. Raises ServiceAway within BESIDE_SECONDS."""
        headers = {**self.headers_for(principal), "Content-Type": "application/json"}
        return self.services.call(
            Sent(service, method, target, headers, orjson.dumps(document), repeatable=True), BESIDE_SECONDS)

    def _sent(self, asked: Asked, besides: tuple[str, ...] = ()) -> Sent:
        headers = {name: request.headers[name] for name in (*PASSED_ON, *besides) if name in request.headers}
        for name, value in headers.items():
            if len(value) > LONGEST_LINE:
                raise HeaderTooLong(f"{name} may have up to {LONGEST_LINE} characters, all its fields together.")
        headers |= self.headers_for(asked.principal)
        if asked.idempotency_key:
            headers["Idempotency-Key"] = asked.idempotency_key
        query = request.query_string.decode("ascii")
        target = asked.call.target(asked.path) + (f"?{query}" if query else "")
        if len(target) > LONGEST_LINE:
            raise AddressTooLong(f"It may have up to {LONGEST_LINE} characters, percent-encoded.")
        return Sent(
            service=asked.call.service, method=asked.call.method, target=target, headers=headers, body=asked.raw,
            repeatable=not asked.call.changes or asked.idempotency_key is not None)

    def headers_for(self, principal: Principal) -> dict[str, str]:
        """Who asks, and what it belongs to."""
        trace = {"traceparent": g.span.traceparent} if g.span.traceparent else {}
        return {HEADER: self.signer.token(principal), "X-Request-Id": g.request_id,
                "X-Correlation-Id": g.correlation_id, **trace}


def given_back(call: Call, received: Received, more: dict[str, Any] | None = None) -> Response:
    """The service's answer for the caller, with `more` members where it was a good one."""
    media_type = received.headers.get("Content-Type", "")
    if received.status == 401 or (received.status >= 400 and not media_type.startswith(PROBLEM_TYPE)):
        log().error("a service gave an unexpected answer", call=call.name, status=received.status)
        raise ServiceMisunderstood(f"The {call.service} service gave an answer that is not documented. It is logged; "
                                   "tell your operator the request id.")
    return as_it_is(received if more is None else replace(
        received, body=orjson.dumps({**orjson.loads(received.body), **more})))


def as_it_is(received: Received) -> Response:
    """The service's answer with what callers may see of its headers."""
    headers = {name: received.headers[name] for name in GIVEN_BACK if name in received.headers}
    return Response(received.body, status=received.status, headers=headers)
