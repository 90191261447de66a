"""Every error as an RFC 9457 problem: our refusals, what Flask finds (404, 405), and what nobody expected. At the
addresses of the Open Badges 3.0 API, as that standard has it."""

from collections.abc import Mapping

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as WrongPath

from gateway.badge_connect import status_info
from gateway.cookies import SAFE_METHODS
from gateway.refusals import MethodNotAllowed, RequestNotUnderstood
from libranet.logs import log
from libranet.problems import PROBLEM_TYPE, InternalError, NotFound, Refusal


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _found_by_flask)
    app.register_error_handler(Exception, _unexpected)


def problem(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    """The refusal as a response; `request_id` names the log lines about it."""
    sent = {**refusal.headers, **(headers or {}), "Cache-Control": "no-store"}
    if status_info.is_due(request.path):
        body = status_info.status_info(refusal, changes=request.method not in SAFE_METHODS)
        return Response(orjson.dumps(body), status_info.status_of(refusal), sent, content_type=status_info.MEDIA_TYPE)
    body = {**refusal.problem(request.path), "request_id": g.get("request_id")}
    return Response(orjson.dumps(body), refusal.status, sent, content_type=PROBLEM_TYPE)


def _refused(refusal: Refusal) -> Response:
    return problem(refusal)


def _found_by_flask(error: HTTPException) -> Response:
    if isinstance(error, WrongMethod):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return problem(MethodNotAllowed(f"Use one of {allowed}."), {"Allow": allowed})
    if isinstance(error, WrongPath):
        return problem(NotFound("There is nothing at this address; /docs lists what there is."))
    refusal = RequestNotUnderstood(error.description or "The request cannot be understood.")
    refusal.status = error.code if error.code and error.code >= 400 else 400
    return problem(refusal)


def _unexpected(error: Exception) -> Response:
    log().error("a request failed", request_id=g.get("request_id"), exc_info=error)
    return problem(InternalError())
