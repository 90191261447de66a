"""Webhook subscriptions, answered by the gateway itself: made, listed, ended, looked into, delivered again.

A subscription made with an Idempotency-Key has an id that follows from the key, so a repeated request finds it.
"""

import hashlib
from typing import Any

import orjson
from flask import Flask, Response
from pymongo.errors import PyMongoError

from contracts.calls import subscriptions as calls
from gateway.deliveries import guard as door
from gateway.deliveries.domain import partner_view, signing
from gateway.deliveries.domain import subscriptions as rules
from gateway.deliveries.domain.refusals import SubscriptionDisabled
from gateway.deliveries.sealing import seal, unseal
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.guard import Asked, Guard
from gateway.routes.publish import Handler, publish
from libranet.clock import now, rfc3339
from libranet.collection import Document
from libranet.ids import keyed_id, new_id
from libranet.problems import IdempotencyKeyReused, ServiceAway


def install(app: Flask, guard: Guard, store: SubscriptionStore,
            resolve: door.Resolver = door.patient_resolver) -> None:
    """A route for each call of contracts/calls/subscriptions.py."""
    routes = Routes(store, resolve)
    for call, answer in (
        (calls.SUBSCRIBE, routes.subscribe), (calls.LIST_SUBSCRIPTIONS, routes.list_subscriptions),
        (calls.GET_SUBSCRIPTION, routes.get_subscription), (calls.UNSUBSCRIBE, routes.unsubscribe),
        (calls.LIST_DELIVERIES, routes.list_deliveries), (calls.REDELIVER, routes.redeliver),
    ):
        publish(app, guard, call, _or_away(answer))


class Routes:
    """The answers, each to an admitted request."""

    def __init__(self, store: SubscriptionStore, resolve: door.Resolver) -> None:
        self._store = store
        self._resolve = resolve

    def subscribe(self, asked: Asked) -> Response:
        digest = hashlib.sha256(asked.raw).hexdigest()
        subscription_id = _id_of(asked)
        kept = self._store.find(subscription_id) if asked.idempotency_key else None
        replayed = kept is not None
        if kept is None:
            kept = self._store.add(self._made(asked, subscription_id, digest))
        if kept["digest"] != digest:
            raise IdempotencyKeyReused("Use a new Idempotency-Key for another request; this one stands for its first.")
        secret = unseal(bytes(kept["secrets"][0]), subscription_id)
        headers = {"Location": f"/v1/subscriptions/{subscription_id}", "Cache-Control": "no-store"}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return _json({**_shown(kept), "secret": secret}, 201, headers)

    def _made(self, asked: Asked, subscription_id: str, digest: str) -> Document:
        node, url = asked.principal.node, asked.body["url"]
        types = rules.full_types(asked.body["types"])
        rules.check_room(self._store.count(node))
        door.check(url, door.allowed_networks(self._store.networks_of(node)), self._resolve)
        return {
            "_id": subscription_id, "owner": node, "url": url, "types": types, "enabled": True, "created_at": now(),
            "created_by": asked.principal.actor, "secrets": [seal(signing.new_secret(), subscription_id)],
            "digest": digest,
        }

    def list_subscriptions(self, asked: Asked) -> Response:
        limit = asked.query["limit"]
        rows = self._store.page(asked.principal.node, asked.query.get("cursor", ""), limit + 1)
        return _json({"items": [_shown(row) for row in rows[:limit]],
                      "next": rows[limit - 1]["_id"] if len(rows) > limit else None})

    def get_subscription(self, asked: Asked) -> Response:
        return _json(_shown(self._store.get(asked.path["subscription"], asked.principal)))

    def unsubscribe(self, asked: Asked) -> Response:
        self._store.delete(self._store.get(asked.path["subscription"], asked.principal)["_id"])
        return Response(status=204)

    def list_deliveries(self, asked: Asked) -> Response:
        subscription = self._store.get(asked.path["subscription"], asked.principal)
        limit = asked.query["limit"]
        rows = self._store.deliveries(subscription["_id"], asked.query.get("cursor"), limit + 1)
        return _json({"items": [_shown_delivery(row) for row in rows[:limit]],
                      "next": rows[limit - 1]["position"] if len(rows) > limit else None})

    def redeliver(self, asked: Asked) -> Response:
        subscription = self._store.get(asked.path["subscription"], asked.principal)
        if not subscription["enabled"]:
            raise SubscriptionDisabled("Your receiver answered 410 Gone, so nothing more is sent there. Make a new "
                                       "subscription.")
        row = self._store.redeliver(subscription["_id"], asked.path["delivery"], now())
        return _json(_shown_delivery(row), 202)


def _or_away(answer: Handler) -> Handler:
    def answered(asked: Asked) -> Response:
        try:
            return answer(asked)
        except PyMongoError:
            raise ServiceAway("The database does not answer. Try again.") from None
    return answered


def _id_of(asked: Asked) -> str:
    if asked.idempotency_key is None:
        return new_id()
    return keyed_id("subscription", asked.principal.actor, asked.idempotency_key)


def _shown(row: Document) -> dict[str, Any]:
    shown = {"id": row["_id"], "owner": row["owner"], "url": row["url"], "types": row["types"],
             "enabled": row["enabled"], "created_at": rfc3339(row["created_at"])}
    if not row["enabled"]:
        shown |= {"disabled_at": rfc3339(row["disabled_at"]), "disabled_reason": row["disabled_reason"]}
    return shown


def _shown_delivery(row: Document) -> dict[str, Any]:
    due = row["next_attempt_at"]
    return {
        "id": row["_id"], "webhook_id": partner_view.message_id(row["_id"]), "type": row["event"]["type"],
        "status": row["status"], "created_at": rfc3339(row["created_at"]),
        "next_attempt_at": rfc3339(due) if due else None,
        "attempts": [{**each, "at": rfc3339(each["at"])} for each in row["attempts"]],
    }


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status=status, headers=headers, content_type="application/json")
