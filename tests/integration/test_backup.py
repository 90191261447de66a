"""A backup is worth what its restore gives back."""

import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from libranet import backup
from libranet.cli import main
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


def backed_up(file: Path) -> str:
    """What the command says."""
    ran = CliRunner().invoke(main, ["backup", str(file)])
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
