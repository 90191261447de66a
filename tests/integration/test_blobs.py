"""Files in the real database: streamed in and out, measured, hashed, and gone when their time is over."""

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest

from libranet import blobs
from libranet.blobs import BlobGone, Blobs, BlobTooLarge
from libranet.clock import now
from libranet.ids import new_id
from libranet.local import Platform
from libranet.mongo import Database

pytestmark = pytest.mark.real
MIB = 2**20


@pytest.fixture
def database(parts: Platform) -> Iterator[Database]:
    made = Database().connect("blobs", blobs.COLLECTIONS, name=f"test_blobs_{new_id()}", holder=new_id())
    yield made
    made.client.drop_database(made.database.name)
    made.client.close()


def rows(database: Database) -> tuple[int, int]:
    return database.database["blobs.files"].count_documents({}), database.database["blobs.chunks"].count_documents({})


def test_a_file_comes_out_as_it_went_in(database: Database) -> None:
    content = bytes(range(256)) * 5000
    blob = Blobs(database).store(io.BytesIO(content).read, "demo", 1, 2 * MIB)
    assert (blob.bytes, blob.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with Blobs(database).open(blob.id) as source:
        assert source.read() == content
        source.seek(300_000)
        assert source.read(10) == content[300_000:300_010]
    Blobs(database).delete(blob.id)
    Blobs(database).delete(blob.id)
    with pytest.raises(BlobGone), Blobs(database).open(blob.id):
        pass
    assert rows(database) == (0, 0)


def test_a_file_that_is_too_long_or_breaks_off_leaves_nothing(database: Database) -> None:
    def breaks_off(_size: int) -> bytes:
        if content.tell() > MIB:
            raise ConnectionResetError
        return content.read(_size)

    with pytest.raises(BlobTooLarge):
        Blobs(database).store(io.BytesIO(b"x" * 2 * MIB).read, "demo", 1, MIB)
    content = io.BytesIO(b"x" * 4 * MIB)
    with pytest.raises(ConnectionResetError):
        Blobs(database).store(breaks_off, "demo", 1, 8 * MIB)
    assert rows(database) == (0, 0)


def test_what_has_outlived_its_time_is_swept_with_what_a_killed_process_left(database: Database) -> None:
    kept = Blobs(database).store(io.BytesIO(b"x" * 10).read, "demo", 9, MIB)
    Blobs(database).store(io.BytesIO(b"x" * MIB).read, "demo", 3, 2 * MIB)
    database.database["blobs.chunks"].insert_one({"files_id": new_id(), "n": 0, "data": b"half-written"})
    assert Blobs(database).sweep(now()) == 0
    assert Blobs(database).sweep(now() + timedelta(days=4)) == 2
    assert rows(database) == (1, 1)
    with Blobs(database).open(kept.id) as source:
        assert source.read() == b"x" * 10


def test_a_file_can_be_kept_for_longer_and_one_that_is_gone_cannot(database: Database) -> None:
    kept = Blobs(database).store(io.BytesIO(b"x" * 10).read, "demo", 1, MIB)
    Blobs(database).keep(kept.id, 30)
    assert Blobs(database).sweep(now() + timedelta(days=29)) == 0
    assert Blobs(database).sweep(now() + timedelta(days=31)) == 1
    with pytest.raises(BlobGone):
        Blobs(database).keep(kept.id, 30)
