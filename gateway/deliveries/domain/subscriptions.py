"""Subscriptions: what may be subscribed to, in which ways, and which events one of them gets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.event_types import EventType, all_types
from contracts.places import consortium_of
from gateway.deliveries.domain.refusals import SubscriptionsFull, TypeUnknown
from gateway.deliveries.domain.stream import KEPT_DAYS
from libranet.ids import keyed_id

WEBHOOK, PULL, AMQP = "webhook", "pull", "amqp"
"""How events come to a partner: to its URL, by its own asking, into its queue."""
EVERYTHING = "*"
OWN_NOTICES = ("org.libranet.deliveries.endpoint-disabled.v1",)
"""About a partner's own subscriptions: told to that partner alone, in its stream even when it did not ask for them."""
MOST_PER_NODE = 50
"""More than any partner needs; few enough that nobody fans one event out without end."""


def partner_types() -> dict[str, EventType]:
    """What partners may subscribe to, by full name."""
    return {name: each for name, each in all_types().items() if each.for_partners}


def full_types(asked: Sequence[str]) -> list[str]:
    """The full names of what was asked for, each once; `*` stands for all, also for types that come later.

    Takes full names, short ones (`credential-issued`) and `*`. Raises TypeUnknown that names the place.
    """
    known = partner_types()
    by_short_name = {each.short_name: name for name, each in known.items()}
    found: list[str] = []
    for place, text in enumerate(asked):
        name = text if text in known or text == EVERYTHING else by_short_name.get(text)
        if name is None:
            raise TypeUnknown(f"{text[:100]!r} is not an event you can subscribe to. Choose from "
                              f"{', '.join(sorted(by_short_name))}, or * for all.", field=f"/types/{place}")
        found.append(name)
    return [EVERYTHING] if EVERYTHING in found else list(dict.fromkeys(found))


def new(subscription_id: str, node: str, delivery: str, types: Sequence[str], moment: datetime) -> dict[str, Any]:
    """A subscription that is in use from now on."""
    return {"_id": subscription_id, "owner": node, "delivery": delivery, "types": list(types), "enabled": True,
            "created_at": moment, "secret": None, "former_secrets": [], "failing": None, "times_disabled": 0,
            "replay": None}


def check_room(count: int) -> None:
    """Raises SubscriptionsFull when a node has as many subscriptions as it may."""
    if count >= MOST_PER_NODE:
        raise SubscriptionsFull(f"A node has at most {MOST_PER_NODE} subscriptions; delete one that you do not need.")


def asks_for(subscription: Mapping[str, Any], event_type: str) -> bool:
    """Whether the subscription names this type."""
    return event_type in subscription["types"] or EVERYTHING in subscription["types"]


def is_sent(subscription: Mapping[str, Any], event_type: str) -> bool:
    """Whether an event of this type becomes a delivery: the subscription asks for it, is in use and not just read."""
    return bool(subscription["enabled"]) and subscription["delivery"] != PULL and asks_for(subscription, event_type)


def is_listening(subscription: Mapping[str, Any], moment: datetime) -> bool:
    """Whether events are kept for it: in use, or switched off so lately that it may still resume."""
    return bool(subscription["enabled"] or subscription["disabled_at"] > moment - timedelta(days=KEPT_DAYS))


def is_kept(event_type: str, listening: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an event of this type goes into the stream of the node whose subscriptions these are."""
    return event_type in OWN_NOTICES or any(asks_for(each, event_type) for each in listening)


def is_for(node: str, event_type: str, data: Mapping[str, Any]) -> bool:
    """Whether this partner may hear such an event at all: some are for the one partner that they name."""
    recipient = partner_types()[event_type].recipient
    return recipient is None or data[recipient] == node


def concerns(node: str, event_type: str, owner: str) -> bool:
    """Whether an event that is about nobody may be told to a node: to partners of the same consortium, and
    notices to their owner."""
    return node == owner if event_type in OWN_NOTICES else consortium_of(node) == consortium_of(owner)


def delivery_id(event_id: str, subscription_id: str) -> str:
    """The same for every copy of one event, so neither a repetition nor a replay makes a twin."""
    return keyed_id("delivery", event_id, subscription_id)


def message_id(event_id: str, node: str) -> str:
    """What the partner at `node` knows the event by, whichever way it comes and however often."""
    return f"msg_{keyed_id('message', node, event_id)}"
