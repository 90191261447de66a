"""A file that is measured while it is read: one item may be MOST_ITEM_BYTES long, so a file without end is cut."""

import codecs
from typing import IO

from services.jobs.feeds.adapters.shape import FeedUnreadable

MOST_ITEM_BYTES = 4 * 2**20
PIECE_BYTES = 2**16
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Gauge:
    """Gives the file's bytes, recoded to UTF-8 where an encoding is named. Raises FeedUnreadable."""

    def __init__(self, file: IO[bytes], encoding: str | None = None) -> None:
        self._file = file
        self._recode = codecs.getincrementaldecoder(encoding)() if encoding else None
        self._since = 0

    def item_done(self) -> None:
        """What comes now is of the next item."""
        self._since = 0

    def read(self, size: int = PIECE_BYTES) -> bytes:
        if size == 0:  # ijson asks so for the kind of what it will get
            return b""
        while piece := self._file.read(min(size, PIECE_BYTES) if size > 0 else PIECE_BYTES):
            self._since += len(piece)
            if self._since > MOST_ITEM_BYTES:
                raise FeedUnreadable(f"an item is longer than {MOST_ITEM_BYTES // 2**20} MiB, or is none")
            if recoded := self._recoded(piece):
                return recoded
        return b""

    def _recoded(self, piece: bytes) -> bytes:
        if self._recode is None:
            return piece
        try:
            return self._recode.decode(piece).encode()
        except UnicodeError as error:
            raise FeedUnreadable(not_in(getattr(error, "encoding", "its own"))) from None


def encoding_by_mark(head: bytes) -> str | None:
    """By the mark of byte order at the beginning, None where there is none."""
    return next((name for mark, name in BOMS if head.startswith(mark)), None)


def encoding_of(file: IO[bytes]) -> str | None:
    """The same of a file, which is then at its beginning."""
    file.seek(0)
    found = encoding_by_mark(file.read(4))
    file.seek(0)
    return found


def head_of(file: IO[bytes]) -> bytes:
    """The first PIECE_BYTES; the file is then at its beginning."""
    file.seek(0)
    head = file.read(PIECE_BYTES)
    file.seek(0)
    return head


def not_in(encoding: str) -> str:
    return f"its bytes are not in the encoding it has or declares ({encoding}); save it in UTF-8"


def words_of(error: Exception) -> str:
    """What a parser says, on one line."""
    return " ".join(str(error).split())[:200]
