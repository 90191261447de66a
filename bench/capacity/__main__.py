"""`python -m bench.capacity`: one platform, ever more in it, and what each operation then costs."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click

from bench.capacity import audit, measuring
from bench.capacity.board import Board
from bench.capacity.lives import Lives, Place
from bench.capacity.measuring import Cost
from bench.capacity.operations import Visited, is_chosen
from bench.capacity.stage import collections
from bench.line import UNLIMITED

REPORT = Path(__file__).resolve().parents[2] / "var" / "bench" / "capacity.json"
SIZES = (1_000, 10_000)
"""From some 100,000 rows on the stand-in answers pages that it has to sort too late: choose other operations then."""
MOST, MOST_OF_MANY = 10_000, 100_000
"""The stand-in takes one to three thousand rows a second: beyond MOST rows only the collections of `READ_MUCH` grow,
and beyond MOST_OF_MANY, or what `--many` says, only those of `WHOLE`, which are filled first."""
WHOLE: frozenset[Place] = frozenset({
    ("libranet_profiles", "patrons"), ("libranet_learning", "statements"), ("libranet_credentials", "inbox")})
"""One of each kind of thing: patrons, statements, events."""
READ_MUCH: frozenset[Place] = WHOLE | {
    ("libranet_profiles", "consents"), ("libranet_profiles", "archive"), ("libranet_learning", "enrolments"),
    ("libranet_credentials", "credentials"), ("libranet_analytics", "participations"),
    ("libranet_gateway", "deliveries"), ("libranet_gateway", "partner_events")}
"""And what most operations go by."""


@dataclass(frozen=True)
class Size:
    """All that was found when each growing collection held `rows` rows, or what `stored` says, and there were so many
    libraries."""

    rows: int
    libraries: int
    stored: dict[str, dict[str, int]]
    filling_seconds: float
    document_bytes: dict[str, int]
    memory_mib: dict[str, int]
    index: dict[str, float]
    idle: dict[str, float]
    costs: list[Cost] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """`life_bytes`: of one patron's whole life, by service. `queries`: how each query is served."""

    life_bytes: dict[str, dict[str, int]]
    queries: list[audit.Query]
    sizes: list[Size] = field(default_factory=list)


def rows_of(place: Place, size: int, many: int = MOST_OF_MANY, whole: int | None = None) -> int:
    """How many a collection holds at this size: `many` at most, and `whole` at most where it is one of WHOLE."""
    if place in WHOLE:
        return size if whole is None else min(size, whole)
    return min(size, many if place in READ_MUCH else min(many, MOST))


def run(home: Path, sizes: Sequence[int], asks: int, most_postings: int, libraries: int,
        words: Sequence[str] = (), rows: Callable[[Place, int], int] = rows_of) -> Iterator[Report]:
    """Grows one platform from size to size, the audit of its queries first; at last it is a consortium of so many
    libraries. A report after each step, with all before it. `words` choose operations by their names, `rows` says how
    many a collection holds at a size."""
    with Visited.running(home, asks, UNLIMITED) as stage:
        stage.live()  # what the first life of all makes besides is not a life's
        kept = collections()
        lives = Lives.lived(stage.mongo, kept, stage.live)
        queries = audit.audited(stage, kept, words)
        report = Report(lives.bytes_by_service(), queries)
        with closing(Board(stage.platform, most_postings)) as board:
            for size in sizes:
                report.sizes.append(_grown(stage, lives, board, size, rows, words))
                yield report
        if libraries:
            stage.widen(libraries)
            report.sizes.append(_measured(stage, lives, sizes[-1], libraries, 0, words))
            yield report


def _grown(stage: Visited, lives: Lives, board: Board, size: int, rows: Callable[[Place, int], int],
           words: Sequence[str]) -> Size:
    began = time.perf_counter()
    for place in sorted(lives.rows, key=lambda each: each not in WHOLE):
        lives.grow(place, rows(place, size))
        click.echo(f"{'.'.join(place)} after {time.perf_counter() - began:.0f} s", err=True)
    before, stored = board.stored, board.grow(size)
    filled = time.perf_counter() - began
    if stored > before:
        stage.see_postings()
    return _measured(stage, lives, size, 1, filled, words)


def _measured(stage: Visited, lives: Lives, size: int, libraries: int, filling_seconds: float,
              words: Sequence[str]) -> Size:
    click.echo(f"{size:,} rows, {libraries} libraries after {filling_seconds:.0f} s", err=True)
    at_rest = measuring.idle(stage)
    costs = [measuring.line_cost(stage, at_rest)] if is_chosen(measuring.LINE, words) else []
    stage.look_again()
    for each in stage.chosen(words):
        costs.append(measuring.cost(stage, each, at_rest))
        click.echo(f"{each.name}: {_figures(costs[-1])}", err=True)
    names = sorted({database for database, _ in lives.rows} | {"libranet_jobs"})
    return Size(size, libraries, measuring.rows_kept(stage, names), filling_seconds,
                measuring.bytes_kept(stage, names), measuring.memory(stage), measuring.index(stage), at_rest, costs)


def text(report: Report) -> str:
    """Tables for people: an operation a line, a size a column."""
    return "\n\n".join(("\n".join(_costs(report.sizes)), "\n".join(_memory(report.sizes)), audit.text(report.queries)))


def _costs(sizes: Sequence[Size]) -> Iterator[str]:
    yield "ms at the median | CPU ms of ours | of the database"
    yield f"{'operation':46}" + "".join(f"{_title(size):>28}" for size in sizes)
    for each in zip(*(size.costs for size in sizes), strict=True):
        yield f"{each[0].operation:46}" + "".join(f"{_figures(cost):>28}" for cost in each)


def _figures(cost: Cost) -> str:
    return f"{cost.median_ms:.1f} | {cost.ours_ms:.1f} | {cost.database_ms:.1f}"


def _title(size: Size) -> str:
    return f"{size.rows:,}" + (f", {size.libraries} libraries" if size.libraries > 1 else "")


def _memory(sizes: Sequence[Size]) -> Iterator[str]:
    yield f"{'resident MiB':46}" + "".join(f"{_title(size):>28}" for size in sizes)
    for name in sizes[0].memory_mib:
        yield f"{name:46}" + "".join(f"{size.memory_mib.get(name, 0):>28,}" for size in sizes)


def _sizes(_context: Any, _option: Any, said: str) -> list[int]:
    return sorted(int(each) for each in said.split(","))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1)
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, callback=_sizes,
              help="Rows in each growing collection, one size after the other.")
@click.option("--asks", default=50, show_default=True, help="How often each operation is asked at each size.")
@click.option("--postings", default=100_000, show_default=True, help="Open postings at most.")
@click.option("--many", default=MOST_OF_MANY, show_default=True,
              help="Rows at most in each collection but those of patrons, statements and events.")
@click.option("--whole", type=int, help="Patrons, statements and events at most, where only postings shall grow.")
@click.option("--libraries", default=500, show_default=True, help="Libraries at the end; 0 leaves that out.")
def main(words: tuple[str, ...], sizes: list[int], asks: int, postings: int, many: int,
         whole: int | None, libraries: int) -> None:
    """Measure how the cost of each stage grows, or of the operations whose names hold one of WORDS."""
    rows = partial(rows_of, many=many, whole=whole)
    with tempfile.TemporaryDirectory(prefix="libranet-bench-") as home:
        for report in run(Path(home), sizes, asks, postings, libraries, words, rows):
            save(report)
    click.echo(f"{text(report)}\n\nAll figures: {REPORT}")


def save(report: Report) -> None:
    """All figures as JSON."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
