"""A backup is worth what its restore gives back."""

import io
from pathlib import Path

import pytest

from libranet import backup
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
