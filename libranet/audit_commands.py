"""`libranet audit`: is every service's chain whole, and what is its newest block."""

import json
from collections.abc import Iterable
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from libranet import audit, operator_access
from libranet.clock import now, parse_rfc3339, rfc3339
from libranet.mongo import Database
from libranet.operate import database_of


@click.group("audit")
def audit_commands() -> None:
    """Who touched whose record: check the chains, print their newest blocks."""
    operator_access.connect()


@audit_commands.command("verify")
@click.option("--heads", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="What `libranet audit head` printed earlier: these blocks have to be there still.")
def verify(heads: Path | None) -> None:
    """Read every service's whole chain; exit 1 and say what is wrong and where."""
    kept = _read_heads(heads)
    wrong = 0
    for service in services():
        count, found = check(database_of(service), kept.get(service, ()))
        for fault in found:
            click.echo(f"{service}: {fault}")
        wrong += len(found)
        if not found:
            click.echo(f"{service}: {count} blocks, whole")
    if wrong:
        raise click.ClickException(f"{wrong} faults. docs/operations.md says what to do.")


@audit_commands.command("head")
def head() -> None:
    """Print each chain's newest block as a line of JSON; keep it where nobody who can write the database can."""
    for service in services():
        newest = audit.AuditTrail(database_of(service).reading()).head()
        click.echo(json.dumps({"service": service, "number": newest.number, "hash": newest.hash,
                               "sealed_at": rfc3339(newest.sealed_at) if newest.sealed_at else None}))


def services() -> list[str]:
    return sorted(each.name for each in entry_points(group="libranet.services"))


def check(database: Database, kept: Iterable[audit.Head] = ()) -> tuple[int, list[str]]:
    """How many blocks a database holds, and what is wrong with them; reads them one by one."""
    work, count = database.reading(), 0
    # before the blocks: a block that is sealed meanwhile is no fault
    head = audit.read_head(work.get(audit.HEADS, audit.HEAD))

    def blocks() -> Iterable[dict[str, Any]]:
        nonlocal count
        for block in database.database[audit.BLOCKS].find({}).sort("_id", 1):
            if audit.number_of(block) > (head.number if head else 0) and _is_fresh(block):
                return
            count += 1
            yield block

    found = list(audit.faults(blocks(), head, kept))
    found += _unsealed(work)
    return count, found


def _is_fresh(block: dict[str, Any]) -> bool:
    sealed_at = audit.time_of(block, "sealed_at")
    return sealed_at is not None and sealed_at > now() - timedelta(seconds=audit.LATE_SECONDS)


def _unsealed(work: Any) -> list[str]:
    late = now() - timedelta(seconds=audit.LATE_SECONDS)
    waiting = work.count(audit.ENTRIES, {"at": {"$lt": late}})
    return [f"{waiting} entries wait to be sealed for more than {audit.LATE_SECONDS} s: does the service run?"] \
        if waiting else []


def _read_heads(file: Path | None) -> dict[str, list[audit.Head]]:
    found: dict[str, list[audit.Head]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file else ():
        try:
            row = json.loads(line)
            sealed_at = parse_rfc3339(row["sealed_at"]) if row["sealed_at"] else None
            found.setdefault(row["service"], []).append(audit.Head(int(row["number"]), row["hash"], sealed_at))
        except (ValueError, KeyError, TypeError):
            raise click.ClickException(f"{file} does not hold what `libranet audit head` prints.") from None
    return found
