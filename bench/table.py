"""Figures as people and programs read them: medians over rounds, a table, a JSON file."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PARTS = ("broker", "database")


@dataclass(frozen=True)
class Row:
    """One contender. CPU is in microseconds an item (event or call), of its own process and of the parts behind it."""

    bench: str
    title: str
    per_second: float
    cpu_us: float
    parts_us: Mapping[str, float]
    times_ours: float | None = None
    """Its CPU an item as a multiple of ours."""
    more: Mapping[str, float] = field(default_factory=dict)


def medians(bench: str, taken: Mapping[str, Sequence[Mapping[str, Any]]], ours: str) -> list[Row]:
    """One row for each contender: the median of its rounds."""
    rows = [_row(bench, title, rounds) for title, rounds in taken.items()]
    our_cpu = next(row.cpu_us for row in rows if row.title == ours)
    return [Row(**{**asdict(row), "times_ours": row.cpu_us / our_cpu}) for row in rows]


def _row(bench: str, title: str, rounds: Sequence[Mapping[str, Any]]) -> Row:
    def median_us(of: Any) -> float:
        return statistics.median(of(each) / each["events"] * 1e6 for each in rounds)
    return Row(
        bench, title, statistics.median(each["events"] / each["seconds"] for each in rounds),
        median_us(lambda each: each["cpu_seconds"]),
        {name: median_us(lambda each, name=name: each["parts"][name]) for name in rounds[0]["parts"]})


def text(rows: Sequence[Row]) -> str:
    """A table of fixed width."""
    head = f"{'':52}{'per s':>9}{'CPU µs':>9}{'x ours':>8}" + "".join(f"{name + ' µs':>13}" for name in PARTS)
    return "\n".join([head, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    parts = "".join(f"{row.parts_us[name]:>13,.0f}" if name in row.parts_us else f"{'–':>13}" for name in PARTS)
    times = f"{row.times_ours:>8.1f}" if row.times_ours else f"{'':>8}"
    more = "".join(f"  {name} {value:,.1f}" for name, value in row.more.items())
    return f"{row.title:<52}{row.per_second:>9,.0f}{row.cpu_us:>9,.0f}{times}{parts}{more}"


def save(rows: Sequence[Row], path: Path) -> None:
    """All figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
