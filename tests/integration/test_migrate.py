"""`libranet migrate` beside a service that goes on working."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from libranet.collection import Collection, Document, Retention
from libranet.local import Platform
from libranet.mongo import Database, connect
from libranet.operate import migrate_service
from tests.integration import migration

pytestmark = pytest.mark.real


def test_what_a_service_changed_meanwhile_stays_changed_and_a_second_run_finds_nothing(parts: Platform) -> None:
    client = connect()
    things = client["libranet_drill"]["things"]
    things.insert_many([{"_id": str(number), "count": 1, "schema_version": 1} for number in range(30)])

    def upgrade(document: Document) -> Document:
        things.update_one({"_id": str(int(document["_id"]) + 1), "schema_version": 1}, {"$inc": {"count": 1}})
        return {**document, "counted": True}

    kept = Collection("things", Retention.forever("as long as this test"), schema_version=2, upgrade=upgrade)
    try:
        assert migrate_service("drill", (kept,)) == (30, 0)
        assert migrate_service("drill", (kept,)) == (0, 0)
        found = {int(row["_id"]): row for row in things.find({})}
        assert [found[number]["count"] for number in sorted(found)] == [1, *[2] * 29]
        assert all(row["counted"] and row["schema_version"] == 2 for row in found.values())
    finally:
        client.drop_database("libranet_drill")
        client.close()


@pytest.fixture
def things(parts: Platform) -> Iterator[Any]:
    """Thirty documents of the version before."""
    client = connect()
    found = client[f"libranet_{migration.SERVICE}"]["things"]
    found.insert_many([{"_id": f"{number:02d}", "schema_version": 1} for number in range(30)])
    yield found
    client.drop_database(found.database.name)
    client.close()


def upgrades(things: Any) -> list[int]:
    """Of each document of the present version, how often it was upgraded."""
    return [row["upgrades"] for row in things.find({"schema_version": 2})]


def test_a_migration_that_fails_midway_goes_on_with_what_is_left(things: Any) -> None:
    def fails_at_the_tenth(document: Document) -> Document:
        if things.count_documents({"schema_version": 2}) == migration.TENTH - 1:
            raise ValueError("a document that nobody foresaw")
        return migration.counted(document)

    with pytest.raises(ValueError, match="nobody foresaw"):
        migrate_service(migration.SERVICE, (replace(migration.KEPT, upgrade=fails_at_the_tenth),))
    assert upgrades(things) == [1] * 9
    assert migrate_service(migration.SERVICE, (migration.KEPT,)) == (21, 0)
    assert upgrades(things) == [1] * 30


@pytest.mark.parametrize(("when", "done"), [("before", 9), ("after", 10)])
def test_a_migration_that_is_killed_midway_goes_on_with_what_is_left(when: str, done: int, things: Any) -> None:
    """Also when it left a transaction open, which would hinder the next one for a minute."""
    killed = subprocess.run([sys.executable, "-m", migration.__name__, when], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert upgrades(things) == [1] * done
    assert migrate_service(migration.SERVICE, (migration.KEPT,)) == (30 - done, 0)
    assert upgrades(things) == [1] * 30


def kept_for(days: int) -> tuple[Collection, ...]:
    return (Collection("kept", Retention.of_days(days, "at", "long enough for this test")),)


def lifetime_days(database: Database) -> float:
    return database.database.kept.index_information()["at_1"]["expireAfterSeconds"] / 86400


@pytest.fixture
def as_jobs(parts: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """With the account of a service until it is undone."""
    operator = connect()
    monkeypatch.setenv("MONGO_URI", parts.environment("jobs")["MONGO_URI"])
    yield monkeypatch
    operator["libranet_jobs"].drop_collection("kept")
    operator.close()


def test_a_changed_retention_hinders_no_start_and_is_taken_over_by_migrate(as_jobs: pytest.MonkeyPatch) -> None:
    Database().connect("jobs", kept_for(5)).prepare()
    upgraded = Database().connect("jobs", kept_for(6))
    with capture_logs() as lines:
        upgraded.prepare()
        upgraded.prepare()
    assert [(line["log_level"], line["collections"]) for line in lines] == [("warning", ["kept"])]
    assert "libranet migrate" in lines[0]["event"]
    assert lifetime_days(upgraded) == 5
    as_jobs.undo()
    assert [migrate_service("jobs", kept_for(6))[1] for _ in range(2)] == [1, 0]
    assert lifetime_days(upgraded) == 6
    with capture_logs() as lines:
        Database().connect("jobs", kept_for(6)).prepare()
    assert lines == []
