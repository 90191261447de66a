"""Publishes one call as one route: the call table is the route table, and every route names who may call it."""

from collections.abc import Callable

from flask import Flask, Response
from pymongo.errors import PyMongoError

from contracts.call import Call
from gateway.guard import Asked, Guard
from libranet.problems import ServiceAway

CALLS = "libranet.calls"
"""Where the app keeps what it publishes, by endpoint."""
Handler = Callable[[Asked], Response]


def publish(app: Flask, guard: Guard, call: Call, answer: Handler) -> None:
    """Answers `call` at its path once the guard has admitted the request. Its name is the endpoint's name."""

    def view(**path: str) -> Response:
        response = answer(guard.admit(call, path))
        if call.is_public:
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    add_route(app, call, view)


def add_route(app: Flask, call: Call, view: Callable[..., Response]) -> None:
    """A route that no guard stands before (the probes); it is in the table like every other."""
    app.extensions.setdefault(CALLS, {})[call.name] = call
    app.add_url_rule(call.path, endpoint=call.name, view_func=view, methods=[call.method])


def or_away(answer: Handler) -> Handler:
    """The answer, or a 503 while the gateway's own database is away."""

    def answered(asked: Asked) -> Response:
        try:
            return answer(asked)
        except PyMongoError:
            raise ServiceAway("The database does not answer. Try again.") from None
    return answered


def published(app: Flask) -> dict[str, Call]:
    """Every call that the app answers, by endpoint."""
    return dict(app.extensions.get(CALLS, {}))
