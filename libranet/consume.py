"""Hearing events: `@hears` makes a service method the hearer of a queue, batch by batch.

Gives: each event's effect exactly once (the inbox row commits with it); the queue's order within one replica; a
bounded number of retries with fixed delays; quarantine with a reason for what cannot be handled; a clean stop
within 20 seconds. Does not give: order between replicas or between queues (hearers compare `sequence`), or
freedom from duplicates at the broker.

A method gets `(self, events, store)` and may be run again with the same events, so it keeps its effects in the
store. Raising a `Refusal` means "never": quarantine. Any other exception means "not now": a delay, then quarantine.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from contracts import topology
from libranet import broker, incoming, metrics, spans
from libranet.background import Background
from libranet.clock import now
from libranet.cloudevent import Event
from libranet.health import HEALTH
from libranet.heard import HEARD
from libranet.logs import log, words_of
from libranet.mongo import Database, is_outage
from libranet.problems import Refusal
from libranet.quarantine import Poison, quarantine_limit, set_aside
from libranet.relay import Relay
from libranet.work import Work
from libranet.worker import Awaited

LINGER_SECONDS = 0.02
IDLE_SECONDS = 0.25
QUEUE_DEPTH_SECONDS = 1
QUARANTINE_SECONDS, QUARANTINE_PATIENCE_SECONDS = 10, 2
"""How often a figure is read, and how long that may take: the broker ends a connection that is silent for 20 s."""
READ_AHEAD_BYTES = 8192
"""About ten messages. What is read too much is copied with each read, so that more would cost more than it saves."""
OUTAGE_PAUSE_SECONDS = 0.5


class Hearer(Background, Awaited):
    """One queue, one connection, one batch at a time. A stop finishes the batch and gives the rest back."""

    database = Database()
    relay = Relay()
    trouble = "a hearer lost its connection"
    failures = broker.BROKEN

    def __init__(self, *types: str, batch: int = 100, once: bool = True, **kwargs: Any) -> None:
        self.types = types
        self.batch = batch
        self.once = once
        super().__init__(expected_exceptions=(Refusal, PyMongoError), **kwargs)

    def setup(self) -> None:
        service = self.container.service_name
        self.part = self.queue = f"{service}.{self.method_name.replace('_', '-')}"
        if set(self.types) != set(topology.queues().get(self.queue, ())):
            raise RuntimeError(f"{self.queue}: contracts/events name other events as heard than {self.types}")
        super().setup()
        self._measured_at = self._quarantine_measured_at = 0.0
        metrics.hearer_from_zero(self.queue)
        HEARD.expect(self.queue)

    def serve(self) -> None:
        with broker.Link() as link:
            broker.declare(link, self.container.service_name)
            self._consume(link)

    def _consume(self, link: broker.Link) -> None:
        self._patiently(link, lambda: self._pause_at_limit(link))
        channel = link.channel()
        channel.basic_qos(0, 2 * self.batch, False)
        waiting: list[Any] = []
        channel.basic_consume(self.queue, callback=waiting.append)
        publisher = broker.Publisher(link)
        _read_ahead(link)
        HEARD.connected(self.queue)
        while not self.stopping:
            self._fill(link, waiting)
            self._measure_depth(channel, idle=not waiting)
            self._measure_quarantine()
            if not waiting:
                continue
            messages, waiting[:self.batch] = waiting[:self.batch], []
            self._handle(messages, link, publisher)
            channel.basic_ack(messages[-1].delivery_tag, multiple=True)

    def _fill(self, link: broker.Link, waiting: list[Any]) -> None:
        """Reads until a batch is there, or for LINGER_SECONDS after the first message."""
        if waiting or self._read_one(link, IDLE_SECONDS):
            deadline = time.monotonic() + LINGER_SECONDS
            with link.connection.transport.having_timeout(LINGER_SECONDS):  # set once, not for each of 300 frames
                while len(waiting) < self.batch and time.monotonic() < deadline and self._read_one(link):
                    pass
        link.connection.heartbeat_tick()

    def _read_one(self, link: broker.Link, timeout_seconds: float | None = None) -> bool:
        try:
            link.connection.drain_events(timeout=timeout_seconds)
        except TimeoutError:
            return False
        return True

    def _handle(self, messages: list[Any], link: broker.Link, publisher: broker.Publisher) -> None:
        """Returns when every message's outcome is durable: effect, delay queue or quarantine."""
        started = time.monotonic()
        found = [(incoming.read(message, self.types), message) for message in messages]
        events = [(each, message) for each, message in found if isinstance(each, Event)]
        poison = [each for each, _ in found if isinstance(each, Poison)]
        try:
            self._patiently(link, lambda: self._apply([event for event, _ in events]))
        except broker.NotConfirmed:
            raise
        except Exception:  # noqa: BLE001 - one event's fault must not hold up its neighbours: each is tried alone
            poison += self._one_by_one(events, link, publisher)
        if poison:
            self._patiently(link, lambda: set_aside(self.database, self.queue, poison))
            self._patiently(link, lambda: self._pause_at_limit(link))
        metrics.HANDLER_SECONDS.labels(self.queue).observe(time.monotonic() - started)
        if events:
            HEARD.handled(self.queue, events[-1][0].time)
            lag = (now() - events[-1][0].time).total_seconds()
            metrics.QUEUE_LAG.labels(self.queue).set(max(lag, 0))

    def _one_by_one(self, events: list[tuple[Event, Any]], link: broker.Link,
                    publisher: broker.Publisher) -> list[Poison]:
        """Applies each event alone; gives what belongs into quarantine, sends the rest of the failed to a delay."""
        poison: list[Poison] = []
        for event, message in events:
            body, attempt = incoming.body_of(message), incoming.attempts_of(message)
            link.idle()  # a hundred slow failures last longer than a heartbeat
            try:
                self._patiently(link, partial(self._apply, [event]))
            except broker.NotConfirmed:
                raise
            except Refusal as refusal:
                poison.append(Poison(event.id, body, f"{refusal.slug}: {refusal.detail}"))
            except Exception as error:  # noqa: BLE001 - whatever the handler raised: it is retried, then set aside
                if attempt < len(topology.DELAYS_SECONDS):
                    self._delay(event, body, attempt, publisher)
                else:
                    poison.append(Poison(event.id, body, f"{type(error).__name__}: {error}"))
        self._patiently(link, partial(_confirm, publisher))
        return poison

    def _delay(self, event: Event, body: bytes, attempt: int, publisher: broker.Publisher) -> None:
        seconds = topology.DELAYS_SECONDS[attempt]
        headers = {incoming.ATTEMPT_HEADER: attempt + 1}
        publisher.publish(body, topology.delay_exchange(seconds), self.queue, event.id, headers)
        metrics.RETRIED.labels(self.queue).inc()
        log().warning("an event is tried again later", queue=self.queue, event_id=event.id, seconds=seconds)

    def _patiently(self, link: broker.Link, step: Callable[[], None]) -> None:
        """Repeats a step while the database is away or the broker blocks; the messages stay in hand.

        Raises NotConfirmed when they have to go back to the broker, and what is the step's own fault as it is.
        """
        while True:
            try:
                step()
                HEALTH.well(self.queue)
                return
            except (PyMongoError, broker.Blocked) as error:
                if isinstance(error, PyMongoError) and not is_outage(error):
                    raise
                if HEALTH.ill(self.queue, f"waits: {type(error).__name__}"):
                    log().warning("a hearer waits for database or broker", queue=self.queue, error=words_of(error))
                if self.stopping:
                    raise broker.NotConfirmed("stopped while it waited") from error
                link.pause(OUTAGE_PAUSE_SECONDS)

    def _apply(self, events: list[Event]) -> None:
        with spans.handling(self.queue, events) as traced:
            if traced and self.once:
                self.database.transact(partial(self._effect, traced))
            elif traced:
                self.run_method(traced)
        metrics.HANDLED.labels(self.queue).inc(len(events))

    def _effect(self, events: list[Event], work: Work) -> None:
        keys = {f"{self.queue}|{event.id}": event for event in events}
        known = work.get_many("inbox", keys)
        fresh = [event for key, event in keys.items() if key not in known]
        metrics.DUPLICATES.labels(self.queue).inc(len(events) - len(fresh))
        if not fresh:
            return
        self.run_method(fresh, self.container.service_cls.store(work))
        handled_at = now()
        for event in fresh:
            work.insert("inbox", {"_id": f"{self.queue}|{event.id}", "handled_at": handled_at})

    def _pause_at_limit(self, link: broker.Link) -> None:
        """One bad release must not pour a whole queue into quarantine: at the limit the hearer waits for a person. Its
        process is ready all the same: calls need no events, and the release that mends the cause has to start."""
        limit = quarantine_limit()
        while not self.stopping and self._quarantined() >= limit:
            if HEALTH.paused(self.queue, f"{limit} events in quarantine: `libranet quarantine list {self.queue}`"):
                log().error("a hearer stopped at its quarantine limit", queue=self.queue, limit=limit)
            link.pause(1)

    def _quarantined(self) -> int:
        """How many events of this queue lie in quarantine, shown at /metrics as well."""
        self._quarantine_measured_at = time.monotonic()
        rows = self.database.database.quarantine.count_documents({"queue": self.queue})
        metrics.QUARANTINE_ROWS.labels(self.queue).set(rows)
        return rows

    def _measure_quarantine(self) -> None:
        """Now and then: an operator or another replica may have taken rows out or added some."""
        if time.monotonic() - self._quarantine_measured_at > QUARANTINE_SECONDS:
            with suppress(PyMongoError), pymongo.timeout(QUARANTINE_PATIENCE_SECONDS):
                self._quarantined()

    def _measure_depth(self, channel: Any, idle: bool) -> None:
        if time.monotonic() - self._measured_at > QUEUE_DEPTH_SECONDS:
            self._measured_at = time.monotonic()
            depth = channel.queue_declare(self.queue, passive=True).message_count
            metrics.QUEUE_DEPTH.labels(self.queue).set(depth)
            metrics.DEAD_LETTERS.set(channel.queue_declare(topology.DEAD_QUEUE, passive=True).message_count)
            if idle and not depth:
                HEARD.emptied(self.queue)
                metrics.QUEUE_LAG.labels(self.queue).set(0)


def _confirm(publisher: broker.Publisher) -> None:
    """Raises when a retry found no delay queue: its event must not be acknowledged."""
    if publisher.wait():
        raise broker.NotConfirmed("a delay queue is gone")


def _read_ahead(link: broker.Link) -> None:
    """py-amqp asks the socket nine times for each message (head, content and last byte of three frames), though it
    keeps what it did not ask for: asking for more at once saves a fifth of a hearer's CPU time."""
    transport = link.connection.transport
    receive = transport._quick_recv
    transport._quick_recv = lambda wanted: receive(max(wanted, READ_AHEAD_BYTES))


hears = Hearer.decorator
