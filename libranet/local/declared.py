"""What each service declares at the broker, learnt by letting it declare to a recorder instead of written twice.

The definitions file then holds every exchange, queue and binding before the node opens its port, so a service
needs no right to read another's queue only because it declares it (RabbitMQ asks for that right when a queue with a
dead-letter exchange is new).
"""

from dataclasses import dataclass, field
from typing import Any, cast

from libranet import broker


@dataclass
class Declared:
    """Exchanges with their type, queues with their arguments, and bindings (exchange, queue, routing key)."""

    exchanges: dict[str, str] = field(default_factory=dict)
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    bindings: list[tuple[str, str, str]] = field(default_factory=list)

    def __or__(self, other: "Declared") -> "Declared":
        bindings = dict.fromkeys(self.bindings + other.bindings)
        return Declared(self.exchanges | other.exchanges, self.queues | other.queues, list(bindings))


def declared_by(service: str) -> Declared:
    """What `service` declares when it starts."""
    recorder = _Recorder()
    broker.declare(cast(broker.Link, recorder), service)
    return recorder.declared


class _Recorder:
    """Stands where a connection and its channels would; every queue it is asked for seems to exist already."""

    def __init__(self) -> None:
        self.declared = Declared()

    def channel(self) -> "_Recorder":
        return self

    def exchange_declare(self, exchange: str, kind: str, **_: Any) -> None:
        self.declared.exchanges[exchange] = kind

    def queue_declare(self, queue: str, passive: bool = False, arguments: Any = None, **_: Any) -> None:
        if not passive:
            self.declared.queues[queue] = dict(arguments or {})

    def queue_bind(self, queue: str, exchange: str, routing_key: str = "", **_: Any) -> None:
        self.declared.bindings.append((exchange, queue, routing_key))

    def close(self) -> None:
        """Nothing is open."""
