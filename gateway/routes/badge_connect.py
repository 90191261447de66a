"""Open Badges 3.0's API for apps: the calls that services answer, what an app reads first, and the endpoints of OAuth.

What the gateway refuses at those by itself (rates, sizes, a database that is away) is a problem as everywhere; the rest
is refused in OAuth's words.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
from flask import Flask, Response, request

from contracts.calls import badge_connect as calls
from contracts.calls.profiles import GET_PATRON
from gateway.badge_connect.description import Publisher, service_description
from gateway.badge_connect.server import AppServer
from gateway.guard import Asked, Guard
from gateway.inside import refusal_of
from gateway.passage import Passage, as_it_is, given_back
from gateway.rates import Rates
from gateway.routes.answers import json_of, or_away
from gateway.routes.meta import CACHED
from gateway.routes.publish import publish
from gateway.services import Sent


def install(app: Flask, guard: Guard, apps_guard: Guard, passage: Passage, rates: Rates,
            server: AppServer) -> None:
    """`apps_guard` lets access tokens in, and nothing else."""
    def for_apps(asked: Asked) -> Response:
        received = passage.hand_on(asked)
        if received.status >= 400:
            raise refusal_of(asked.call, received)
        return as_it_is(received)

    def connections(asked: Asked) -> Response:
        if not asked.principal.is_person:
            _check_patron(asked, passage)
        return given_back(asked.call, passage.hand_on(asked))

    def registration(asked: Asked) -> Response:
        rates.count_registration(request.remote_addr or "")
        return server.registration(asked)

    for call in calls.API:
        publish(app, apps_guard, call, for_apps)
    for call in calls.OF_CONNECTIONS:
        publish(app, guard, call, connections)
    for call, answer in zip(calls.APP_ENDPOINTS, (registration, server.token, server.revocation), strict=True):
        publish(app, guard, call, or_away(answer))
    publish(app, guard, calls.GET_APP_METADATA, lambda _: json_of(server.metadata, headers=CACHED))


def install_description(app: Flask, guard: Guard, described: Callable[[], dict[str, Any]],
                        publisher: Publisher) -> None:
    @cache
    def document() -> bytes:
        return orjson.dumps(service_description(described(), publisher))

    publish(app, guard, calls.GET_SERVICE_DESCRIPTION, lambda _: Response(
        document(), headers=CACHED, content_type="application/json"))


def _check_patron(asked: Asked, passage: Passage) -> None:
    """Profiles knows whose patron it is; what it refuses is the answer."""
    may_look = replace(asked.principal, scopes=("patrons:read",))
    received = passage.services.call(Sent(
        GET_PATRON.service, GET_PATRON.method, GET_PATRON.target(asked.path), passage.headers_for(may_look)))
    if received.status >= 400:
        raise refusal_of(GET_PATRON, received)
