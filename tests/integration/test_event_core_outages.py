"""The broker takes nothing, is away, or has lost a queue: nothing is lost, and the figures say so."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contracts import topology
from libranet import outbox
from libranet.local import Platform
from tests.integration.event_stand import OFFERED, QUEUE, Stand, an_offer, standing
from tests.patience import until

pytestmark = [pytest.mark.real, pytest.mark.own_broker]
ABANDONED_TRANSACTION_SECONDS = 60
"""The database itself ends a transaction whose process was killed after this time, unless that process comes back."""


@pytest.fixture
def stand(parts: Platform) -> Iterator[Stand]:
    with standing(parts, AMQP_URI=os.environ["AMQP_URI"]) as stand:  # the operator's: its relay tells anybody's facts
        yield stand


@contextmanager
def alarmed(stand: Stand) -> Iterator[None]:
    stand.alarm("set")
    try:
        yield
    finally:
        stand.alarm("clear")


def facts(stand: Stand, count: int, title: str = "good") -> list[str]:
    """Rows in the hearer's own outbox; the relay publishes them, and the hearer hears them."""
    events = [an_offer(f"told-{id(stand)}-{number}", title) for number in range(count)]
    stand.sent |= {event.subject for event in events}
    stand.database.outbox.insert_many([{**outbox.row([event]), "schema_version": 1} for event in events])
    return [event.subject for event in events]


def connections(stand: Stand) -> set[str]:
    return set(stand.control("list_connections", "pid").split())


def test_under_a_disk_alarm_the_relay_keeps_its_connection_and_says_so(stand: Stand) -> None:
    with alarmed(stand):
        subjects = facts(stand, 30)
        until(lambda: "blocks" in stand.ready()[1].get("relay", ""))
        assert not stand.ready()[0]
        before = connections(stand)
        until(lambda: stand.figure("libranet_outbox_rows") == 30)
        time.sleep(5)
        assert connections(stand) <= before
    until(lambda: stand.effects() == dict.fromkeys(subjects, 1))
    until(lambda: stand.ready()[0] and stand.figure("libranet_outbox_rows") == 0)


def test_what_fails_under_a_disk_alarm_is_held_and_a_stop_is_clean(stand: Stand) -> None:
    facts(stand, 1, "always fails")
    until(lambda: stand.figure("libranet_retried_total") > 0)
    with alarmed(stand):
        facts(stand, 3)
        until(lambda: not stand.ready()[0])
        started = time.monotonic()
        assert stand.stop(signal.SIGTERM) == 0
        assert time.monotonic() - started < 18
    stand.start()
    until(lambda: len(stand.effects()) == 3)


def test_while_the_broker_is_down_the_outbox_is_measured(stand: Stand) -> None:
    stand.platform.halt("broker")
    try:
        facts(stand, 7)
        until(lambda: stand.figure("libranet_outbox_rows") == 7)
        until(lambda: stand.figure("libranet_outbox_oldest_seconds") > 1)
        until(lambda: not stand.ready()[0])
    finally:
        stand.platform.resume("broker")
    until(lambda: len(stand.effects()) == 7)


def test_a_failed_event_whose_delay_queue_is_gone_is_not_lost(stand: Stand) -> None:
    stand.control("-p", "libranet", "delete_queue", topology.delay_queue(1))
    flaky = stand.send("fails while young")
    stand.settle()
    until(lambda: stand.effects().get(flaky) == 1)


def test_queues_that_were_deleted_are_declared_again_and_the_facts_wait(stand: Stand) -> None:
    for queue in topology.hearers()[OFFERED]:
        stand.control("-p", "libranet", "delete_queue", queue)
    subjects = facts(stand, 5)
    until(lambda: stand.effects() == dict.fromkeys(subjects, 1))
    until(lambda: stand.ready()[0])
    assert QUEUE in stand.control("-p", "libranet", "list_queues", "name")


def test_two_replicas_share_queue_and_lease_and_one_takes_over(stand: Stand) -> None:
    listen = stand.platform.environment("learning")["LISTEN"]  # which does not run here
    other = Stand(stand.platform, "jobs-2", LISTEN=listen, AMQP_URI=os.environ["AMQP_URI"])
    try:
        until(lambda: other.ready()[0])
        heard = [stand.send("slow") for _ in range(150)]
        told = facts(stand, 100)
        stand.settle()
        until(lambda: len(stand.effects()) > 50)
        stand.stop(signal.SIGKILL)
        until(lambda: stand.effects() == dict.fromkeys([*heard, *told], 1), ABANDONED_TRANSACTION_SECONDS + 60)
        told = facts(stand, 110)  # ten of them are new
        until(lambda: stand.database.outbox.count_documents({}) == 0)
        until(lambda: len(stand.effects()) == 260)
    finally:
        other.close()
