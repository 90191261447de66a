"""What each operation costs at one size: milliseconds as a client sees them, CPU time of every process behind it."""

import re
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.capacity.operations import Operation
from bench.capacity.stage import Stage
from bench.processes import Spending, resident_mib

LINE = "completion, statement to credential"
IDLE_SECONDS = 10
ELSEWHERE = ("database", "broker", "epmd")
"""Processes that are not ours."""
INDEX = re.compile(r"^(libranet_index_(?:postings|build_seconds)) ([0-9.e+]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Cost:
    """Of one operation. CPU is what the processes spend more than while nothing is asked."""

    operation: str
    times: int
    median_ms: float
    worst_ms: float
    cpu_ms: Mapping[str, float]

    @property
    def ours_ms(self) -> float:
        return sum(spent for name, spent in self.cpu_ms.items() if name not in ELSEWHERE)

    @property
    def database_ms(self) -> float:
        return self.cpu_ms.get("database", 0.0)


def idle(stage: Stage) -> dict[str, float]:
    """CPU seconds a second of each process while nothing is asked."""
    stage.settle()
    spending = Spending(stage.pids())
    time.sleep(IDLE_SECONDS)
    return {name: spent / IDLE_SECONDS for name, spent in spending.seconds().items()}


def cost(stage: Stage, operation: Operation, at_rest: Mapping[str, float]) -> Cost:
    """Asks as often as the operation says, one after the other."""
    began, spending = time.perf_counter(), Spending(stage.pids())
    taken = [_seconds(operation, number) for number in range(operation.times)]
    if operation.settles:
        stage.settle()
    passed, things = time.perf_counter() - began, operation.times * operation.per
    spent = _above_rest(spending.seconds(), at_rest, passed, things)
    each = [seconds * 1000 / operation.per for seconds in taken]
    return Cost(operation.name, operation.times, statistics.median(each), max(each), spent)


def line_cost(stage: Stage, at_rest: Mapping[str, float]) -> Cost:
    """Of one completion, from the statement to all that hear of its credential; ms are those of all divided by them."""
    told = stage.round()
    things, each = told["events"], told["seconds"] * 1000 / told["events"]
    return Cost(LINE, things, each, each, _above_rest(told["parts"], at_rest, told["settled_seconds"], things))


def _above_rest(spent: Mapping[str, float], at_rest: Mapping[str, float], passed: float,
                things: int) -> dict[str, float]:
    return {name: max(seconds - at_rest.get(name, 0) * passed, 0) * 1000 / things for name, seconds in spent.items()}


def _seconds(operation: Operation, number: int) -> float:
    began = time.perf_counter()
    operation.act(number)
    return time.perf_counter() - began


def memory(stage: Stage) -> dict[str, int]:
    """Resident MiB of each process with those that it started."""
    return {name: round(sum(map(resident_mib, each))) for name, each in stage.pids().items()}


def index(stage: Stage) -> dict[str, float]:
    """What the jobs process tells of its index."""
    text = stage.services["jobs"].raw("GET", "/metrics").data.decode()
    return {name: float(value) for name, value in INDEX.findall(text)}


def bytes_kept(stage: Stage, databases: Sequence[str]) -> dict[str, int]:
    """Bytes of the documents in each database, as it says itself: without indexes, not compressed."""
    return {name: int(stage.mongo[name].command("dbStats")["dataSize"]) for name in databases}


def rows_kept(stage: Stage, databases: Sequence[str]) -> dict[str, dict[str, int]]:
    """Documents in each collection that has any."""
    return {name: {each: rows for each in sorted(stage.mongo[name].list_collection_names())
                   if (rows := stage.mongo[name][each].estimated_document_count())} for name in databases}
