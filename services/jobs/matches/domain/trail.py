"""Following a trail of changes whose ids grow with time, though they may come to light out of order.

A change gets its id when its transaction begins and is seen when that ends, so an older id may appear after a newer
one. Whoever follows asks again for the last OVERLAP_SECONDS and passes over what it has seen.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

OVERLAP_SECONDS = 20
"""Longer than any transaction lives (libranet.mongo.TRANSACTION_DEADLINE_SECONDS)."""


class Trail:
    """`since` is where to ask from. A change counts as seen when `saw` says so: after it was followed."""

    def __init__(self, began: datetime) -> None:
        self.since = id_before(began - timedelta(seconds=OVERLAP_SECONDS))
        self._seen: set[str] = set()

    def unseen(self, ids: Iterable[str]) -> set[str]:
        return set(ids) - self._seen

    def saw(self, ids: Iterable[str]) -> None:
        self._seen |= set(ids)

    def move_to(self, moment: datetime) -> None:
        """Everything older than this moment's overlap will not be asked for again."""
        self.since = max(self.since, id_before(moment - timedelta(seconds=OVERLAP_SECONDS)))
        self._seen = {each for each in self._seen if each > self.since}


def id_before(moment: datetime) -> str:
    """Sorts before every UUIDv7 of this moment (RFC 9562, 5.7: the first 48 bits are its milliseconds)."""
    digits = f"{int(moment.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"
