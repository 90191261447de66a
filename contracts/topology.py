"""Which queue hears which events: read from the event contracts, declared by publishers and hearers alike.

Both sides declare the same queues from these files, so a fact that is published before its hearer ever started
waits for it instead of vanishing.
"""

from functools import cache

from contracts.event_types import all_types

EXCHANGE = "libranet.events"
DEAD_EXCHANGE = "libranet.dead"
DEAD_QUEUE = "libranet.dead-letters"
PARTNER_VHOST = "libranet-partners"
"""The virtual host of partners' queues, apart from ours: the deliveries lay messages into them, nothing is bound."""
DELAYS_SECONDS = (1, 5, 30, 300, 1800)
"""A failed event comes back after these; then it is quarantined. The last ones outlive a short outage."""
DELIVERY_LIMIT = 1000
"""A backstop only: RabbitMQ counts every give-back, prefetched messages too. Attempts have their own header."""


def delay_exchange(seconds: int) -> str:
    """Where a message goes that shall come home, by its routing key, after `seconds`."""
    return f"libranet.delay-{seconds}s"


def delay_queue(seconds: int) -> str:
    """Where it rests meanwhile; named otherwise than the exchange, so that no service may read it."""
    return f"libranet.delayed-{seconds}s"


@cache
def hearers() -> dict[str, tuple[str, ...]]:
    """Queues by event type."""
    return {name: tuple(each.schema.get("x-hearers", ())) for name, each in all_types().items()}


@cache
def queues() -> dict[str, tuple[str, ...]]:
    """Event types by queue."""
    types: dict[str, list[str]] = {}
    for name, names in hearers().items():
        for queue in names:
            types.setdefault(queue, []).append(name)
    return {queue: tuple(sorted(names)) for queue, names in sorted(types.items())}


def declared_by(service: str) -> dict[str, tuple[str, ...]]:
    """The queues that `service` declares: its own, and those of whoever hears what it publishes."""
    published = {name for name, each in all_types().items() if each.publisher == service}
    return {queue: types for queue, types in queues().items()
            if queue.split(".")[0] == service or published & set(types)}
