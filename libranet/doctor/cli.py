"""The command, and in which order everything is looked at.

A service brings checks of its own by an entry point of the group `libranet.checks`, named for the part: a function
without arguments that gives findings.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from importlib.metadata import entry_points

import click
import orjson

from libranet import operator_access
from libranet.doctor import database, machine, parts, stores
from libranet.doctor.finding import BAD, LOOK, WELL, Check, Finding, findings
from libranet.local.parts import GATEWAY, RUNNERS

COLOURS = {WELL: "green", LOOK: "yellow", BAD: "red"}


def checks() -> Iterator[tuple[str, Check]]:
    """Each with the part that it is about; what others stand on comes first."""
    yield from (("secrets", machine.secrets), ("disk", machine.disks), ("database", stores.database_takes),
                ("database", database.accounts), ("disk", database.disk), ("broker", stores.broker_takes),
                ("broker", stores.queues))
    for name in (*RUNNERS, GATEWAY):
        yield name, partial(parts.readiness, name)
    for each in entry_points(group="libranet.services"):
        yield each.name, partial(stores.service_data, each.name, each.load().collections)
    for each in entry_points(group="libranet.checks"):
        yield each.name, each.load()


def looked() -> Iterator[Finding]:
    """Everything that is found, as it is found."""
    for part, check in checks():
        yield from findings(part, check)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: part, level, found, advice.")
@click.option("--quiet", is_flag=True, help="Only what somebody has to look at.")
def doctor(as_json: bool, quiet: bool) -> None:
    """Look at every part of the platform, its clocks, secrets and keys, the accounts at the database, the disk here
    and the database's, and say what to do.

    Changes nothing. Ends with 1 when something is bad; what is only to be looked at does not count. The broker tells
    nobody what its accounts may do, nor how full its disk is before it stops taking messages.
    """
    operator_access.connect()
    counts = dict.fromkeys((WELL, LOOK, BAD), 0)
    for each in looked():
        counts[each.level] += 1
        if not (quiet and each.level == WELL):
            _say(each, as_json)
    if not as_json:
        click.echo(f"{counts[WELL]} well, {counts[LOOK]} to be looked at, {counts[BAD]} bad")
    sys.exit(1 if counts[BAD] else 0)


def _say(finding: Finding, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(asdict(finding)))
        return
    click.echo(f"{click.style(f'{finding.level:<5}', COLOURS[finding.level])} {finding.part:<12} {finding.found}")
    if finding.advice:
        click.echo(f"{'':<19}-> {finding.advice}")
