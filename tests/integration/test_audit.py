"""The audit on the real database: many writers, two sealers at once, and what `libranet audit verify` says of it."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner
from pymongo.errors import PyMongoError

from libranet import audit
from libranet.audit_commands import check
from libranet.cli import main
from libranet.local import Platform
from libranet.mongo import Database
from libranet.testing import a_principal

pytestmark = pytest.mark.real
WRITERS, TOUCHES = 4, 100


@pytest.fixture(scope="module")
def database(parts: Platform) -> Iterator[Database]:
    database = Database().connect("jobs", (), holder="the tests of the audit")
    database.prepare()
    yield database
    database.client.drop_database(database.database.name)


def write(writer: int) -> float:
    database = Database().connect("jobs", (), holder=f"writer {writer}")
    started = time.monotonic()
    for number in range(TOUCHES):
        database.transact(lambda work, number=number: work.insert(
            audit.ENTRIES, audit.entry(a_principal(), "get_patron", f"patron-{number % 7}", f"{writer}-{number}")))
    return time.monotonic() - started


def seal(sealer: int, written: Event) -> int:
    """What a sealer does until all is written and sealed; two of them here, as after a lease that ran out."""
    database, blocks = Database().connect("jobs", (), holder=f"sealer {sealer}"), 0
    while not written.is_set() or database.reading().find(audit.ENTRIES, {}, limit=1):
        try:
            blocks += database.transact(lambda work: audit.AuditTrail(work).seal()) is not None
        except PyMongoError:
            continue
        time.sleep(0.02)
    return blocks


def test_every_entry_is_sealed_once_however_many_write_and_seal(database: Database) -> None:
    written = Event()
    with ThreadPoolExecutor(WRITERS + 2) as threads:
        sealing = [threads.submit(seal, number, written) for number in range(2)]
        try:
            seconds = max(threads.map(write, range(WRITERS)))
        finally:
            written.set()
    blocks = sum(each.result() for each in sealing)
    print(f"\n{WRITERS * TOUCHES} audited effects in {seconds:.2f} s by {WRITERS} writers, {blocks} blocks")  # noqa: T201
    count, found = check(database)
    assert (count, found) == (blocks, [])
    sealed = [each["request"] for block in database.database[audit.BLOCKS].find({}) for each in block["entries"]]
    assert sorted(sealed) == sorted(f"{writer}-{number}" for writer in range(WRITERS) for number in range(TOUCHES))
    assert database.database[audit.ENTRIES].count_documents({}) == 0


def test_a_person_finds_all_touches_of_theirs(database: Database) -> None:
    found = audit.AuditTrail(database.reading()).touches_of("patron-3")
    assert len(found) == sum(number % 7 == 3 for number in range(TOUCHES)) * WRITERS


def test_sealing_is_cheap(database: Database) -> None:
    def write_many(work) -> None:
        for number in range(audit.ENTRIES_A_BLOCK):
            work.insert(audit.ENTRIES, audit.entry(a_principal(), "get_patron", f"patron-{number % 7}", "many"))

    database.transact(write_many)
    started = time.monotonic()
    assert database.transact(lambda work: audit.AuditTrail(work).seal()) is not None
    print(f"\n{audit.ENTRIES_A_BLOCK} entries sealed in {time.monotonic() - started:.3f} s")  # noqa: T201
    started = time.monotonic()
    audit.AuditTrail(database.reading()).touches_of("patron-3")
    print(f"who looked, over {audit.ENTRIES_A_BLOCK + WRITERS * TOUCHES} entries: "  # noqa: T201
          f"{time.monotonic() - started:.3f} s")


def test_the_command_says_where_a_chain_was_tampered_with(database: Database, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        ran = CliRunner().invoke(main, ["audit", *arguments])
        return ran.exit_code, ran.output

    code, told = run("verify")
    assert code == 0
    assert "jobs: " in told
    assert "whole" in told
    heads = tmp_path / "heads.jsonl"
    heads.write_text(run("head")[1], encoding="utf-8")
    assert {json.loads(line)["service"] for line in heads.read_text().splitlines()} >= {"jobs", "deliveries"}
    assert run("verify", "--heads", str(heads))[0] == 0

    blocks = database.database[audit.BLOCKS]
    kept = blocks.find_one({"_id": "000000000002"})
    assert kept is not None
    blocks.update_one({"_id": kept["_id"]}, {"$set": {"entries.0.actor": "nobody"}})
    code, told = run("verify")
    assert code == 1
    assert "jobs: block 2: something in it was changed, added or taken out" in told
    blocks.delete_one({"_id": kept["_id"]})
    assert "jobs: block 3: follows block 1" in run("verify")[1]
    blocks.insert_one(kept)
    assert run("verify")[0] == 0

    blocks.update_one({"_id": kept["_id"]}, {"$set": {"number": "2"}, "$unset": {"sealed_at": ""}})
    code, told = run("verify")
    assert (code, "jobs: block 2: something in it was changed" in told) == (1, True)
    blocks.replace_one({"_id": kept["_id"]}, kept)

    newest = blocks.find_one({}, sort=[("_id", -1)])
    before = blocks.find_one({"number": newest["number"] - 1})
    assert newest is not None
    assert before is not None
    blocks.delete_one({"_id": newest["_id"]})
    database.database[audit.HEADS].replace_one(
        {"_id": audit.HEAD}, audit.Head(before["number"], before["hash"], before["sealed_at"]).row)
    code, told = run("verify", "--heads", str(heads))
    assert code == 1
    assert f"jobs: block {newest['number']}: was written down and is gone" in told
