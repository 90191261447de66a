"""What the broker itself gave up: counted, listed, sent back to where it came from, or dropped."""

import pytest
from click.testing import CliRunner

from contracts import topology
from libranet import broker
from libranet.cli import main
from libranet.ids import new_id
from libranet.local import Platform
from tests.patience import until

pytestmark = pytest.mark.real
QUEUE = "analytics.facts"
"""Nobody hears it here."""


@pytest.fixture
def dead(parts: Platform) -> str:
    """The id of a message that was given up in QUEUE."""
    key = new_id()
    with broker.Link() as link:
        publisher, channel = broker.Publisher(link), link.channel()
        for left in (QUEUE, topology.DEAD_QUEUE):
            channel.queue_purge(left)
        publisher.publish(b"an event", "", QUEUE, key)
        assert publisher.wait() == []
        while (message := channel.basic_get(QUEUE)) is None or message.properties["message_id"] != key:
            link.pause(0.05)
        channel.basic_reject(message.delivery_tag, requeue=False)
        while not channel.queue_declare(topology.DEAD_QUEUE, passive=True).message_count:
            link.pause(0.05)
    return key


def told(*arguments: str) -> str:
    ran = CliRunner().invoke(main, ["events", "dead", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.output


def lying_in(queue: str) -> int:
    with broker.Link() as link:
        return int(link.channel().queue_declare(queue, passive=True).message_count)


def test_they_are_listed_with_queue_and_reason_and_stay(dead: str) -> None:
    for _ in range(2):  # what was looked at lies there again a moment after the look
        until(lambda: f"{QUEUE}  rejected  {dead}" in told())
    told("--drop")


def test_they_go_back_where_they_came_from(dead: str) -> None:
    told("--replay")
    until(lambda: lying_in(QUEUE) == 1)  # a quorum queue counts a moment late
    assert told() == ""
    with broker.Link() as link:
        link.channel().queue_purge(QUEUE)


def test_they_are_dropped_for_good(dead: str) -> None:
    assert dead in told("--drop")
    until(lambda: lying_in(QUEUE) == 0)
    assert told() == ""
