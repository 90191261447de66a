"""Numbers for things that many postings share, in the order in which they were first seen."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Codes(Generic[Thing]):
    """Each thing once; its code is its place."""

    def __init__(self) -> None:
        self._things: list[Thing] = []
        self._known: dict[Thing, int] = {}

    def code(self, thing: Thing) -> int:
        code = self._known.get(thing)
        if code is None:
            code = self._known[thing] = len(self._things)
            self._things.append(thing)
        return code

    def __len__(self) -> int:
        return len(self._things)

    def __getitem__(self, code: int) -> Thing:
        return self._things[code]

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things)
