"""An internal call: gateway to service over HTTP, beside nameko RPC over the broker.

Ours verifies a signed principal and checks its scope for every call; the RPC does neither.
"""

from itertools import product
from typing import Any

from bench.contenders.asked import COLLECTION, COURSE_ID, SMALL_ANSWER
from bench.parts import Parts
from bench.processes import Contender
from bench.table import Row, medians

CALLERS = (1, 16)
WHAT = {"nothing": "reads nothing", "course": "reads a document"}
PAIRS = (("libranet call", "answers_ours", "asks_http"), ("nameko RPC", "answers_nameko", "asks_rpc"))
WORKERS = {"BENCH_WORKERS": "64"}
"""As many as our runner gives a service."""


def run(parts: Parts, calls: int, rounds: int) -> list[Row]:
    """Each server in turn with each number of callers, round by round; the median of each."""
    _store_a_course(parts)
    taken: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for _ in range(rounds):
        for name, server, client in PAIRS:
            environment = {**parts.environment("learning"), **_broker(parts), **WORKERS}
            with Contender.running(server, environment, 0, 0) as answering:
                for what, callers in product(WHAT, CALLERS):
                    measured = _ask(parts, answering, client, what, callers, calls)
                    case = f"{WHAT[what]}, {callers} at once"
                    taken.setdefault(case, {}).setdefault(f"{name}: {case}", []).append(measured)
    return [row for group in taken.values() for row in medians("call", group, next(iter(group)))]


def _ask(parts: Parts, answering: Contender, client: str, what: str, callers: int, calls: int) -> dict[str, Any]:
    environment = {**parts.environment(), **_address(parts), "BENCH_WHAT": what, "BENCH_CALLERS": str(callers)}
    with Contender.running(client, environment, calls, calls // 10) as asking:
        return asking.measure({"answering": [answering.pid], **parts.pids("broker", "database")})


def _address(parts: Parts) -> dict[str, str]:
    return {"LEARNING_URL": parts.platform.urls["learning"]}


def _broker(parts: Parts) -> dict[str, str]:
    """The operator's account: the peer declares queues of its own."""
    return {"AMQP_URI": parts.operator["AMQP_URI"]}


def _store_a_course(parts: Parts) -> None:
    parts.drop("learning")[COLLECTION].insert_one(
        {"_id": COURSE_ID, **SMALL_ANSWER, "description": "x" * 800, "schema_version": 1})
