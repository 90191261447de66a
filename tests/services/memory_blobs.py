"""Files in memory, as `libranet.blobs.Blobs` keeps them."""

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from libranet.blobs import Blob, BlobGone, BlobTooLarge
from libranet.ids import new_id


class MemoryBlobs:
    """Files in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.days: dict[str, int] = {}

    def store(self, read: Callable[[int], bytes], _owner: str, _days: int, most_bytes: int) -> Blob:
        content = b""
        while piece := read(1000):
            content += piece
            if len(content) > most_bytes:
                raise BlobTooLarge
        return self.put(content)

    def put(self, content: bytes) -> Blob:
        blob = Blob(new_id(), len(content), hashlib.sha256(content).hexdigest())
        self.files[blob.id] = content
        return blob

    @contextmanager
    def open(self, blob_id: str) -> Iterator[IO[bytes]]:
        if blob_id not in self.files:
            raise BlobGone(blob_id)
        yield io.BytesIO(self.files[blob_id])

    def delete(self, blob_id: str) -> None:
        self.files.pop(blob_id, None)

    def keep(self, blob_id: str, days: int) -> None:
        if blob_id not in self.files:
            raise BlobGone(blob_id)
        self.days[blob_id] = days
