"""Pages by offset, as 1EdTech's REST APIs have them, and the links between them (Open Badges 3.0, 6.4). A page ends at
its limit or at MOST_BYTES, whichever comes first; the next begins where it ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson

from services.credentials.domain import imported

MOST_BYTES = 4 * 2**20
SURE_TO_FIT = MOST_BYTES * 3 // 4 // imported.MOST_BYTES
"""So many of the longest that are taken in go on one page; signed as a whole, each is longer by a third."""
Item = TypeVar("Item")


def fitting(items: Iterable[Item], most_bytes: int = MOST_BYTES) -> list[Item]:
    """The first of the items that are together no longer than this as JSON; always one, where there is one."""
    found: list[Item] = []
    room = most_bytes
    for each in items:
        room -= len(orjson.dumps(each))
        if found and room < 0:
            break
        found.append(each)
    return found


@dataclass(frozen=True)
class Page:
    """`shown` of `total` items from `offset` on, where up to `limit` were asked for; `kept` is what else the query
    says, and stays in the links. Who follows `next` gets every item once."""

    total: int
    limit: int
    offset: int
    shown: int
    kept: tuple[tuple[str, str], ...] = ()

    def headers(self, address: str) -> dict[str, str]:
        """How many there are, and where the other pages of the list at `address` are."""
        links = [f'<{address}?{urlencode((*asked.items(), *self.kept))}>; rel="{name}"'
                 for name, asked in self._links().items()]
        return {"X-Total-Count": str(self.total), "Link": ", ".join(links)}

    def _links(self) -> dict[str, dict[str, Any]]:
        found = {"first": self._at(0), "last": self._at(self._last())}
        after = self.offset + self.shown
        if after < self.total:
            found["next"] = self._at(after)
        if self.offset > 0:
            limit = min(self.limit, SURE_TO_FIT)
            found["prev"] = {"limit": limit, "offset": max(0, min(self.offset, self.total) - limit)}
        return found

    def _at(self, offset: int) -> dict[str, Any]:
        return {"limit": self.limit, "offset": offset}

    def _last(self) -> int:
        """Where a page begins that is sure to reach the end."""
        if self.shown and self.offset + self.shown == self.total:
            return self.offset
        return max(0, (self.total - 1) // self.limit * self.limit, self.total - SURE_TO_FIT)
