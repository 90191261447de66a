"""Subscriptions: what may be subscribed to, and which events one of them gets."""

from collections.abc import Sequence
from typing import Any

from contracts.event_types import EventType, all_types
from gateway.deliveries.domain.refusals import SubscriptionsFull, TypeUnknown
from libranet.ids import keyed_id

EVERYTHING = "*"
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


def check_room(count: int) -> None:
    """Raises SubscriptionsFull when a node has as many subscriptions as it may."""
    if count >= MOST_PER_NODE:
        raise SubscriptionsFull(f"A node has at most {MOST_PER_NODE} subscriptions; delete one that you do not need.")


def wants(subscription: dict[str, Any], event_type: str) -> bool:
    """Whether the subscription asks for this type, and is in use."""
    types = subscription["types"]
    return bool(subscription["enabled"]) and (event_type in types or EVERYTHING in types)


def is_same_consortium(node: str, other: str) -> bool:
    """Events that are about nobody go to partners of the same consortium, the first slug of every node."""
    return node.split(".")[0] == other.split(".")[0]


def delivery_id(event_id: str, subscription_id: str) -> str:
    """The same for every copy of one event, so a replay makes no twin."""
    return keyed_id("delivery", event_id, subscription_id)
