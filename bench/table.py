"""Figures as people and programs read them: medians over rounds, a table, a JSON file."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

Round = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One contender. CPU is in microseconds an item (event, call or credential): of its own process, and of the
    others behind it by name. `times_ours` compares what it costs (`cost_us`) with what ours does."""

    bench: str
    title: str
    per_second: float
    cpu_us: float
    behind_us: Mapping[str, float]
    times_ours: float = 1.0
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def cost_us(self) -> float:
        """Its own process; for a call also the one that answers, and the broker where the call goes through it."""
        if "answering" not in self.behind_us:
            return self.cpu_us
        return self.cpu_us + self.behind_us["answering"] + self.behind_us["broker"]


def medians(bench: str, taken: Mapping[str, Sequence[Round]], ours: str) -> list[Row]:
    """One row for each contender: the median of its rounds."""
    rows = [_row(bench, title, rounds) for title, rounds in taken.items()]
    our_cost = next(row.cost_us for row in rows if row.title == ours)
    return [replace(row, times_ours=row.cost_us / our_cost) for row in rows]


def _row(bench: str, title: str, rounds: Sequence[Round]) -> Row:
    first, median = rounds[0], statistics.median
    return Row(
        bench, title, median(each["events"] / each["seconds"] for each in rounds),
        median(each["cpu_seconds"] / each["events"] * 1e6 for each in rounds),
        {name: median(each["parts"][name] / each["events"] * 1e6 for each in rounds) for name in first["parts"]},
        more={name: median(each[name] for each in rounds) for name in first if name.endswith("_ms")})


def text(rows: Sequence[Row]) -> str:
    """A table of fixed width for each benchmark."""
    benches = dict.fromkeys(row.bench for row in rows)
    return "\n\n".join(_table([row for row in rows if row.bench == bench]) for bench in benches)


def _table(rows: Sequence[Row]) -> str:
    behind = list(dict.fromkeys(name for row in rows for name in row.behind_us))
    more = list(dict.fromkeys(name for row in rows for name in row.more))
    head = [rows[0].bench, "per s", "CPU µs", "x ours", *(f"{name} µs" for name in behind), *more]
    lines = [[row.title, f"{row.per_second:,.0f}", f"{row.cpu_us:,.0f}", f"{row.times_ours:.1f}",
              *(f"{row.behind_us.get(name, 0):,.0f}" for name in behind),
              *(f"{row.more.get(name, 0):,.1f}" for name in more)] for row in rows]
    widths = [max(len(line[column]) for line in (head, *lines)) + 2 for column in range(len(head))]
    return "\n".join("".join(_cell(line, column, widths) for column in range(len(head))) for line in (head, *lines))


def _cell(line: Sequence[str], column: int, widths: Sequence[int]) -> str:
    return line[column].ljust(widths[0]) if column == 0 else line[column].rjust(widths[column])


def save(rows: Sequence[Row], path: Path) -> None:
    """All figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
