"""A feed's file on a local disk, read twice: for where each id stands last, then chunk by chunk.

Reading computes for long, so it is done aside and in pieces: nothing here touches the network or the database.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from services.jobs.feeds.adapters.reading import FORMATS, read
from services.jobs.feeds.adapters.shape import Context, FeedUnreadable, Format
from services.jobs.feeds.adapters.sniffing import format_of
from services.jobs.feeds.domain.raw import Item, RawPosting

CHUNK_CHARACTERS = 2**20


class FeedFile:
    """`last_of` says where each id stands last, once `look_ahead` has reached the end; `passed` counts the items that
    were read since."""

    def __init__(self, context: Context) -> None:
        self.last_of: dict[str, int] = {}
        self.passed = 0
        self._context = context
        self._form: Format | None = None
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._items: Iterator[Item] | None = None

    def add(self, piece: bytes) -> None:
        self._file.write(piece)

    def close(self) -> None:
        self._file.close()

    def told_format(self, wanted: str | None) -> Format:
        """Has to be asked before anything is read. Raises FeedUnreadable for a file of none, or of another."""
        self._form = format_of(self._file, FORMATS.get(wanted or ""))
        return self._form

    @property
    def bytes_read(self) -> int:
        return self._file.tell()

    def look_ahead(self, some: int) -> bool:
        """Reads some items on for where each id stands last; says whether the end was reached."""
        with suppress(FeedUnreadable):  # it is told when it is met again
            for position, item in islice(self._going_on(), some):
                if isinstance(item, RawPosting):
                    self.last_of[item.source_id or ""] = position
                if position % some == 0:
                    return False
        self._items = None
        return True

    def pass_over(self, some: int) -> None:
        """Goes some items on: what was settled before an interruption is not settled again."""
        for _ in islice(self._going_on(), some):
            pass
        self.passed += some

    def chunk(self, most: int) -> tuple[list[Item], FeedUnreadable | None]:
        """At most so many items, and why there is no more after them where the file breaks off."""
        items: list[Item] = []
        characters = 0
        try:
            while len(items) < most and characters < CHUNK_CHARACTERS:
                item = next(self._going_on(), None)
                if item is None:
                    break
                items.append(item)
                self.passed = item[0]
                characters += len(item[1].description) if isinstance(item[1], RawPosting) else 0
        except FeedUnreadable as reason:
            return items, reason
        return items, None

    def _going_on(self) -> Iterator[Item]:
        """From where it stands; from the beginning after `look_ahead`."""
        assert self._form is not None
        self._items = self._items or read(self._file, self._form, self._context)
        return self._items
