"""What the gateway puts together from every service: all that is held about a patron, and who looked.

All or nothing: a service that is away makes the whole answer a 503 that names it, so nobody takes a part for all.
Profiles is asked first: it knows whose patron it is, and what it refuses is the answer.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
from flask import Flask, Response

from contracts.call import Call
from contracts.calls import collected
from gateway.badge_connect.store import AppStore
from gateway.guard import Asked, Guard
from gateway.inside import refusal_of
from gateway.passage import Passage
from gateway.routes.answers import json_of, or_away
from gateway.routes.publish import publish
from gateway.services import Received
from libranet.clock import now, rfc3339
from libranet.collection import ARCHIVE_DAYS

FIRST = "profiles"
NOT_LISTED = (
    {"what": "Messages between the services about you: made-up numbers and what happened, no names.",
     "why": "A service that was away catches up by them.", "days": ARCHIVE_DAYS},
    {"what": "What the operator's logs say: made-up numbers and times, no names.",
     "why": "To find out what went wrong; they are overwritten.", "days": None},
)


def install(app: Flask, guard: Guard, passage: Passage, apps: AppStore) -> None:
    routes = Routes(passage, apps)
    publish(app, guard, collected.EXPORT_PATRON, routes.export)
    publish(app, guard, collected.LIST_TOUCHES, or_away(routes.touches))


class Routes:
    """The answers, each to an admitted request."""

    def __init__(self, passage: Passage, apps: AppStore) -> None:
        self._passage = passage
        self._apps = apps

    def export(self, asked: Asked) -> Response:
        parts = list(self._ask_all(collected.EXPORT_OF_SERVICE, asked))
        patron = asked.path["patron"]
        body = {"patron": patron, "made_at": rfc3339(now()), "services": parts, "not_listed": NOT_LISTED,
                "who_looked": f"/v1/patrons/{patron}/audit"}
        return json_of(body, headers={"Content-Disposition": f'attachment; filename="{patron}.json"'})

    def touches(self, asked: Asked) -> Response:
        limit, parts = asked.query["limit"], list(self._ask_all(collected.TOUCHES_OF_SERVICE, asked))
        found = sorted((each for part in parts for each in part["items"]), key=lambda each: str(each["id"]),
                       reverse=True)
        more = len(found) > limit or any(part["next"] for part in parts)
        shown = found[:limit]
        next_after = shown[-1]["id"] if more else None
        return json_of({"items": self._with_apps(_by_request(shown)), "next": next_after})

    def _with_apps(self, touches: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """With what the apps among them say of themselves, where these are registered still."""
        found = [self._apps.find(each) for each in sorted({each["app"] for each in touches if "app" in each})]
        told = {app.id: {"app_name": app.client_name, "app_uri": app.client_uri} for app in found if app}
        return [{**each, **told.get(each.get("app", ""), {})} for each in touches]

    def _ask_all(self, call: Call, asked: Asked) -> Iterator[dict[str, Any]]:
        names = sorted(self._passage.services.names, key=lambda name: (name != FIRST, name))
        for name in names:
            to_one = replace(asked, call=replace(call, service=name))
            yield _read(self._passage.hand_on(to_one), to_one.call)


def _read(received: Received, call: Call) -> dict[str, Any]:
    if received.status != 200:
        raise refusal_of(call, received)
    return dict(orjson.loads(received.body))


def _by_request(touches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One item for what one request did at several services."""
    items: dict[tuple[str, str], dict[str, Any]] = {}
    for each in touches:
        key = (each.pop("request"), each["action"])
        if key in items:
            items[key]["services"] = sorted({*items[key]["services"], *each["services"]})
        else:
            items[key] = each
    return list(items.values())
