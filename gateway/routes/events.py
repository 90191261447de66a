"""The pull feed, answered by the gateway itself: what a partner may know, page by page, for as long as it is kept."""

from flask import Flask, Response

from contracts.calls import subscriptions as calls
from gateway.deliveries.domain import subscriptions as rules
from gateway.deliveries.domain.refusals import SubscriptionNeeded, TypeUnknown
from gateway.deliveries.feed import Feed, types_for
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.guard import Asked, Guard
from gateway.routes.publish import or_away, publish
from gateway.routes.subscriptions import json_of
from libranet.clock import now


def install(app: Flask, guard: Guard, store: SubscriptionStore, feed: Feed) -> None:
    """The route of the one call."""

    def list_events(asked: Asked) -> Response:
        node, moment = asked.principal.node, now()
        listening = [each for each in store.of_node(node) if rules.is_listening(each, moment)]
        if not listening:
            raise SubscriptionNeeded("Events are kept for you from your first subscription on: POST /v1/subscriptions "
                                     "with \"delivery\": \"pull\" and the types you want.")
        types = types_for(listening, _named(asked.query.get("types")))
        items, position = feed.page(node, asked.query.get("after"), types, asked.query["limit"], moment)
        return json_of({"items": items, "next": position})

    publish(app, guard, calls.LIST_EVENTS, or_away(list_events))


def _named(text: str | None) -> list[str] | None:
    if text is None:
        return None
    try:
        return rules.full_types([each.strip() for each in text.split(",")])
    except TypeUnknown as unknown:
        raise TypeUnknown(unknown.detail, field="/types") from None
