"""The figures that the code shows, and those that an expression of Prometheus asks for."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
from prometheus_client import REGISTRY

import gateway
import libranet
import services

OF_PROMETHEUS: dict[str, tuple[str, ...]] = dict.fromkeys((
    "up", "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total",
    "process_open_fds"), ())
"""What Prometheus itself, and every process by its client library, shows."""
OF_KUBERNETES = dict.fromkeys(("kube_cronjob_status_last_successful_time", "kube_cronjob_created"), ("cronjob",))
"""What kube-state-metrics shows."""
OF_EVERY_TARGET = {"job", "namespace", "pod", "le"}
"""What Prometheus adds to each figure, and a histogram to its buckets."""
GRAFANA = re.compile(r"\$__rate_interval")


@cache
def shown() -> dict[str, tuple[str, ...]]:
    """The labels of each figure of ours, by every name that a figure has."""
    for package in (libranet, services, gateway):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if _defines_figures(module):
                importlib.import_module(module.name)
    return {name: tuple(each._labelnames) for name, each in REGISTRY._names_to_collectors.items()
            if name.startswith("libranet_") and not name.endswith("_created")}


def _defines_figures(module: pkgutil.ModuleInfo) -> bool:
    place = Path(module.module_finder.path) / f"{module.name.rpartition('.')[2]}.py"  # type: ignore[union-attr]
    return place.exists() and "from prometheus_client" in place.read_text(encoding="utf-8")


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each figure that the expression asks for, with the labels that it is chosen or grouped by."""
    yield from _asked(promql_parser.parse(GRAFANA.sub("5m", expression)), set())


def _asked(part: Any, grouped_by: set[str]) -> Iterator[tuple[str, set[str]]]:
    match part:
        case promql_parser.VectorSelector():
            yield part.name, grouped_by | {each.name for each in part.matchers.matchers}
        case promql_parser.MatrixSelector():
            yield from _asked(part.vector_selector, grouped_by)
        case promql_parser.AggregateExpr():
            labels = set(part.modifier.labels) if part.modifier else set()
            yield from _asked(part.expr, grouped_by | labels)
        case promql_parser.BinaryExpr():
            yield from _asked(part.lhs, grouped_by)
            yield from _asked(part.rhs, grouped_by)
        case promql_parser.Call():
            for each in part.args:
                yield from _asked(each, grouped_by)
        case promql_parser.ParenExpr() | promql_parser.UnaryExpr() | promql_parser.SubqueryExpr():
            yield from _asked(part.expr, grouped_by)
