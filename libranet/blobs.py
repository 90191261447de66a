"""Files: a small port over GridFS. Messages and documents carry a blob's id, never its bytes.

A blob is written once, from a stream, without being held in memory; it is there when its last piece is. It is no part
of a transaction: whoever stores one and then fails leaves it to `sweep`, which deletes what has outlived its time.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from gridfs import GridFSBucket, NoFile

from libranet.clock import now
from libranet.collection import Collection, Retention
from libranet.ids import made_at, new_id
from libranet.mongo import Database

BUCKET = "blobs"
PIECE_BYTES = 2**18
UPLOAD_DAYS = 1
"""Pieces without a file are of one that is being written, or of one that never will be."""
COLLECTIONS = (
    Collection(f"{BUCKET}.files", Retention.forever("each until its own expires_at; swept every hour")),
    Collection(f"{BUCKET}.chunks", Retention.forever("as long as the file they belong to; swept with it")),
)
"""Of a service that keeps blobs."""


class BlobTooLarge(Exception):
    """The stream gave more than was allowed; nothing is kept of it."""


@dataclass(frozen=True)
class Blob:
    """A stored file. `sha256` is of all its bytes, as hexadecimal digits."""

    id: str
    bytes: int
    sha256: str


class Blobs:
    """The files of one service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def _bucket(self) -> GridFSBucket:
        return GridFSBucket(self._database.database, BUCKET, chunk_size_bytes=PIECE_BYTES)

    def store(self, read: Callable[[int], bytes], owner: str, days: int, most_bytes: int) -> Blob:
        """Stores what `read(size)` gives until it gives nothing. Raises BlobTooLarge beyond `most_bytes`."""
        self._database.prepare()
        blob_id, digest, size = new_id(), hashlib.sha256(), 0
        target = self._bucket.open_upload_stream_with_id(blob_id, blob_id, metadata={"owner": owner})
        try:
            while piece := read(PIECE_BYTES):
                size += len(piece)
                if size > most_bytes:
                    raise BlobTooLarge(f"more than {most_bytes} bytes")
                digest.update(piece)
                target.write(piece)
            target.set("metadata", {"owner": owner, "sha256": digest.hexdigest(),
                                    "expires_at": now() + timedelta(days=days)})
            target.close()
        except BaseException:
            target.abort()
            raise
        return Blob(blob_id, size, digest.hexdigest())

    @contextmanager
    def open(self, blob_id: str) -> Iterator[IO[bytes]]:
        """A file to read. Raises BlobGone."""
        try:
            with self._bucket.open_download_stream(blob_id) as source:
                yield source
        except NoFile:
            raise BlobGone(f"{blob_id} was deleted, or never stored") from None

    def keep(self, blob_id: str, days: int) -> None:
        """Keeps a file for so many days from now, however long it was to be kept. Raises BlobGone."""
        files = self._database.database[f"{BUCKET}.files"]
        change = {"$set": {"metadata.expires_at": now() + timedelta(days=days)}}
        if not files.update_one({"_id": blob_id}, change).matched_count:
            raise BlobGone(f"{blob_id} was deleted, or never stored")

    def delete(self, blob_id: str) -> None:
        """Safe to repeat."""
        try:
            self._bucket.delete(blob_id)
        except NoFile:
            return

    def sweep(self, at: datetime) -> int:
        """Deletes what has outlived its time, and what a killed process left half-written; says how many files."""
        files, chunks = self._database.database[f"{BUCKET}.files"], self._database.database[f"{BUCKET}.chunks"]
        outlived: list[Any] = [row["_id"] for row in files.find({"metadata.expires_at": {"$lte": at}}, {"_id": 1})]
        for blob_id in outlived:
            self.delete(blob_id)
        known = {row["_id"] for row in files.find({}, {"_id": 1})}
        broken = [row["files_id"] for row in chunks.find({"n": 0}, {"files_id": 1})
                  if row["files_id"] not in known and made_at(row["files_id"]) < at - timedelta(days=UPLOAD_DAYS)]
        for blob_id in broken:
            chunks.delete_many({"files_id": blob_id})
        return len(outlived) + len(broken)


class BlobGone(Exception):
    """There is no such file any more."""
