"""A private broker and database for the benchmarks, and what is put into them before a clock starts."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import amqp
import pymongo

from bench.processes import family
from libranet import broker
from libranet.local import Platform

WINDOW = 500
SETTLE_SECONDS = 2.0
Database = pymongo.MongoClient[dict[str, Any]]


class Parts:
    """Broker and database that run, as their operator reaches them."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.operator = platform.environment("operator")
        self.database: Database = pymongo.MongoClient(self.operator["MONGO_URI"], tz_aware=True)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["Parts"]:
        """Starts both in a directory of their own, and stops them."""
        with tempfile.TemporaryDirectory(prefix="libranet-bench-") as home:
            with Platform(home=Path(home), gateway_port=0, parts=("broker", "database")) as platform:
                platform.start()
                os.environ.update({"ID_KEY_FILE": platform.environment("operator")["ID_KEY_FILE"]})
                yield cls(platform)

    def pids(self, *names: str) -> dict[str, list[int]]:
        return {name: family(pid) for name in names if (pid := self.platform.pid(name))}

    def environment(self, service: str = "") -> dict[str, str]:
        """What a service of the platform gets; without a name, what a peer gets: the operator's rights."""
        return {**self.platform.environment(service or "operator"), "LIBRANET_INSTANCE": service or "peer"}

    def link(self) -> broker.Link:
        return broker.Link(self.operator["AMQP_URI"])

    def declare(self, queue: str, arguments: Mapping[str, Any], exchange: str = "", key: str = "") -> None:
        """A durable queue, empty afterwards; bound to a durable topic exchange where one is named."""
        link = self.link()
        channel = link.channel()
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments=dict(arguments))
        channel.queue_purge(queue)
        if exchange:
            channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
            channel.queue_bind(queue, exchange, key)
        link.close()

    def fill(self, queue: str, bodies: Sequence[bytes], **properties: Any) -> None:
        """Puts persistent messages into a queue and waits for the broker's confirmations."""
        link = self.link()
        publisher = _Publisher(link)
        for start in range(0, len(bodies), WINDOW):
            for body in bodies[start:start + WINDOW]:
                publisher.send(body, queue, properties)
            if publisher.wait():
                raise RuntimeError(f"there is no queue {queue}")
        link.close()

    def drop(self, service: str) -> Any:
        """The service's database, empty."""
        self.database.drop_database(f"libranet_{service}")
        return self.database[f"libranet_{service}"]


class _Publisher(broker.Publisher):
    """The platform's publisher, for messages in the peers' own forms."""

    def send(self, body: bytes, queue: str, properties: Mapping[str, Any]) -> None:
        message = amqp.Message(body, delivery_mode=broker.PERSISTENT, **properties)
        self._last_tag += 1
        self._open.add(self._last_tag)
        self._channel.basic_publish(message, exchange="", routing_key=queue, mandatory=True)
