"""The broker or the database stands still or is away: nothing is lost, nothing is given back, and no stop hangs."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contracts import topology
from libranet.local import Platform
from tests.integration.event_stand import Stand, standing
from tests.patience import until

pytestmark = [pytest.mark.real, pytest.mark.own_broker]


@pytest.fixture
def stand(parts: Platform) -> Iterator[Stand]:
    with standing(parts, AMQP_URI=os.environ["AMQP_URI"]) as stand:  # the operator's: its relay tells anybody's facts
        yield stand


@contextmanager
def frozen(stand: Stand, part: str) -> Iterator[None]:
    """The process keeps its connections and answers nothing."""
    stand.platform.kill(part, signal.SIGSTOP)
    try:
        yield
    finally:
        stand.platform.kill(part, signal.SIGCONT)


@pytest.mark.parametrize("part", ["broker", "database"])
def test_a_stop_ends_within_twenty_seconds_while_a_part_stands_still(stand: Stand, part: str) -> None:
    subjects = [stand.send("slow") for _ in range(60)]
    stand.settle()
    until(lambda: bool(stand.database.inbox.find_one({})))
    with frozen(stand, part):
        time.sleep(1)
        started = time.monotonic()
        stand.stop(signal.SIGTERM)
        assert time.monotonic() - started < 20.5
    stand.start()
    until(lambda: stand.effects() == dict.fromkeys(subjects, 1))


def test_a_stop_while_the_database_is_away_costs_no_event_an_attempt(stand: Stand) -> None:
    stand.platform.halt("database")
    try:
        for _ in range(30):
            stand.send()
        stand.settle()
        time.sleep(2)
        started = time.monotonic()
        assert stand.stop(signal.SIGTERM) == 0
        assert time.monotonic() - started < 15
    finally:
        stand.platform.resume("database")
    waiting = stand.control("-p", "libranet", "list_queues", "name", "messages").splitlines()
    assert f"{topology.delay_queue(1)}\t0" in waiting
    stand.start()
    until(lambda: len(stand.effects()) == 30)
