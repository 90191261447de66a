"""RabbitMQ as hearers and relays see it: one connection each, the queues of the contracts, confirmed publishing.

Blocking: every read and write has a timeout, so a dead or blocked broker raises within seconds. On any error the
caller shuts the socket hard (`Link.drop`) and begins anew: a polite close can hang for ever under a broker alarm.
"""

import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from amqp.exceptions import AMQPError, NotFound

from contracts import topology
from libranet import settings
from libranet.cloudevent import CONTENT_TYPE

BROKEN = (AMQPError, OSError)
"""What a broken connection raises (py-amqp's own errors and the socket's)."""
HEARTBEAT_SECONDS = 10
SETTLE_SECONDS = 2.0
"""A queue declared less than 1.5 s before a broker's kill came back empty; a new one is left alone this long."""
CONFIRM_TIMEOUT_SECONDS = 15
SILENCE_SECONDS = 10
"""So long a read or a write may take: a broker that is stopped or blocked keeps the connection and says nothing."""
PERSISTENT = 2
SECURE_PORT, PLAIN_PORT = 5671, 5672


class NotConfirmed(OSError):
    """The broker refused a message or did not confirm it in time."""


class Blocked(NotConfirmed):
    """The broker takes nothing for now (a memory or disk alarm). Keep the connection: it confirms what was sent as
    soon as it does, while new connections would pile up there unread."""


class Unroutable(OSError):
    """A message found no queue: one was deleted, and is declared anew with the next connection."""


class Link:
    """One connection. Use it from one greenthread at a time."""

    def __init__(self, uri: str | None = None) -> None:
        parts = urlsplit(uri or settings.secret("AMQP_URI"))
        secure = parts.scheme == "amqps"
        self.blocked = False
        self.connection = amqp.Connection(
            host=f"{parts.hostname}:{parts.port or (SECURE_PORT if secure else PLAIN_PORT)}",
            userid=unquote(parts.username or "guest"), password=unquote(parts.password or "guest"),
            virtual_host=unquote(parts.path[1:]) or "/", ssl=secure, heartbeat=HEARTBEAT_SECONDS,
            connect_timeout=3, on_blocked=self._on_blocked, on_unblocked=self._on_unblocked,
        )
        try:
            self.connection.connect()
            self.connection.transport.sock.settimeout(SILENCE_SECONDS)  # py-amqp's own do nothing under eventlet
        except BaseException:
            self.drop()
            raise

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        (self.drop if kind else self.close)()

    def _on_blocked(self, *_: Any) -> None:
        self.blocked = True

    def _on_unblocked(self, *_: Any) -> None:
        self.blocked = False

    def channel(self) -> Any:
        channel = self.connection.channel()
        channel.auto_decode = False  # bodies stay bytes, whatever encoding a publisher names
        return channel

    def idle(self, timeout_seconds: float = 0.001) -> None:
        """Reads what lies there, for at most this long, and keeps the heartbeat going."""
        try:
            self.connection.drain_events(timeout=timeout_seconds)
        except TimeoutError:
            pass
        self.connection.heartbeat_tick()

    def pause(self, seconds: float) -> None:
        """Lets time pass and reads meanwhile, so that neither side misses the other's heartbeat.

        Raises NotConfirmed when the connection breaks: what was delivered by it goes back.
        """
        until = time.monotonic() + seconds
        try:
            while (rest := until - time.monotonic()) > 0:
                self.idle(rest)
        except BROKEN as error:
            raise NotConfirmed("the connection broke during a pause") from error

    def drop(self) -> None:
        """Closes the socket without a word to the broker; never blocks, never raises."""
        try:
            self.connection.collect()
        except Exception:  # noqa: S110, BLE001 - the connection is broken already, nothing is left to be done with it
            pass

    def close(self) -> None:
        """A polite end, for clean stops; a broker that is blocked would not hear it."""
        if self.blocked:
            self.drop()
        try:
            self.connection.close()
        except (*BROKEN, AttributeError):
            self.drop()


def declare(link: Link, service: str) -> bool:
    """Declares what `service` publishes to and hears from; waits when a queue is new. True when one was."""
    channel = link.channel()
    channel.exchange_declare(topology.EXCHANGE, "topic", durable=True, auto_delete=False)
    channel.exchange_declare(topology.DEAD_EXCHANGE, "fanout", durable=True, auto_delete=False)
    created = _declare_queue(link, topology.DEAD_QUEUE, {"x-queue-type": "quorum"}, [(topology.DEAD_EXCHANGE, "")])
    for seconds in topology.DELAYS_SECONDS:
        exchange = topology.delay_exchange(seconds)
        channel.exchange_declare(exchange, "fanout", durable=True, auto_delete=False)
        created |= _declare_queue(link, topology.delay_queue(seconds), _delay_arguments(seconds), [(exchange, "")])
    for queue, types in topology.declared_by(service).items():
        created |= _declare_queue(link, queue, QUEUE_ARGUMENTS, [(topology.EXCHANGE, each) for each in types])
    channel.close()
    if created:
        time.sleep(SETTLE_SECONDS)
    return created


QUEUE_ARGUMENTS = {
    "x-queue-type": "quorum",
    "x-delivery-limit": topology.DELIVERY_LIMIT,
    "x-dead-letter-exchange": topology.DEAD_EXCHANGE,
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


def _delay_arguments(seconds: int) -> dict[str, Any]:
    """A message rests here and then goes to the default exchange, which knows its home queue by the routing key."""
    return {"x-queue-type": "quorum", "x-message-ttl": seconds * 1000, "x-dead-letter-exchange": "",
            "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


def _declare_queue(link: Link, name: str, arguments: dict[str, Any], bindings: Iterable[tuple[str, str]]) -> bool:
    """Declares and binds; True when the queue was not there (asked first on a channel of its own: a no closes it)."""
    probe = link.channel()
    try:
        probe.queue_declare(name, passive=True)
        created = False
        channel = probe
    except NotFound:
        created = True
        channel = link.channel()
    channel.queue_declare(name, durable=True, exclusive=False, auto_delete=False, arguments=arguments)
    for exchange, key in bindings:
        channel.queue_bind(name, exchange, key)
    channel.close()
    return created


class Publisher:
    """Windowed confirms on one channel: publish many, wait once. About nine times a confirm each."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel = link.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._last_tag = 0
        self._open: set[int] = set()
        self._refused = 0
        self.returned: list[str] = []

    def publish(self, body: bytes, exchange: str, routing_key: str, message_id: str,
                headers: dict[str, Any] | None = None) -> None:
        """Sends one persistent, mandatory message; its outcome is known after `wait`."""
        message = amqp.Message(
            body, content_type=CONTENT_TYPE, delivery_mode=PERSISTENT, message_id=message_id,
            application_headers=headers or {},
        )
        self._last_tag += 1
        self._open.add(self._last_tag)
        self._channel.basic_publish(message, exchange=exchange, routing_key=routing_key, mandatory=True)

    @property
    def unconfirmed(self) -> int:
        return len(self._open)

    def wait(self) -> list[str]:
        """Waits until all is confirmed and gives the ids of messages that no queue took (they are lost to hearers).

        Raises NotConfirmed on a refusal or after CONFIRM_TIMEOUT_SECONDS, and Blocked, which may be waited for.
        """
        deadline = time.monotonic() + CONFIRM_TIMEOUT_SECONDS
        while self._open and not self._refused:
            remaining = deadline - time.monotonic()
            if self._link.blocked:
                raise Blocked("the broker blocks publishers (memory or disk alarm)")
            if remaining <= 0:
                raise NotConfirmed("the broker did not confirm in time")
            try:
                self._link.connection.drain_events(timeout=min(remaining, 1))
            except TimeoutError:
                self._link.connection.heartbeat_tick()
        if self._refused:
            raise NotConfirmed("the broker refused a message (a full queue?)")
        returned, self.returned = self.returned, []
        return returned

    def _on_ack(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._open = {each for each in self._open if each > tag}
        else:
            self._open.discard(tag)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused += 1
        self._on_ack(tag, multiple)

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        self.returned.append(message.properties.get("message_id", ""))
