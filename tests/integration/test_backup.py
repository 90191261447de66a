"""A backup is worth what its restore gives back."""

import gzip
import io
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from libranet import backup
from libranet.cli import main
from libranet.clock import now
from libranet.local import Platform
from libranet.mongo import connect

pytestmark = pytest.mark.real


def test_a_restore_gives_back_every_document_and_key(parts: Platform, tmp_path: Path) -> None:
    client = connect()
    rows = [{"_id": f"row-{number}", "nested": {"list": [number, None, "é"]}} for number in range(1200)]
    client["libranet_drill"]["rows"].insert_many(rows)
    client["libranet_drill"]["leases"].insert_one({"_id": "relay"})
    keys = tmp_path / "keys"
    (keys / "demo").mkdir(parents=True)
    (keys / "demo" / "key").write_bytes(b"sealed")
    kept = io.BytesIO()
    counts = backup.back_up(client, keys, kept)
    assert counts["libranet_drill/rows"] == 1200

    with pytest.raises(backup.NotEmpty):
        backup.restore(client, keys, io.BytesIO(kept.getvalue()))

    for name in client.list_database_names():
        if name.startswith(backup.PREFIX):
            client.drop_database(name)
    restored = backup.restore(client, tmp_path / "elsewhere", io.BytesIO(kept.getvalue()))
    assert restored["libranet_drill/rows"] == 1200
    found = {row["_id"]: row for row in client["libranet_drill"]["rows"].find({})}
    assert found == {row["_id"]: row for row in rows}
    assert client["libranet_drill"]["leases"].count_documents({}) == 0
    assert (tmp_path / "elsewhere" / "demo" / "key").read_bytes() == b"sealed"
    client.drop_database("libranet_drill")


@pytest.mark.parametrize("change", [
    lambda whole: whole[:-1], lambda whole: whole[:len(whole) // 2], lambda whole: b"", lambda whole: b"PK\3\4" + whole,
    lambda whole: whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:], lambda whole: gzip.compress(b"no tar" * 100),
    lambda whole: gzip.compress(b"\0" * 10_240), lambda whole: gzip.compress(gzip.decompress(whole)[:6000]),
    lambda whole: a_tar("holiday/pictures.txt", b"sea")])
def test_what_is_no_whole_backup_is_refused_before_anything_is_written(
        parts: Platform, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    client, kept = connect(), io.BytesIO()
    client["libranet_drill"]["rows"].insert_many({"_id": number, "some": os.urandom(40)} for number in range(300))
    backup.back_up(client, tmp_path / "none", kept)
    for name in client.list_database_names():
        if name.startswith(backup.PREFIX):
            client.drop_database(name)
    with pytest.raises(backup.Damaged, match="Nothing was restored"):
        backup.restore(client, tmp_path / "keys", io.BytesIO(change(kept.getvalue())))
    assert not [name for name in client.list_database_names() if name.startswith(backup.PREFIX)]
    assert not (tmp_path / "keys").exists()


def test_a_place_that_holds_something_anywhere_stays_as_it_is(parts: Platform, tmp_path: Path) -> None:
    client, kept = connect(), io.BytesIO()
    client["libranet_drill"]["rows"].insert_one({"_id": 1})
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "demo.json").write_bytes(b"sealed")
    backup.back_up(client, tmp_path / "saved", kept)
    client.drop_database("libranet_drill")
    client["libranet_other"]["rows"].insert_one({"_id": 1})
    with pytest.raises(backup.NotEmpty, match="libranet_other"):
        backup.restore(client, tmp_path / "keys", io.BytesIO(kept.getvalue()))
    client.drop_database("libranet_other")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "demo.json").write_bytes(b"another")
    with pytest.raises(backup.NotEmpty, match="another key"):
        backup.restore(client, tmp_path / "keys", io.BytesIO(kept.getvalue()))
    assert "libranet_drill" not in client.list_database_names()


def a_tar(name: str, content: bytes) -> bytes:
    made, entry = io.BytesIO(), tarfile.TarInfo(name)
    entry.size = len(content)
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def backed_up(*arguments: object) -> str:
    """What the command says."""
    ran = CliRunner().invoke(main, ["backup", *map(str, arguments)])
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_backup_is_its_owners_and_takes_the_place_of_the_one_before(parts: Platform, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("yesterday's")
    assert str(file) in backed_up(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes()[:2] == b"\x1f\x8b"
    assert [*tmp_path.iterdir()] == [file]


def test_a_backup_that_fails_in_the_middle_leaves_the_one_before(parts: Platform, tmp_path: Path) -> None:
    client = connect()
    for number in range(6):
        client["libranet_drill"][f"rows-{number}"].insert_one({"_id": "row", "bytes": os.urandom(100_000)})
    file = tmp_path / "backup"
    file.write_text("yesterday's")
    no_large_files = ["sh", "-c", 'ulimit -f 300; exec "$@"', "sh"]
    ran = subprocess.run([*no_large_files, Path(sys.executable).parent / "libranet", "backup", file],
                         env=parts.environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "There is no new backup" in ran.stderr
    assert file.read_text() == "yesterday's"
    assert [*tmp_path.iterdir()] == [file]
    client.drop_database("libranet_drill")


def test_a_backup_into_no_folder_says_so(parts: Platform, tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["backup", str(tmp_path / "nowhere" / "backup")])
    assert ran.exit_code == 1
    assert "There is no new backup" in ran.output


def lay(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("earlier")


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@pytest.fixture
def something(parts: Platform) -> Iterator[None]:
    """A platform that holds something."""
    connect()["libranet_drill"]["rows"].insert_one({"_id": "row"})
    yield
    connect().drop_database("libranet_drill")


def test_backups_older_than_asked_are_deleted_once_there_is_a_new_one(something: None, tmp_path: Path) -> None:
    recent = (now() - timedelta(days=2)).strftime(backup.NAME)
    lay(tmp_path, recent, "libranet-20200101T000000Z.tar.gz")
    said = backed_up(tmp_path, "--keep", 3)
    assert "libranet-20200101T000000Z.tar.gz is deleted" in said
    (made,) = names(tmp_path) - {recent}
    assert made in said
    assert recent < made
    assert backed_up(tmp_path, "--keep", 1).count("is deleted") == 1
    assert recent not in names(tmp_path)


def test_a_backup_of_nothing_deletes_none(parts: Platform, tmp_path: Path) -> None:
    lay(tmp_path, "libranet-20200101T000000Z.tar.gz")
    assert "0 documents" in backed_up(tmp_path, "--keep", 1)
    assert len(names(tmp_path)) == 2


def test_without_being_asked_no_backup_is_deleted(parts: Platform, tmp_path: Path) -> None:
    lay(tmp_path, "libranet-20200101T000000Z.tar.gz")
    backed_up(tmp_path)
    assert len(names(tmp_path)) == 2


def test_what_is_deleted_is_old_by_its_name(tmp_path: Path) -> None:
    others = ("restore-me.tar.gz", "libranet-before-upgrade.tar.gz", "libranet-20200101T000000Z.tar.gz.sha256")
    kept = ("libranet-20261110T021700Z.tar.gz", "libranet-20261122T021700Z.tar.gz.now.unfinished")
    old = ("libranet-20261110T021659Z.tar.gz", "libranet-20261121T021659Z.tar.gz.killed.unfinished")
    lay(tmp_path, *old, *kept, *others)
    moment = datetime(2026, 11, 22, 2, 17, tzinfo=UTC)
    gone = [*backup.forget_unfinished(tmp_path, moment), *backup.forget(tmp_path, moment, 12)]
    assert {each.name for each in gone} == {*old}
    assert names(tmp_path) == {*kept, *others}


def test_a_place_that_is_no_file_is_left_as_it_is() -> None:
    ran = CliRunner().invoke(main, ["backup", "/dev/null"])
    assert ran.exit_code == 2
    assert "neither a file nor a folder" in ran.output
    assert Path("/dev/null").is_char_device()


def test_a_backup_that_fails_deletes_none_but_what_others_left_unfinished(parts: Platform, tmp_path: Path) -> None:
    lay(tmp_path, "libranet-20200101T000000Z.tar.gz", "libranet-20200101T000000Z.tar.gz.killed.unfinished")
    ran = CliRunner().invoke(main, ["backup", str(tmp_path), "--keep", "1"],
                             env={"MONGO_URI": "mongodb://127.0.0.1:9/", "MONGO_URI_FILE": ""})
    assert ran.exit_code == 1
    assert names(tmp_path) == {"libranet-20200101T000000Z.tar.gz"}


@pytest.mark.parametrize("place", ["backup", "nowhere"])
def test_only_a_folder_keeps_backups(place: str, tmp_path: Path) -> None:
    (tmp_path / "backup").touch()
    ran = CliRunner().invoke(main, ["backup", str(tmp_path / place), "--keep", "1"])
    assert ran.exit_code == 2
    assert "--keep is for a folder" in ran.output
