"""The deliveries' own figures at /metrics. Labels never hold an id."""

from prometheus_client import Counter, Gauge, Histogram

from gateway.deliveries.domain import failing, schedule
from libranet.metrics import from_zero

ATTEMPTS = Counter("libranet_webhook_attempts_total", "Turns of a delivery, by the state that it left", ["outcome"])
ATTEMPT_SECONDS = Histogram("libranet_webhook_attempt_seconds", "One attempt, connection included",
                            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15))
QUEUED = Counter("libranet_partner_messages_total", "Messages for partners' queues, by what the broker said",
                 ["outcome"])
WAITING = Gauge("libranet_webhook_waiting", "Deliveries that wait for an attempt or are under way")
SWITCHED_OFF = Counter("libranet_endpoints_switched_off_total", "Subscriptions that were given up, by reason",
                       ["reason"])
REPLAYED = Counter("libranet_deliveries_replayed_total", "Deliveries that a replay planned once more")

from_zero(ATTEMPTS, schedule.STATES)
from_zero(SWITCHED_OFF, failing.WORDS)
