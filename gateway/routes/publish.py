"""Publishes one call as one route: the call table is the route table, and every route names who may call it."""

from collections.abc import Callable

from flask import Flask, Response, after_this_request

from contracts.call import Call
from gateway.guard import Asked, Guard

CALLS = "libranet.calls"
"""Where the app keeps what it publishes, by endpoint."""
Handler = Callable[[Asked], Response]


def publish(app: Flask, guard: Guard, call: Call, answer: Handler) -> None:
    """Answers `call` at its path once the guard has admitted the request. Its name is the endpoint's name."""

    def view(**path: str) -> Response:
        if call.is_public:
            after_this_request(_readable_elsewhere)
        return answer(guard.admit(call, path))

    add_route(app, call, view)


def _readable_elsewhere(response: Response) -> Response:
    """What anyone may have, pages of others may read in a browser, refusals too (an erased credential answers 410)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "*"
    return response


def add_route(app: Flask, call: Call, view: Callable[..., Response]) -> None:
    """A route that no guard stands before (the probes); it is in the table like every other."""
    app.extensions.setdefault(CALLS, {})[call.name] = call
    app.add_url_rule(call.path, endpoint=call.name, view_func=view, methods=[call.method])


def published(app: Flask) -> dict[str, Call]:
    """Every call that the app answers, by endpoint."""
    return dict(app.extensions.get(CALLS, {}))
