"""Pages by offset, as 1EdTech's REST APIs have them, and the links between them (Open Badges 3.0, 6.4)."""

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Page:
    """`limit` of `total` items from `offset` on; `kept` is what else the query says, and stays in the links."""

    total: int
    limit: int
    offset: int
    kept: tuple[tuple[str, str], ...] = ()

    def headers(self, address: str) -> dict[str, str]:
        """How many there are, and where the other pages of the list at `address` are."""
        links = [f'<{address}?{self._query(offset)}>; rel="{name}"' for name, offset in self._offsets().items()]
        return {"X-Total-Count": str(self.total), "Link": ", ".join(links)}

    def _offsets(self) -> dict[str, int]:
        found = {"first": 0, "last": max(0, self.total - 1) // self.limit * self.limit}
        if self.offset + self.limit < self.total:
            found["next"] = self.offset + self.limit
        if self.offset > 0:
            found["prev"] = max(0, min(self.offset, self.total) - self.limit)
        return found

    def _query(self, offset: int) -> str:
        return urlencode((("limit", self.limit), ("offset", offset), *self.kept))
