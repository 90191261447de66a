"""`python -m bench [NAME …]`: consume, relay, call, line, deliveries, match, skills, issue; all when none is named."""

from pathlib import Path

import click

from bench import calls, consume, deliveries, issue, line, match, relay, skills, table
from bench.parts import Parts
from bench.table import Row

NAMES = ("consume", "relay", "call", "line", "deliveries", "match", "skills", "issue")
WITHOUT_PARTS = {"line", "deliveries", "skills", "issue"}
"""They bring their own broker and database, or need none."""
RESULTS = Path(__file__).resolve().parents[1] / "var" / "bench" / "results.json"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--events", default=20_000, show_default=True, help="Events in a queue or an outbox.")
@click.option("--calls", "call_count", default=4_000, show_default=True, help="Internal calls of each kind.")
@click.option("--completions", default=1_000, show_default=True, help="Statements that each earn a credential.")
@click.option("--webhooks", default=1_000, show_default=True, help="Deliveries to partners that answer at once.")
@click.option("--postings", default=100_000, show_default=True, help="Postings in the index.")
@click.option("--asks", default=300, show_default=True, help="People whose skills are matched.")
@click.option("--credentials", default=2_000, show_default=True, help="Credentials signed and verified each way.")
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds; the median counts.")
def main(names: tuple[str, ...], events: int, call_count: int, completions: int, webhooks: int, postings: int,
         asks: int, credentials: int, rounds: int) -> None:
    """Measure the event core beside its peers, and the whole line (about fifteen minutes).

    Close what else runs: rates mean little on a busy machine. CPU time bears more.
    """
    chosen = names or NAMES
    rows: list[Row] = []
    if set(chosen) - WITHOUT_PARTS:
        with Parts.running() as parts:
            if "consume" in chosen:
                rows += _shown(consume.run(parts, events, rounds))
            if "relay" in chosen:
                rows += _shown(relay.run(parts, events, rounds))
            if "call" in chosen:
                rows += _shown(calls.run(parts, call_count, rounds))
            if "match" in chosen:
                rows += _shown(match.run(parts, postings, asks))
    if "skills" in chosen:
        rows += _shown(skills.run())
    if "issue" in chosen:
        rows += _shown(issue.run(credentials, rounds))
    if "line" in chosen:
        rows += _shown(line.run(completions, rounds))
    if "deliveries" in chosen:
        rows += _shown(deliveries.run(webhooks, rounds))
    table.save(rows, RESULTS)
    click.echo(f"All figures: {RESULTS}")


def _shown(rows: list[Row]) -> list[Row]:
    click.echo(table.text(rows) + "\n")
    return rows


if __name__ == "__main__":
    main()
