"""One hearer process at the queue `jobs.courses`, seen from outside: what it is sent and what it did."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError

import pymongo

from contracts import topology
from libranet import broker
from libranet.cloudevent import Event, to_json
from libranet.ids import new_id
from libranet.local import Platform
from libranet.local import broker as local_broker
from tests.patience import until

QUEUE = "jobs.courses"
OFFERED = "org.libranet.learning.course-offered.v1"
HEARER = Path(__file__).parent / "hearer.py"


class Stand:
    """`process` is the hearer; `effects` are counted by subject."""

    def __init__(self, platform: Platform, instance: str = "jobs", **settings: str) -> None:
        self.platform = platform
        self.database = pymongo.MongoClient(os.environ["MONGO_URI"], tz_aware=True)["libranet_jobs"]
        self.link = broker.Link()
        self.publisher = broker.Publisher(self.link)
        self.settings = {"LIBRANET_INSTANCE": instance, **settings}
        self.process: subprocess.Popen[bytes] | None = None
        self.sent: set[str] = set()
        self.start()

    def start(self, **settings: str) -> None:
        environment = {**self.platform.environment("jobs"), **self.settings, **settings}
        self.url = f"http://{environment['LISTEN']}"
        self.process = subprocess.Popen([sys.executable, str(HEARER)], env=environment)

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(25)

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def clear(self) -> None:
        for name in ("effects", "quarantine", "inbox", "outbox", "archive"):
            self.database[name].delete_many({})

    def send(self, title: str = "good", subject: str | None = None, copies: int = 1) -> str:
        event = an_offer(subject or new_id(), title)
        self.sent.add(event.subject)
        for _ in range(copies):
            self.publisher.publish(to_json(event), topology.EXCHANGE, event.type, event.id)
        return event.subject

    def send_raw(self, body: bytes, **properties: object) -> None:
        """Straight to the queue, as no publisher of the platform would."""
        channel = self.link.channel()
        channel.basic_publish(broker.amqp.Message(body, **properties), exchange="", routing_key=QUEUE)
        channel.close()

    def settle(self) -> None:
        assert self.publisher.wait() == []

    def effects(self) -> dict[str, int]:
        """Of what this test sent, and of what that told: an earlier test's events may still come out of the broker."""
        return {row["_id"]: row["count"] for row in self.database.effects.find()
                if self.sent & {row["_id"], row["_id"].rpartition("-")[0]}}

    def reasons(self) -> list[str]:
        return sorted(row["reason"] for row in self.database.quarantine.find())

    def ready(self) -> tuple[bool, dict[str, str]]:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                report = json.load(answer)
        except HTTPError as refused:
            report = json.load(refused)
        except OSError as down:
            return False, {"process": str(down)}
        return report["ready"], report["parts"]

    def figure(self, name: str) -> float:
        """One figure of /metrics, its labels left out."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        return next((float(line.split()[-1]) for line in lines if line.split("{")[0] == name), 0.0)

    def control(self, *arguments: str) -> str:
        """What `rabbitmqctl` says to these arguments."""
        environment = local_broker.environment(self.platform.home, self.platform.ports)
        return subprocess.run(
            ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", *arguments], env={**os.environ, **environment}, check=True,
            capture_output=True, text=True, timeout=120).stdout

    def alarm(self, change: str) -> None:
        """`set` or `clear` the broker's disk alarm: it then takes nothing from publishers."""
        what = "{{resource_limit, disk, node()}, []}" if change == "set" else "{resource_limit, disk, node()}"
        self.control("eval", f"rabbit_alarm:{change}_alarm({what}).")

    def close(self) -> None:
        """Leaves nothing waiting that would reach the next test."""
        self.stop(signal.SIGKILL)
        with broker.Link() as link:
            for queue in (QUEUE, *map(topology.delay_queue, topology.DELAYS_SECONDS)):
                link.channel().queue_purge(queue)
        self.link.drop()


@contextmanager
def standing(platform: Platform, **settings: str) -> Iterator[Stand]:
    """A stand that is ready and remembers nothing."""
    stand = Stand(platform, **settings)
    stand.clear()
    until(lambda: stand.ready()[0])
    try:
        yield stand
    finally:
        stand.close()


def an_offer(course: str, title: str) -> Event:
    return Event(
        id=new_id(), type=OFFERED, source="learning", subject=course,
        time=datetime.now(UTC), owner="demo", actor="a-client", sequence=1, correlation_id="c", causation_id="r",
        data={"course": course, "title": title, "activity_iri": "https://example.org/course", "teaches": []})
