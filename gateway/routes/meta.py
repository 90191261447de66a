"""The gateway's own routes: where things are, who the caller is, and whether the process is well."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response
from joserfc.errors import JoseError
from marshmallow import Schema, fields
from pymongo.errors import PyMongoError

from contracts.call import PUBLIC, Call
from gateway.guard import SIGNED_IN, Asked, Guard
from gateway.routes.answers import json_of
from gateway.routes.publish import add_route, publish
from gateway.services import Services
from gateway.store import ClientStore
from libranet import metrics
from libranet.settings import SettingMissing


class Start(Schema):
    """Where to go from here."""

    name = fields.String()
    documentation = fields.String()
    openapi = fields.String()
    me = fields.String()


class Me(Schema):
    """Who the key belongs to, and what it may do."""

    actor = fields.String()
    kind = fields.String()
    node = fields.String()
    scopes = fields.List(fields.String())
    roles = fields.List(fields.String(), metadata={"description": "Each with its node: `analyst@demo.riverside`."})


START = Call(name="start", service="gateway", method="GET", path="/", summary="See where things are",
             allows=(PUBLIC,), answer=Start)
WHO_AM_I = Call(name="who_am_i", service="gateway", method="GET", path="/v1/me",
                summary="See who a key belongs to and what it may do", allows=(SIGNED_IN,), answer=Me)
OPENAPI = Call(name="get_openapi", service="gateway", method="GET", path="/openapi.json",
               summary="This description, for programs", allows=(PUBLIC,), media_type="application/json")
DOCS = Call(name="get_docs", service="gateway", method="GET", path="/docs", summary="This description, for people",
            allows=(PUBLIC,), media_type="text/html")
HEALTHZ = Call(name="healthz", service="gateway", method="GET", path="/healthz", allows=(PUBLIC,),
               summary="The process is alive", media_type="text/plain")
READYZ = Call(name="readyz", service="gateway", method="GET", path="/readyz", allows=(PUBLIC,),
              summary="The gateway's own parts are well; what it sees of the services is told beside them")
METRICS = Call(name="metrics", service="gateway", method="GET", path="/metrics", allows=(PUBLIC,),
               summary="Figures for Prometheus", media_type="text/plain")

PROBES = (HEALTHZ, READYZ, METRICS)
"""For the operator's machinery: neither counted by the limits nor part of the published description."""


def install(app: Flask, guard: Guard, document: Callable[[], bytes]) -> None:
    """What callers see of the gateway itself."""
    start = {"name": "Libranet", "documentation": "/docs", "openapi": "/openapi.json", "me": "/v1/me"}
    publish(app, guard, START, lambda _: json_of(start))
    publish(app, guard, WHO_AM_I, _who_am_i)
    publish(app, guard, OPENAPI, lambda _: Response(document(), content_type="application/json", headers=CACHED))


def install_probes(app: Flask, store: ClientStore, services: Services, key: Callable[[], Any]) -> None:
    """/healthz, /readyz, /metrics. Only the gateway's own parts decide on ready: a service that is away must not
    take the door to all others with it."""
    add_route(app, HEALTHZ, lambda: Response("alive\n", content_type="text/plain"))
    add_route(app, METRICS, lambda: Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE))

    def readyz() -> Response:
        parts = {"database": _database(store), "principal_key": _key(key)}
        ready = all(state == "ok" for state in parts.values())
        seen = {name: services.health(name) for name in services.names}
        return json_of({"ready": ready, "parts": parts, "services": seen}, 200 if ready else 503)

    add_route(app, READYZ, readyz)


CACHED = {"Cache-Control": "public, max-age=300"}


def _who_am_i(asked: Asked) -> Response:
    who = asked.principal
    return json_of({"actor": who.actor, "kind": who.kind, "node": who.node, "scopes": list(who.scopes),
                  "roles": list(who.roles)})


def _database(store: ClientStore) -> str:
    try:
        store.ping()
    except PyMongoError:
        return "does not answer"
    return "ok"


def _key(key: Callable[[], Any]) -> str:
    try:
        key()
    except (SettingMissing, JoseError, ValueError):
        return "cannot be loaded"
    return "ok"
