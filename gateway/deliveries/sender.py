"""Runs the sending in the deliveries process: greenthreads for the attempts, one lease for all replicas.

Wakes as soon as a batch with new deliveries is committed, so a webhook leaves within milliseconds; looks by itself
every POLL_SECONDS for what another process announced (a redelivery asked at the gateway).
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

import eventlet
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider

from gateway.deliveries.attempting import Job, Outcome, attempt
from gateway.deliveries.domain.agenda import Due
from gateway.deliveries.domain.schedule import Attempt
from gateway.deliveries.domain.subscriptions import AMQP
from gateway.deliveries.post import TOTAL_SECONDS
from gateway.deliveries.queues import Queues
from gateway.deliveries.sending import Desk
from libranet.background import Background
from libranet.clock import now
from libranet.health import HEALTH
from libranet.lease import Lease
from libranet.mongo import Database

POLL_SECONDS = 0.25
DRAIN_SECONDS = 8
"""At a stop, attempts under way get this long; what is still open then is sent again by the next process."""
DEADLINE_SECONDS = TOTAL_SECONDS + 1
SETTLE_AT = 16
LINGER_SECONDS = 0.02
"""What came of attempts is stored together when there are so many, or when the first has waited this long, for a
transaction costs the database as much as several deliveries. A kill before it sends those again, with the same ids."""

LANES, LANES_OF_A_PARTNER, LANES_OF_AN_ENDPOINT = 24, 8, 4
"""Attempts on the wire at a time."""


class Lanes:
    """Places on the wire: in all, per partner, and per endpoint, so that one slow receiver does not hold the others."""

    def __init__(self) -> None:
        self._all = Semaphore(LANES)
        self._partners: WeakValueDictionary[str, Semaphore] = WeakValueDictionary()
        self._endpoints: WeakValueDictionary[str, Semaphore] = WeakValueDictionary()

    @contextmanager
    def one(self, job: Job) -> Iterator[None]:
        """Waits for a place. The endpoint's comes first: who waits for it takes no place from others."""
        endpoint = self._endpoints.setdefault(job.due.subscription, Semaphore(LANES_OF_AN_ENDPOINT))
        partner = self._partners.setdefault(job.due.node, Semaphore(LANES_OF_A_PARTNER))
        with endpoint, partner, self._all:
            yield


class Sender(Background, DependencyProvider):
    """Service methods get it as `self.sender`, to wake it after their commit.

    A stop sends nothing more, stores what comes back within DRAIN_SECONDS, and gives the lease back.
    """

    database = Database()
    part = "sender"
    trouble = "the database does not answer the sender"

    def setup(self) -> None:
        super().setup()
        self._loaded = False
        self._has_news = True
        self._looks_again_at = 0.0
        self._done: list[Outcome] = []
        self._done_since = 0.0
        self._unsent: list[Due] = []
        self._lanes = Lanes()
        self._queues = Queues()
        self._queues_turn = Semaphore()
        self._desk = Desk(self.database)
        self._lease = Lease(self.database, "sender")

    def get_dependency(self, _context: Any) -> "Sender":
        return self

    def wake(self) -> None:
        """There is something new to send."""
        self._has_news = True
        super().wake()

    def serve(self) -> None:
        while not self.stopping:
            self._turn()
        self._drain()

    def _turn(self) -> None:
        self._put_back_unsent()
        if self._is_worth_settling():
            self._settle()
        if not self._lease.is_held():
            self._loaded = False
            HEALTH.well("sender")
            self._wait()
            return
        if not self._loaded:
            self._desk.load()
            self._loaded = True
        self._look()
        jobs, outcomes = self._desk.next_jobs()
        self._note(outcomes)
        self._spawn(jobs)
        HEALTH.well("sender")
        if not self._desk.has_more_to_plan:
            self._wait()

    def _look(self) -> None:
        """For what was announced: at once by this process, every POLL_SECONDS by others."""
        if self._has_news or self._desk.has_more_to_plan or time.monotonic() >= self._looks_again_at:
            self._has_news = False
            self._looks_again_at = time.monotonic() + POLL_SECONDS
            self._desk.collect()

    def _spawn(self, jobs: list[Job]) -> None:
        queued: list[Job] = []
        for job in jobs:
            if job.subscription["delivery"] == AMQP:
                queued.append(job)
            else:
                eventlet.spawn(self._attempt, job)
        if queued:
            eventlet.spawn(self._lay, queued)
        elif self._queues_turn.acquire(blocking=False):  # it reads too, and only one may
            try:
                self._queues.keep_alive()
            finally:
                self._queues_turn.release()

    def _wait(self) -> None:
        self.rest(LINGER_SECONDS if self._done else POLL_SECONDS)

    def _attempt(self, job: Job) -> None:
        with self._lanes.one(job):
            if job.is_stale or self.stopping:
                self._unsent.append(job.due)
            else:
                made = Attempt(now(), int(DEADLINE_SECONDS * 1000), reason="no answer in time")
                with eventlet.Timeout(DEADLINE_SECONDS, False):
                    made = attempt(job)
                self._note([Outcome(job.due, made)])
        super().wake()

    def _lay(self, jobs: list[Job]) -> None:
        """Into partners' queues, all at once; one batch after the other, for they share a connection."""
        with self._queues_turn:
            fresh = [job for job in jobs if not (self.stopping or job.is_stale)]
            late = Attempt(now(), int(DEADLINE_SECONDS * 1000), reason="no answer in time", is_our_fault=True)
            attempts = [late] * len(fresh)
            with eventlet.Timeout(DEADLINE_SECONDS, False):
                attempts = self._queues.lay(fresh)
            if late in attempts:
                self._queues.drop()
        laid = {job.due.delivery for job in fresh}
        self._unsent += [job.due for job in jobs if job.due.delivery not in laid]
        self._note(Outcome(job.due, made) for job, made in zip(fresh, attempts, strict=True))
        super().wake()

    def _note(self, outcomes: Iterable[Outcome]) -> None:
        if not self._done:
            self._done_since = time.monotonic()
        self._done += outcomes

    def _is_worth_settling(self) -> bool:
        count = len(self._done)
        return count >= SETTLE_AT or count >= self._desk.agenda.in_flight or (
            time.monotonic() - self._done_since >= LINGER_SECONDS)

    def _put_back_unsent(self) -> None:
        unsent, self._unsent = self._unsent, []
        self._desk.put_back(unsent)

    def _settle(self) -> None:
        """What is not stored, for the database is away, stays here for the next turn."""
        self._put_back_unsent()
        outcomes = list(self._done)
        self._desk.settle(outcomes)
        del self._done[:len(outcomes)]

    def _drain(self) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._desk.agenda.in_flight and time.monotonic() < deadline:
            self._settle()
            self._wait()
        self._settle()
        self._queues.drop()
        self._lease.give_back()
