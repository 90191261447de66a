"""Webhooks: events in at the queue `deliveries.facts`, signed requests out at receivers that answer at once.

What is timed begins with the first event published and ends when the receivers have had every webhook once; broker,
database, the deliveries process and the receivers (in this process) share the machine.
"""

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pymongo

from bench.processes import Spending, family
from bench.table import Row, medians
from contracts import topology
from contracts.event_types import all_types
from gateway.deliveries.domain import signing, subscriptions
from gateway.deliveries.sealing import seal
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.store import DATABASE
from libranet import broker
from libranet.clock import now
from libranet.cloudevent import Event, to_json
from libranet.ids import new_id
from libranet.local import Platform

TITLE = "event in, signed webhook received"
OFFERED = "org.libranet.learning.course-offered.v1"
PARTNERS = 4
"""Subscriptions of as many partners, so that no partner's own limit is what is measured."""
PATIENCE_SECONDS = 300


class Receivers:
    """One server for all partners; knows how many different webhooks came."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        receivers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                receivers.seen.add(self.path + self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.request_queue_size = 128
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, count: int) -> None:
        """Until so many have come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.seen) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(self.seen)} of {count} webhooks came within {PATIENCE_SECONDS} s")
            time.sleep(0.02)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def run(webhooks: int, rounds: int) -> list[Row]:
    """Rounds on one platform, which grows; the median of each figure."""
    receivers = Receivers()
    with tempfile.TemporaryDirectory(prefix="libranet-bench-") as home:
        extra = {"WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
        with Platform(home=Path(home), gateway_port=0, extra_env=extra,
                      parts=("broker", "database", "deliveries"), private=True) as platform:
            platform.start()
            _subscribe(platform, receivers.url)
            _round(platform, receivers, webhooks // 10)
            taken = {TITLE: [_round(platform, receivers, webhooks) for _ in range(rounds)]}
    receivers.close()
    return medians("deliveries", taken, TITLE)


def _round(platform: Platform, receivers: Receivers, webhooks: int) -> dict[str, Any]:
    receivers.seen.clear()
    events = [_offer() for _ in range(webhooks // PARTNERS)]
    spending = Spending({row["name"]: family(row["pid"]) for row in platform.status() if row["pid"]})
    began = time.perf_counter()
    _publish(platform, events)
    receivers.wait_for(len(events) * PARTNERS)
    seconds = time.perf_counter() - began
    time.sleep(1)  # what came of the last ones is being stored
    spent = spending.seconds()
    return {"events": len(events) * PARTNERS, "seconds": seconds, "cpu_seconds": sum(spent.values()), "parts": spent}


def _offer() -> Event:
    course = new_id()
    return Event(id=new_id(), type=OFFERED, source="learning", subject=course, time=now(),
                 owner="bench.riverside", actor="a-client", sequence=1, correlation_id="c", causation_id="r",
                 data={**all_types()[OFFERED].schema["examples"][0], "course": course})


def _publish(platform: Platform, events: Sequence[Event]) -> None:
    with broker.Link(platform.environment()["AMQP_URI"]) as link:
        publisher = broker.Publisher(link)
        for event in events:
            publisher.publish(to_json(event), topology.EXCHANGE, event.type, event.id)
        publisher.wait()


def _subscribe(platform: Platform, url: str) -> None:
    """As the gateway does; the secrets are sealed with the platform's own key."""
    os.environ["WEBHOOK_KEK_FILE"] = platform.environment()["WEBHOOK_KEK_FILE"]
    with pymongo.MongoClient[dict[str, Any]](platform.environment()["MONGO_URI"]) as client:
        store = SubscriptionStore(client[DATABASE])
        for number in range(PARTNERS):
            identity = new_id()
            row = subscriptions.new(identity, f"bench.partner-{number}", subscriptions.WEBHOOK, ["*"], now())
            store.add(row | {"url": f"{url}/{number}", "secret": seal(signing.new_secret(), identity), "digest": ""})
