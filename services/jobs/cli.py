"""`libranet jobs …`: what jobs can do without a running platform."""

import sys
from pathlib import Path

import click
import orjson

from libranet.clock import now
from services.jobs.feeds.adapters.reading import FORMATS, read
from services.jobs.feeds.adapters.shape import Context, FeedUnreadable
from services.jobs.feeds.adapters.sniffing import format_of
from services.jobs.feeds.domain import dates
from services.jobs.feeds.domain.raw import Rejected
from services.jobs.feeds.domain.shaping import Origin, is_unclosed, shape
from services.jobs.postings import views
from services.jobs.skills.adapters.keeper import extract
from services.jobs.skills.cli import taxonomy_commands


@click.group("jobs")
def job_commands() -> None:
    """Job feeds and skills."""


job_commands.add_command(taxonomy_commands)


@job_commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", help="Where the file comes from; a job page takes it as the posting's address.")
@click.option("--format", "name", type=click.Choice(sorted(FORMATS)), help="Told from the file where it is not given.")
@click.option("--date-order", type=click.Choice(dates.ORDERS), default=dates.MDY, show_default=True,
              help="What 03/04/2026 means.")
@click.option("--country", help="Of places that name none, like US.")
def parse(file: Path, url: str | None, name: str | None, date_order: str, country: str | None) -> None:
    """Print what would be imported of FILE as JSON lines, and on stderr what would be rejected, or has a closing
    time that cannot be read."""
    origin = Origin("", "", date_order, country)
    good = bad = 0
    with file.open("rb") as source:
        try:
            form = format_of(source, FORMATS.get(name or ""))
            for position, item in read(source, form, Context(country, url)):
                if isinstance(item, Rejected):
                    bad += 1
                    click.echo(f"{position}: {item.reason}", err=True)
                    continue
                good += 1
                if is_unclosed(item, origin):
                    click.echo(f"{position}: its closing time cannot be read; it stays open until the board drops it",
                               err=True)
                posting = views.posting(shape(item, origin, "", extract, now()))
                shown = {name: value for name, value in posting.items() if name not in ("id", "owner", "feed")}
                click.echo(orjson.dumps({"position": position, **shown}))
        except FeedUnreadable as reason:
            bad += 1
            click.echo(f"{file}: {reason}.", err=True)
    if bad and not good:
        sys.exit(1)
