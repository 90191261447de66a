"""`python -m bench [NAME …]`: the benchmarks of these names; all when none is named."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from bench import award, calls, consume, deliveries, issue, line, match, relay, skills, table
from bench.parts import Parts
from bench.table import Row


@dataclass(frozen=True)
class Sizes:
    """How much of each is done."""

    events: int
    calls: int
    completions: int
    webhooks: int
    postings: int
    asks: int
    credentials: int
    rounds: int


ON_PARTS: dict[str, Callable[[Parts, Sizes], list[Row]]] = {
    "consume": lambda parts, size: consume.run(parts, size.events, size.rounds),
    "relay": lambda parts, size: relay.run(parts, size.events, size.rounds),
    "call": lambda parts, size: calls.run(parts, size.calls, size.rounds),
    "match": lambda parts, size: match.run(parts, size.postings, size.asks),
    "award": lambda parts, size: award.run(parts, size.credentials, size.rounds),
}
"""On one broker and database, which they share."""
ALONE: dict[str, Callable[[Sizes], list[Row]]] = {
    "skills": lambda size: skills.run(),
    "issue": lambda size: issue.run(size.credentials, size.rounds),
    "line": lambda size: line.run(size.completions, size.rounds),
    "deliveries": lambda size: deliveries.run(size.webhooks, size.rounds),
}
"""They bring their own, or need none."""
NAMES = (*ON_PARTS, *ALONE)
RESULTS = Path(__file__).resolve().parents[1] / "var" / "bench" / "results.json"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--events", default=20_000, show_default=True, help="Events in a queue or an outbox.")
@click.option("--calls", default=4_000, show_default=True, help="Internal calls of each kind.")
@click.option("--completions", default=1_000, show_default=True, help="Statements that each earn a credential.")
@click.option("--webhooks", default=1_000, show_default=True, help="Deliveries to partners that answer at once.")
@click.option("--postings", default=100_000, show_default=True, help="Postings in the index.")
@click.option("--asks", default=300, show_default=True, help="People whose skills are matched.")
@click.option("--credentials", default=2_000, show_default=True, help="Credentials signed and verified each way.")
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds; the median counts.")
def main(names: tuple[str, ...], **sizes: int) -> None:
    """Measure the event core beside its peers, and the whole line (about fifteen minutes).

    Close what else runs: rates mean little on a busy machine. CPU time bears more.
    """
    rows = []
    for found in _measured(names or NAMES, Sizes(**sizes)):
        click.echo(table.text(found) + "\n")
        rows += found
    table.save(rows, RESULTS)
    click.echo(f"All figures: {RESULTS}")


def _measured(chosen: Collection[str], sizes: Sizes) -> Iterable[list[Row]]:
    if ON_PARTS.keys() & chosen:
        with Parts.running() as parts:
            for name in [each for each in ON_PARTS if each in chosen]:
                yield ON_PARTS[name](parts, sizes)
    for name in [each for each in ALONE if each in chosen]:
        yield ALONE[name](sizes)


if __name__ == "__main__":
    main()
