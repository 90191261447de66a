"""docs/operations.md tells of every command."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from libranet.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| (`libranet .*?) \| ", re.MULTILINE)


def commands(command: click.Command, names: tuple[str, ...] = ()) -> Iterator[str]:
    """`org new`, `jobs taxonomy import`, …"""
    if not isinstance(command, click.Group):
        yield " ".join(names)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner
        yield from commands(inner, (*names, name))


def told(row: str) -> Iterator[str]:
    """The commands that a row of the table names: the first whole, the others by what differs."""
    for part in row.split("; "):
        first, *others = re.findall(r"`([^`]+)`", part)
        whole = first.removeprefix("libranet ")
        yield whole
        yield from (f"{whole.rpartition(' ')[0]} {other}".strip() for other in others)


def test_every_command_has_its_place_in_the_table() -> None:
    chapter = PAGE.read_text(encoding="utf-8").partition("\n## Commands\n")[2].partition("\n## ")[0]
    found = [each for row in ROW.findall(chapter) for each in told(row)]
    assert sorted(found) == sorted(commands(main))
