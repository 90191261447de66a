"""gunicorn's thread worker, whose own refusals (no HTTP, too long) are problems like all others, and log no address.

gunicorn would answer with a page of HTML and write the caller's address and request line into the log.
"""

import logging
from typing import Any

import orjson
from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from gateway.refusals import AddressTooLong, HeaderTooLong, RequestNotUnderstood
from libranet.ids import new_id
from libranet.logs import log
from libranet.problems import PROBLEM_TYPE, InternalError, Refusal

STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (errors.LimitRequestLine, 414), (errors.LimitRequestHeaders, 431), (errors.UnsupportedTransferCoding, 501),
    (errors.ExpectationFailed, 417), (errors.ConfigurationProblem, 500), (errors.ParseException, 400))


class Worker(ThreadWorker):  # type: ignore[misc]
    """Answers for requests that never reach the app."""

    def handle_error(self, _request: Any, client: Any, _address: Any, error: Exception) -> None:
        request_id, status = new_id(), status_of(error)
        if status == 500:
            log().error("a request failed in the server", request_id=request_id, exc_info=error)
        else:
            log().warning("a request is no HTTP", request_id=request_id, reason=type(error).__name__)
        try:
            util.write_nonblock(client, answer(status, request_id))
        except OSError:
            return


class SilentClients(logging.Filter):
    """Whoever falls silent in a request's head is hung up on; gunicorn takes that for a fault and logs a stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError)):
            return True
        log().warning("a client fell silent in its request")
        return False


def status_of(error: Exception) -> int:
    """What RFC 9110 and 6585 call it; 500 for what the caller did not cause."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def answer(status: int, request_id: str) -> bytes:
    """The whole response."""
    body = orjson.dumps({**_refusal(status).problem(), "status": status, "request_id": request_id})
    head = (f"HTTP/1.1 {status} {'Internal Server Error' if status == 500 else 'Bad Request'}\r\nConnection: close\r\n"
            f"Content-Type: {PROBLEM_TYPE}\r\nContent-Length: {len(body)}\r\nCache-Control: no-store\r\n"
            f"X-Content-Type-Options: nosniff\r\nX-Request-Id: {request_id}\r\n\r\n")
    return head.encode() + body


def _refusal(status: int) -> Refusal:
    if status == 500:
        return InternalError()
    if status == 414:
        return AddressTooLong("Send what is long in a body.")
    if status == 431:
        return HeaderTooLong("There are too many header fields, or one of them is too long.")
    return RequestNotUnderstood("This is no request of HTTP/1.1; send it with an HTTP library.")
