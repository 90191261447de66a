"""Publishes one call of the contract as one route: the call table is the route table."""

from collections.abc import Callable

from flask import Flask, Response, request

from contracts.call import Call
from gateway.guard import Asked, Guard

ACCOUNT_OF_CALLS = "libranet.calls"


def publish(app: Flask, guard: Guard, call: Call, answer: Callable[[Asked], Response]) -> None:
    """Answers `call` at its path once the guard has admitted the request. Its name is the endpoint's name."""

    def view(**path: str) -> Response:
        response = answer(guard.admit(call, path))
        if call.is_public:
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    app.extensions.setdefault(ACCOUNT_OF_CALLS, {})[call.name] = call
    app.add_url_rule(call.path, endpoint=call.name, view_func=view, methods=[call.method])


def published(app: Flask) -> dict[str, Call]:
    """Every call that the app answers, by endpoint."""
    return dict(app.extensions.get(ACCOUNT_OF_CALLS, {}))


def call_of_request(app: Flask) -> Call | None:
    """The call that the present request asks for, if any."""
    return published(app).get(request.endpoint or "")


