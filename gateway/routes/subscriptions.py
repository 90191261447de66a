"""Subscriptions, answered by the gateway itself: made, listed, ended, switched on again, looked into, sent once more.

A subscription made with an Idempotency-Key has an id that follows from the key, so a repeated request finds it.
"""

import hashlib
from datetime import UTC, timedelta
from typing import Any

import orjson
from flask import Flask, Response

from contracts.calls import subscriptions as calls
from gateway.deliveries import guard as door
from gateway.deliveries.domain import replay as replays
from gateway.deliveries.domain import rotation, signing
from gateway.deliveries.domain import subscriptions as rules
from gateway.deliveries.domain.refusals import NotAWebhook, NothingIsSent, SubscriptionDisabled
from gateway.deliveries.sealing import seal, unseal
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.guard import Asked, Guard
from gateway.routes.publish import or_away, publish
from gateway.routes.subscription_views import delivery_view, replay_view, subscription_view
from libranet.clock import now, rfc3339
from libranet.collection import Document
from libranet.ids import keyed_id, new_id
from libranet.problems import IdempotencyKeyReused

NEVER_STORE = {"Cache-Control": "no-store"}
REPLAYED = {"Idempotency-Replayed": "true"}


def install(app: Flask, guard: Guard, store: SubscriptionStore,
            resolve: door.Resolver = door.patient_resolver) -> None:
    """A route for each call of contracts/calls/subscriptions.py but the feed's."""
    routes = Routes(store, resolve)
    for call, answer in (
        (calls.SUBSCRIBE, routes.subscribe), (calls.LIST_SUBSCRIPTIONS, routes.list_subscriptions),
        (calls.GET_SUBSCRIPTION, routes.get_subscription), (calls.UNSUBSCRIBE, routes.unsubscribe),
        (calls.ENABLE, routes.enable), (calls.ROTATE_SECRET, routes.rotate_secret), (calls.REPLAY, routes.replay),
        (calls.LIST_DELIVERIES, routes.list_deliveries), (calls.REDELIVER, routes.redeliver),
    ):
        publish(app, guard, call, or_away(answer))


class Routes:
    """The answers, each to an admitted request."""

    def __init__(self, store: SubscriptionStore, resolve: door.Resolver) -> None:
        self._store = store
        self._resolve = resolve

    def subscribe(self, asked: Asked) -> Response:
        subscription_id = _id_of(asked, "subscription")
        kept = self._store.find(subscription_id) if asked.idempotency_key else None
        replayed = kept is not None
        if kept is None:
            kept = self._store.add(self._made(asked, subscription_id))
        _check_same_request(asked, kept["digest"])
        shown = subscription_view(kept)
        if kept["secret"]:
            shown["secret"] = unseal(bytes(kept["secret"]), subscription_id)
        headers = {"Location": f"/v1/subscriptions/{subscription_id}", **NEVER_STORE}
        return json_of(shown, 201, headers | (REPLAYED if replayed else {}))

    def _made(self, asked: Asked, subscription_id: str) -> Document:
        node, url, way = asked.principal.node, asked.body.get("url"), asked.body["delivery"]
        types = rules.full_types(asked.body["types"])
        rules.check_room(self._store.count(node))
        secret = None
        if way == rules.WEBHOOK:
            door.check(url, door.allowed_networks(self._store.networks_of(node)), self._resolve)
            secret = seal(signing.new_secret(), subscription_id)
        return rules.new(subscription_id, node, way, types, now()) | {
            "url": url, "created_by": asked.principal.actor, "secret": secret, "digest": _digest(asked)}

    def list_subscriptions(self, asked: Asked) -> Response:
        limit = asked.query["limit"]
        rows = self._store.page(asked.principal.node, asked.query.get("cursor", ""), limit + 1)
        return json_of({"items": [subscription_view(row) for row in rows[:limit]],
                        "next": rows[limit - 1]["_id"] if len(rows) > limit else None})

    def get_subscription(self, asked: Asked) -> Response:
        return json_of(subscription_view(self._asked_for(asked)))

    def unsubscribe(self, asked: Asked) -> Response:
        self._store.delete(self._asked_for(asked)["_id"])
        return Response(status=204)

    def enable(self, asked: Asked) -> Response:
        subscription = self._asked_for(asked)
        if not subscription["enabled"]:
            stream = self._store.stream(subscription["owner"])
            self._store.enable(subscription, replays.begun(new_id(), stream, replays.missed(subscription), now()))
        return json_of(subscription_view(self._asked_for(asked)))

    def rotate_secret(self, asked: Asked) -> Response:
        rotation_id = _id_of(asked, "rotation")
        replayed = True
        while (kept := self._asked_for(asked)).get("rotation", {}).get("id") != rotation_id:
            if kept["delivery"] != rules.WEBHOOK:
                raise NotAWebhook("Only webhooks are signed. A queue's password is changed by your operator.")
            replayed = False
            overlap = timedelta(hours=asked.body["overlap_hours"])
            fresh = seal(signing.new_secret(), kept["_id"])
            self._store.change_secret(kept, rotation.rotated(kept, fresh, now(), overlap) | {
                "rotation": {"id": rotation_id, "digest": _digest(asked)}})
        _check_same_request(asked, kept["rotation"]["digest"])
        until = rotation.former_until(kept)
        return json_of({"id": kept["_id"], "secret": unseal(bytes(kept["secret"]), kept["_id"]),
                        "former_secrets_until": rfc3339(until) if until else None},
                       headers=NEVER_STORE | (REPLAYED if replayed else {}))

    def replay(self, asked: Asked) -> Response:
        replay_id = _id_of(asked, "replay")
        replayed = True
        while True:
            kept = self._asked_for(asked)
            running = kept["replay"]
            if running and running["id"] == replay_id:
                break
            replayed = False
            self._check_takes_replays(kept)
            types = rules.full_types(asked.body["types"]) if "types" in asked.body else kept["types"]
            wish = replays.Wish(asked.body["since"].astimezone(UTC), tuple(types))
            replays.check_may_begin(running, wish)
            if running and replays.is_running(running) and not asked.idempotency_key:
                break
            begun = replays.begun(replay_id, self._store.stream(kept["owner"]), wish, now())
            self._store.begin_replay(kept, begun | {"digest": _digest(asked)})
        _check_same_request(asked, running.get("digest", ""))
        return json_of(replay_view(running, as_begun=True), 202, {
            "Location": f"/v1/subscriptions/{kept['_id']}"} | (REPLAYED if replayed else {}))

    @staticmethod
    def _check_takes_replays(subscription: Document) -> None:
        if subscription["delivery"] == rules.PULL:
            raise NothingIsSent("Read again with GET /v1/events, from an earlier position on.")
        if not subscription["enabled"]:
            raise SubscriptionDisabled("Switch it on first, which also sends what it missed: POST …/enable.")

    def list_deliveries(self, asked: Asked) -> Response:
        subscription = self._asked_for(asked)
        limit = asked.query["limit"]
        rows = self._store.deliveries(subscription["_id"], asked.query.get("cursor"), limit + 1)
        return json_of({"items": [delivery_view(row) for row in rows[:limit]],
                        "next": rows[limit - 1]["position"] if len(rows) > limit else None})

    def redeliver(self, asked: Asked) -> Response:
        subscription = self._asked_for(asked)
        if not subscription["enabled"]:
            raise SubscriptionDisabled("Nothing is sent there any more. Switch it on first: POST …/enable.")
        row = self._store.redeliver(subscription["_id"], asked.path["delivery"], now())
        return json_of(delivery_view(row), 202)

    def _asked_for(self, asked: Asked) -> Document:
        return self._store.get(asked.path["subscription"], asked.principal)


def json_of(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status=status, headers=headers, content_type="application/json")


def _id_of(asked: Asked, what: str) -> str:
    """An id that follows from the Idempotency-Key, or a new one."""
    if asked.idempotency_key is None:
        return new_id()
    return keyed_id(what, asked.principal.actor, *asked.path.values(), asked.idempotency_key)


def _digest(asked: Asked) -> str:
    return hashlib.sha256(asked.raw).hexdigest()


def _check_same_request(asked: Asked, digest: str) -> None:
    if asked.idempotency_key and digest != _digest(asked):
        raise IdempotencyKeyReused("Use a new Idempotency-Key for another request; this one stands for its first.")
