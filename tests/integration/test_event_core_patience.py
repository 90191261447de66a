"""A hearer that has to wait for long keeps its connection: each give-back counts against the queue's delivery limit."""

import os
import time
from collections.abc import Iterator

import pytest

from libranet.local import Platform
from tests.integration.event_stand import Stand, standing
from tests.patience import until

pytestmark = pytest.mark.real
LONGER_THAN_TWO_HEARTBEATS = 23


@pytest.fixture
def stand(parts: Platform) -> Iterator[Stand]:
    with standing(parts, AMQP_URI=os.environ["AMQP_URI"], QUARANTINE_LIMIT="2") as stand:
        yield stand


def test_a_long_absence_of_the_database_gives_no_message_back(stand: Stand) -> None:
    stand.platform.halt("database")
    try:
        stand.send()
        stand.settle()
        until(lambda: not stand.ready()[0])
        before = hearing(stand)
        time.sleep(LONGER_THAN_TWO_HEARTBEATS)
        assert hearing(stand) == before != set()
        assert not stand.ready()[0]
    finally:
        stand.platform.resume("database")
    until(lambda: len(stand.effects()) == 1)
    until(lambda: stand.ready()[0])


def hearing(stand: Stand) -> set[str]:
    """The connections whose channel consumes."""
    lines = stand.control("list_channels", "connection", "consumer_count").splitlines()
    return {line.split()[0] for line in lines if line.split()[-1] == "1"}


def test_at_its_quarantine_limit_a_hearer_waits_for_a_person_also_after_a_restart(stand: Stand) -> None:
    for _ in range(2):
        stand.send("refused")
    stand.settle()
    until(lambda: "quarantine" in stand.ready()[1].get("jobs.courses", ""))
    stand.stop()
    stand.start()
    until(lambda: stand.ready()[0], what="to be ready: calls come, and the release that mends it may start")
    assert "quarantine" in stand.ready()[1]["jobs.courses"]
    assert stand.figure("libranet_quarantine_rows") == 2
    good = stand.send()
    stand.settle()
    time.sleep(1)
    assert stand.effects() == {}
    stand.database.quarantine.delete_many({})
    until(lambda: stand.effects() == {good: 1})
    until(lambda: stand.ready()[1]["jobs.courses"] == "ok")
