"""The event core on real parts: exactly once through duplicates, poison, kills and clean stops."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pymongo
import pytest

from contracts import topology
from libranet import broker, operate, quarantine
from libranet.cloudevent import Event, to_json
from libranet.ids import new_id
from libranet.local import Platform

pytestmark = pytest.mark.real
QUEUE = "jobs.courses"
HEARER = Path(__file__).parent / "hearer.py"


class Stand:
    """One hearer process at the queue `jobs.courses`, and what it did."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.database = pymongo.MongoClient(os.environ["MONGO_URI"], tz_aware=True)["libranet_jobs"]
        self.link = broker.Link()
        self.publisher = broker.Publisher(self.link)
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        environment = {**self.platform.environment("jobs"), "LIBRANET_INSTANCE": "jobs"}
        self.process = subprocess.Popen([sys.executable, str(HEARER)], env=environment)

    def stop(self, number: int) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(25)

    def send(self, title: str = "good", subject: str | None = None, copies: int = 1) -> str:
        event = an_offer(subject or new_id(), title)
        for _ in range(copies):
            self.publisher.publish(to_json(event), topology.EXCHANGE, event.type, event.id)
        return event.subject

    def settle(self) -> None:
        assert self.publisher.wait() == []

    def effects(self) -> dict[str, int]:
        return {row["_id"]: row["count"] for row in self.database.effects.find()}

    def close(self) -> None:
        self.stop(signal.SIGKILL)
        self.link.close()


def an_offer(course: str, title: str) -> Event:
    return Event(
        id=new_id(), type="org.libranet.learning.course-offered.v1", source="learning", subject=course,
        time=datetime.now(UTC), owner="demo", actor="a-client", sequence=1, correlation_id="c", causation_id="r",
        data={"course": course, "title": title, "activity_iri": "https://example.org/course", "teaches": []})


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


@pytest.fixture
def stand(parts: Platform) -> Iterator[Stand]:
    stand = Stand(parts)
    for name in ("effects", "quarantine", "inbox"):
        stand.database[name].delete_many({})
    yield stand
    stand.close()


def test_each_event_has_its_effect_once_however_often_it_is_delivered(stand: Stand) -> None:
    subjects = [stand.send(copies=3) for _ in range(100)]
    stand.settle()
    until(lambda: len(stand.effects()) == 100)
    time.sleep(0.3)
    assert stand.effects() == dict.fromkeys(subjects, 1)


def test_poison_is_quarantined_with_its_reason_while_its_neighbours_pass(stand: Stand) -> None:
    good = [stand.send() for _ in range(20)]
    refused = stand.send("refused")
    for body in (b"{not json", b'{"specversion": "1.0"}'):
        stand.publisher.publish(body, topology.EXCHANGE, "org.libranet.learning.course-offered.v1", "no id")
    good += [stand.send() for _ in range(20)]
    stand.settle()
    until(lambda: stand.database.quarantine.count_documents({}) == 3)
    until(lambda: stand.effects() == dict.fromkeys(good, 1))
    reasons = sorted(row["reason"] for row in stand.database.quarantine.find())
    assert reasons[-1] == "refusal: never"
    assert refused not in stand.effects()


def test_what_fails_for_now_comes_back_later_and_holds_nobody_up(stand: Stand) -> None:
    flaky = stand.send("fails while young")
    failing = stand.send("always fails")
    good = stand.send()
    stand.settle()
    until(lambda: good in stand.effects(), 5)
    until(lambda: stand.effects().get(flaky) == 1, 15)
    assert failing not in stand.effects()
    assert stand.database.quarantine.count_documents({}) == 0


def test_a_quarantined_event_can_be_replayed_and_dropped(stand: Stand) -> None:
    stand.send("refused")
    stand.settle()
    until(lambda: stand.database.quarantine.count_documents({}) == 1)
    row = stand.database.quarantine.find_one()
    body = quarantine.release(operate.database_of("jobs"), row["_id"])
    assert stand.database.quarantine.count_documents({}) == 0
    assert operate._publish(QUEUE, iter([(row["_id"], body.replace(b"refused", b"mended!"))])) == 1
    until(lambda: len(stand.effects()) == 1)


def test_kills_in_the_middle_lose_nothing_and_double_nothing(stand: Stand) -> None:
    subjects = [stand.send("slow" if number % 10 == 0 else "good") for number in range(400)]
    stand.settle()
    for _ in range(3):
        time.sleep(1.2)
        stand.stop(signal.SIGKILL)
        stand.start()
    until(lambda: len(stand.effects()) == 400, 30)
    assert stand.effects() == dict.fromkeys(subjects, 1)


def test_a_term_signal_ends_the_batch_and_the_process_within_twenty_seconds(stand: Stand) -> None:
    subjects = [stand.send("slow") for _ in range(150)]
    stand.settle()
    until(lambda: bool(stand.effects()) or stand.process.poll() is not None)
    started = time.monotonic()
    assert stand.stop(signal.SIGTERM) == 0
    assert time.monotonic() - started < 20
    stand.start()
    until(lambda: stand.effects() == dict.fromkeys(subjects, 1))
