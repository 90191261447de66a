"""The event core on real parts: exactly once through duplicates, poison, kills and clean stops."""

import signal
import time
from collections.abc import Iterator

import pytest

from contracts import topology
from libranet import operate, quarantine
from libranet.local import Platform
from tests.integration.event_stand import QUEUE, Stand, standing
from tests.patience import until

pytestmark = pytest.mark.real


@pytest.fixture
def stand(parts: Platform) -> Iterator[Stand]:
    with standing(parts) as stand:
        yield stand


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
    until(lambda: good in stand.effects())
    until(lambda: stand.effects().get(flaky) == 1)
    assert failing not in stand.effects()
    assert stand.database.quarantine.count_documents({}) == 0


def test_a_quarantined_event_can_be_replayed_and_dropped(stand: Stand) -> None:
    stand.send("refused")
    stand.settle()
    until(lambda: stand.database.quarantine.count_documents({}) == 1)
    row = stand.database.quarantine.find_one()
    bodies: list[bytes] = []
    quarantine.release(operate.database_of("jobs"), row["_id"], bodies.append)
    assert stand.database.quarantine.count_documents({}) == 0
    assert operate._publish(QUEUE, iter([(row["_id"], bodies[0].replace(b"refused", b"mended!"))])) == 1
    until(lambda: len(stand.effects()) == 1)


def test_kills_in_the_middle_lose_nothing_and_double_nothing(stand: Stand) -> None:
    subjects = [stand.send("slow" if number % 10 == 0 else "good") for number in range(400)]
    stand.settle()
    for _ in range(3):
        time.sleep(1.2)
        stand.stop(signal.SIGKILL)
        stand.start()
    until(lambda: len(stand.effects()) == 400)
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
