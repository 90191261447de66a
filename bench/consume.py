"""Consuming: a filled queue, a handler that does nothing, everything acknowledged; ours beside its peers.

The last row is what ours is for: the inbox read and written, an effect, a fact, its way out through the relay.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from bench import samples
from bench.parts import Parts
from bench.processes import Contender
from bench.table import Row, medians
from libranet.broker import QUEUE_ARGUMENTS

QUORUM = {"x-queue-type": "quorum"}
WORTH_WARMING = 1000
"""Fewer events are a trial of the benchmark; all of them might come as one batch."""
JSON = {"content_type": "application/json", "content_encoding": "utf-8"}
Fill = Callable[[Parts, str, Sequence[bytes]], None]


def _as_json(parts: Parts, queue: str, bodies: Sequence[bytes]) -> None:
    parts.fill(queue, bodies, **JSON)


def _as_tasks(parts: Parts, queue: str, bodies: Sequence[bytes]) -> None:
    """Celery's message protocol 2."""
    task = {"lang": "py", "task": "bench.heard", "argsrepr": "", "kwargsrepr": "{}", "retries": 0}
    options: dict[str, Any] = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    name = str(uuid.uuid4())
    tail = b"," + orjson.dumps({}) + b"," + orjson.dumps(options) + b"]"
    parts.fill(queue, [b"[[" + body + b"]" + tail for body in bodies], correlation_id=name,
               application_headers={**task, "id": name, "root_id": name}, **JSON)


@dataclass(frozen=True)
class Peer:
    """A contender, its queue, and the form in which it reads a message."""

    title: str
    module: str
    queue: str
    arguments: dict[str, Any]
    service: str = ""
    fill: Fill = _as_json
    settings: dict[str, str] = field(default_factory=dict)


OURS = Peer("libranet @hears, no-op", "hears_ours", "jobs.courses", QUEUE_ARGUMENTS, "jobs")
STOCK_QUEUE = "evt-bench-heard--peer.heard"
STOCK = (
    Peer("nameko, 10 workers", "hears_nameko", STOCK_QUEUE, {}),
    Peer("nameko, 100 workers", "hears_nameko", STOCK_QUEUE, {}, settings={"BENCH_WORKERS": "100"}),
)
PEERS = (
    OURS,
    *STOCK,
    Peer("FastStream", "hears_faststream", "bench.faststream", QUORUM),
    Peer("Celery, solo", "hears_celery", "bench.celery", QUORUM, fill=_as_tasks),
)
WHOLE = Peer("libranet @hears, inbox + effect + fact + relay", "hears_and_stores", "credentials.completions",
             QUEUE_ARGUMENTS, "credentials")


def run(parts: Parts, events: int, rounds: int, peers: Sequence[Peer] = PEERS) -> list[Row]:
    """Interleaved rounds, so that a busy moment of the machine meets everybody; the median of each."""
    bodies = samples.bodies(samples.offered, events)
    taken: dict[str, list[dict[str, Any]]] = {}
    for _ in range(rounds):
        for peer in peers:
            taken.setdefault(peer.title, []).append(_once(parts, peer, bodies))
        completions = samples.bodies(samples.completed, max(events // 4, 1))
        taken.setdefault(WHOLE.title, []).append(_once(parts, WHOLE, completions))
    return medians("consume", taken, OURS.title)


def _once(parts: Parts, peer: Peer, bodies: Sequence[bytes]) -> dict[str, Any]:
    if peer.service:
        parts.drop(peer.service)
    parts.declare(peer.queue, peer.arguments)
    peer.fill(parts, peer.queue, bodies)
    environment = {**parts.environment(peer.service), **peer.settings}
    warm_up = len(bodies) // 20 if len(bodies) >= WORTH_WARMING else 0
    with Contender.running(peer.module, environment, len(bodies), warm_up) as contender:
        return contender.measure(parts.pids("broker", "database"))
