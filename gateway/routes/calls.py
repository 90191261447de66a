"""The contract's calls, passed on to the services that own them."""

from urllib.parse import quote

from flask import Flask, Response, g, request

from contracts import calls
from contracts.call import Call
from contracts.principal import HEADER
from gateway.guard import Asked, Guard
from gateway.principals import Signer
from gateway.refusals import ServiceMisunderstood
from gateway.routes.publish import publish
from gateway.services import Received, Sent, Services
from gateway.uploads import Upload
from libranet.logs import log
from libranet.problems import PROBLEM_TYPE

PASSED_ON = ("Content-Type", "Accept", "Accept-Language", "If-Match", "If-None-Match", "X-Experience-API-Version",
             "traceparent")
GIVEN_BACK = ("ETag", "Last-Modified", "Cache-Control", "X-Robots-Tag", "Retry-After", "Location", "Link", "Vary",
              "Content-Type", "Content-Language", "Content-Disposition", "Idempotency-Replayed",
              "X-Experience-API-Version", "X-Experience-API-Consistent-Through")


def install(app: Flask, guard: Guard, services: Services, signer: Signer) -> None:
    """One route for every call of every service."""

    def answer(asked: Asked) -> Response:
        try:
            return _given_back(asked.call, services.call(_passed_on(asked, signer)))
        finally:
            if isinstance(asked.raw, Upload):
                asked.raw.close()

    for call in calls.ALL:
        publish(app, guard, call, answer)


def _passed_on(asked: Asked, signer: Signer) -> Sent:
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    headers[HEADER] = signer.token(asked.principal)
    headers["X-Request-Id"] = g.request_id
    headers["X-Correlation-Id"] = g.correlation_id
    if asked.idempotency_key:
        headers["Idempotency-Key"] = asked.idempotency_key
    query = request.query_string.decode("latin-1")
    return Sent(
        service=asked.call.service, method=asked.call.method,
        target=target_of(asked.call, asked.path) + (f"?{query}" if query else ""), headers=headers, body=asked.raw,
        repeatable=not asked.call.changes or asked.idempotency_key is not None)


def target_of(call: Call, path: dict[str, str]) -> str:
    """The call's path with its values in place."""
    target = call.path
    for name, value in path.items():
        target = target.replace(f"<{name}>", quote(value, safe=""))
    return target


def _given_back(call: Call, received: Received) -> Response:
    media_type = received.headers.get("Content-Type", "")
    if received.status == 401 or (received.status >= 400 and not media_type.startswith(PROBLEM_TYPE)):
        log().error("a service gave an unexpected answer", call=call.name, status=received.status)
        raise ServiceMisunderstood(f"The {call.service} service gave an answer that is not documented. It is logged; "
                                   "tell your operator the request id.")
    headers = {name: received.headers[name] for name in GIVEN_BACK if name in received.headers}
    return Response(received.body, status=received.status, headers=headers)
