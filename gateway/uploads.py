"""Files on their way through: put down on disk first, so that a slow client holds no service, and no memory of ours.

At most PLACES at a time; who finds none is asked to come back. The space they take is PLACES times the call's limit.
"""

import tempfile
import threading
from collections.abc import Callable
from typing import IO

from libranet.problems import BodyTooLarge, ServiceAway

PLACES = 4
PIECE_BYTES = 2**16
IN_MEMORY_BYTES = 2**20
"""Most files are smaller and never touch the disk."""
RETRY_AFTER_SECONDS = 10

_places = threading.BoundedSemaphore(PLACES)


class Upload:
    """A file that was received whole. It frees its place when it is closed."""

    def __init__(self) -> None:
        if not _places.acquire(blocking=False):
            raise ServiceAway("Other files are being received. Send yours again a little later.", RETRY_AFTER_SECONDS)
        self.bytes = 0
        self._open = True
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - see close

    def receive(self, read: Callable[[int], bytes], most_bytes: int) -> "Upload":
        """Takes all that `read(size)` gives. Raises BodyTooLarge, and whatever `read` raises; it is closed then."""
        try:
            while piece := read(PIECE_BYTES):
                self.bytes += len(piece)
                if self.bytes > most_bytes:
                    raise BodyTooLarge(f"Send at most {most_bytes} bytes; split what is longer.")
                self._file.write(piece)
        except BaseException:
            self.close()
            raise
        return self

    def rewound(self) -> IO[bytes]:
        """The file from its beginning, to be sent (again)."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Safe to repeat."""
        if self._open:
            self._open = False
            self._file.close()
            _places.release()
