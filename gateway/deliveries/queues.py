"""Lays messages into partners' queues, many at a time, each with the broker's own word on what became of it.

One connection to the partners' virtual host, used by one greenthread at a time. Blocks for about CONFIRM_SECONDS at
most. Never raises: a message that was not taken has its reason, in words that the subscriber is shown.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import amqp

from contracts.topology import PARTNER_VHOST
from gateway.deliveries import figures
from gateway.deliveries.attempting import OUR_FAULT, Job
from gateway.deliveries.domain import partner_queue, partner_view
from gateway.deliveries.domain.schedule import Attempt
from libranet import settings
from libranet.broker import BROKEN, PERSISTENT, Link
from libranet.clock import now
from libranet.logs import log, words_of
from libranet.metrics import from_zero

CONFIRM_SECONDS = 10
KEEP_ALIVE_SECONDS = 2
TAKEN, FULL, MISSING = "taken", "full", "missing"
AWAY, FAULTY = "away", "faulty"
OURS = (AWAY, FAULTY)
WORDS = {
    TAKEN: "the queue took it",
    FULL: "the queue is full: read what lies in it",
    MISSING: "the queue is missing: ask the platform's operator for it",
    AWAY: "not sent: the platform's broker does not answer",
    FAULTY: OUR_FAULT,
}
from_zero(figures.QUEUED, WORDS)


def uri() -> str:
    """Where the partners' virtual host is reached by us: PARTNER_AMQP_URI, else at AMQP_URI's broker and account."""
    ours = urlsplit(settings.secret("AMQP_URI"))
    return settings.get("PARTNER_AMQP_URI", ours._replace(path="/" + quote(PARTNER_VHOST, safe="")).geturl())


class Queues:
    """Connects when it is first needed, and anew after every failure."""

    def __init__(self, connect: Callable[[], Link] = lambda: Link(uri())) -> None:
        self._connect = connect
        self._window: _Window | None = None
        self._used_at = 0.0

    def lay(self, jobs: Sequence[Job]) -> list[Attempt]:
        """One attempt for each job, in their order."""
        at, started = now(), time.monotonic()
        outcomes = self._laid(jobs)
        milliseconds = int((time.monotonic() - started) * 1000)
        for outcome in outcomes:
            figures.QUEUED.labels(outcome).inc()
        return [Attempt(at, milliseconds, reason=WORDS[outcome], is_our_fault=outcome in OURS,
                        is_taken=outcome == TAKEN) for outcome in outcomes]

    def keep_alive(self) -> None:
        """Called often between two batches: now and then it lets heartbeats go both ways, so that a dead connection is
        noticed before it is needed."""
        if self._window is None or time.monotonic() - self._used_at < KEEP_ALIVE_SECONDS:
            return
        self._used_at = time.monotonic()
        try:
            self._window.link.idle()
        except BROKEN:
            self.drop()

    def drop(self) -> None:
        """Lets the connection go."""
        if self._window is not None:
            self._window.link.drop()
            self._window = None

    def _laid(self, jobs: Sequence[Job]) -> list[str]:
        try:
            if self._window is None:
                self._window = _Window(self._connect())
            outcomes = self._window.lay(jobs)
        except BROKEN as error:
            log().warning("the broker does not take messages for partners", error=words_of(error))
            outcomes = [AWAY] * len(jobs)
        except Exception:  # noqa: BLE001 - the deliveries must come back to the agenda, whatever happened
            log().exception("a batch for partners' queues failed")
            outcomes = [AWAY] * len(jobs)
        if AWAY in outcomes:
            self.drop()
        return outcomes


class _Window:
    """A channel in confirm mode that keeps the outcome of each message apart."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._channel = link.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(lambda tag, multiple: self._on_answer(tag, multiple, TAKEN))
        self._channel.events["basic_nack"].add(lambda tag, multiple: self._on_answer(tag, multiple, FULL))
        self._channel.events["basic_return"].add(self._on_return)
        self._last_tag = 0
        self._open: dict[int, str] = {}
        self._outcomes: dict[str, str] = {}

    def lay(self, jobs: Sequence[Job]) -> list[str]:
        """Publishes all, then waits; what is unanswered by then is AWAY. Raises BROKEN."""
        self._open, self._outcomes = {}, {}
        for job in jobs:
            try:
                body = job.body
            except Exception:  # noqa: BLE001 - one event's fault must not keep its neighbours back
                log().exception("a message for a partner could not be made", delivery=job.due.delivery)
                self._outcomes[job.due.delivery] = FAULTY
                continue
            self._publish(job, body)
        deadline = time.monotonic() + CONFIRM_SECONDS
        while self._open and time.monotonic() < deadline and not self.link.blocked:
            try:
                self.link.connection.drain_events(timeout=1)
            except TimeoutError:
                self.link.connection.heartbeat_tick()
        return [self._outcomes.get(job.due.delivery, AWAY) for job in jobs]

    def _publish(self, job: Job, body: bytes) -> None:
        event = job.delivery["event"]
        message = amqp.Message(
            body, content_type=partner_view.CONTENT_TYPE, delivery_mode=PERSISTENT, type=event["type"],
            message_id=job.delivery["message"], application_headers={"delivery": job.due.delivery})
        self._last_tag += 1
        self._open[self._last_tag] = job.due.delivery
        self._channel.basic_publish(message, exchange="", routing_key=partner_queue.queue(job.due.node), mandatory=True)

    def _on_answer(self, tag: int, multiple: bool, outcome: str) -> None:
        """A message that came back is confirmed too, after its return."""
        for each in [each for each in self._open if each == tag or (multiple and each < tag)]:
            self._outcomes.setdefault(self._open.pop(each), outcome)

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        self._outcomes[message.headers["delivery"]] = MISSING
