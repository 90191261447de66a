"""The figures that every process shows at /metrics (Prometheus text format 0.0.4). Labels never hold an id.

A counter whose label has few values shows all of them at 0 from the start: a series that begins with its first event
has no increase, and an alert on the increase would never tell of that event.
"""

from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from libranet.health import HEALTH

NOT_READY = Gauge("libranet_parts_not_ready", "Parts of this process that are not well; /readyz says which and why")
NOT_READY.set_function(HEALTH.count_ill)
OUTBOX_DEPTH = Gauge("libranet_outbox_rows", "Transactions whose facts the broker has not confirmed", ["service"])
OUTBOX_AGE = Gauge("libranet_outbox_oldest_seconds", "Age of the oldest unconfirmed fact", ["service"])
RELAYED = Counter("libranet_relayed_total", "Events confirmed by the broker", ["service"])
UNROUTABLE = Counter("libranet_unroutable_total", "Events that no queue took; they stay in the outbox", ["service"])
QUEUE_DEPTH = Gauge("libranet_queue_messages", "Messages that wait in the queue", ["queue"])
QUEUE_LAG = Gauge("libranet_queue_lag_seconds", "From the fact to its handling, newest batch", ["queue"])
DEAD_LETTERS = Gauge("libranet_dead_letters", "Messages that the broker gave up, of all queues")
HANDLED = Counter("libranet_handled_total", "Events taken off the queue with their effect stored", ["queue"])
DUPLICATES = Counter("libranet_duplicates_total", "Second deliveries that changed nothing", ["queue"])
RETRIED = Counter("libranet_retried_total", "Events sent to a delay queue", ["queue"])
QUARANTINED = Counter("libranet_quarantined_total", "Events set aside with a reason", ["queue"])
QUARANTINE_ROWS = Gauge("libranet_quarantine_rows", "Events that lie in quarantine until a person decides", ["queue"])
HANDLER_SECONDS = Histogram("libranet_handler_seconds", "One batch, transaction included", ["queue"],
                            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))
CALL_SECONDS = Histogram("libranet_call_seconds", "One call answered", ["call", "status"],
                         buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))

CONTENT_TYPE = CONTENT_TYPE_LATEST


def from_zero(counter: Counter | Histogram, values: Iterable[str]) -> None:
    """Shows the counter at 0 for each of these values of its label."""
    for value in values:
        counter.labels(value)


def hearer_from_zero(queue: str) -> None:
    """What a hearer of this queue will count."""
    for counter in (HANDLED, DUPLICATES, RETRIED, QUARANTINED, HANDLER_SECONDS):
        from_zero(counter, [queue])


def exposition() -> bytes:
    """All figures of this process."""
    return generate_latest()
