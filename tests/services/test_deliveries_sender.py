"""The sender's greenthreads: who may use the connection to partners' queues, and that nothing taken is lost."""

import time
from collections.abc import Callable
from typing import Any

import eventlet
import pytest

from gateway.deliveries.attempting import Job
from gateway.deliveries.domain.agenda import Due
from gateway.deliveries.domain.schedule import Attempt
from gateway.deliveries.sender import Sender
from libranet.clock import now


class OneAtATime:
    """Stands in for Queues; tells when two greenthreads use it at once."""

    def __init__(self) -> None:
        self.uses: list[str] = []
        self._used = False

    def lay(self, jobs: list[Job]) -> list[Attempt]:
        self._use("lay")
        return [Attempt(now(), 1, is_taken=True) for _ in jobs]

    def keep_alive(self) -> None:
        self._use("keep_alive")

    def _use(self, what: str) -> None:
        assert not self._used, "two at once"
        self._used = True
        eventlet.sleep(0.02)
        self._used = False
        self.uses.append(what)


@pytest.fixture
def sender() -> Any:
    made: Any = Sender()
    made.setup()
    made._queues = OneAtATime()
    return made


def come_about(holds: Callable[[], bool]) -> None:
    """Lets the greenthreads run until it holds."""
    with eventlet.Timeout(60):
        while not holds():
            eventlet.sleep(0.01)


def a_job(number: int, prepared_at: float | None = None) -> Job:
    due = Due(now(), f"delivery-{number}", "s", "demo.mill")
    return Job(due, {}, {"delivery": "amqp"}, (), time.monotonic() if prepared_at is None else prepared_at)


def test_the_connection_to_partners_queues_has_one_user_at_a_time(sender: Any) -> None:
    idle = eventlet.spawn(sender._spawn, [])
    eventlet.sleep(0)
    for number in range(3):
        sender._spawn([a_job(number)])
        sender._spawn([])
    idle.wait()
    come_about(lambda: len(sender._queues.uses) == 4 and len(sender._done) == 3)
    assert sorted(sender._queues.uses) == ["keep_alive", "lay", "lay", "lay"]
    assert sorted(each.due.delivery for each in sender._done) == ["delivery-0", "delivery-1", "delivery-2"]


def test_what_waited_too_long_goes_back_and_is_asked_about_again(sender: Any) -> None:
    sender._spawn([a_job(1), a_job(2, prepared_at=time.monotonic() - 5)])
    come_about(lambda: bool(sender._done and sender._unsent))
    assert [each.due.delivery for each in sender._done] == ["delivery-1"]
    assert [each.delivery for each in sender._unsent] == ["delivery-2"]


def test_outcomes_are_stored_together_and_none_waits_long(sender: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.deliveries.sender.LINGER_SECONDS", 60)
    sender._desk.agenda.add([a_job(number).due for number in range(9)])
    sender._desk.agenda.take(now())
    sender._lay([a_job(1)])
    assert not sender._is_worth_settling()
    monkeypatch.setattr("gateway.deliveries.sender.LINGER_SECONDS", 0)
    assert sender._is_worth_settling()
