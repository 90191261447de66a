"""All open postings as one replica holds them: what they want, where they are, and what a list shows of them."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.jobs.matches.domain.codes import Codes
from services.jobs.matches.domain.coverage import CoverageIndex, Hits, Limits, Wanted
from services.jobs.matches.domain.goals import TitleTable
from services.jobs.matches.domain.places import Near, PlaceTable, Whereabouts

Filed = tuple[str, int, list[str]]
"""The owner of a listed posting, the code of its place, and the URIs of the skills it wants."""
Shares = Callable[[str], bool]
"""Whether the caller's node shares what this owner has."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One open posting. `card` is what a list shows of it, as JSON; skills are URIs."""

    id: str
    owner: str
    title: str
    whereabouts: Whereabouts
    required: tuple[str, ...]
    wished: tuple[str, ...]
    card: str


class Board:
    """Takes listings and answers for them. Not safe for writers in two threads."""

    def __init__(self) -> None:
        self._coverage = CoverageIndex()
        self._owners: Codes[str] = Codes()
        self._places = PlaceTable()
        self._titles = TitleTable()
        self._listed: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._coverage)

    def ids(self) -> Set[str]:
        return self._coverage.open_ids()

    def put(self, listings: Iterable[Listing]) -> None:
        """Adds them, or puts them in place of their former state; call `settle` after the last."""
        for each in listings:
            self._coverage.put(Wanted(
                each.id, self._owners.code(each.owner), self._places.code(each.whereabouts),
                self._titles.code(each.title), each.required, each.wished))
            self._listed.append((each.title, each.card))

    def remove(self, ids: Iterable[str]) -> None:
        for each in ids:
            self._coverage.remove(each)

    def settle(self) -> None:
        self._coverage.settle()

    def is_worn(self) -> bool:
        return self._coverage.is_worn()

    def renewed(self, canonical: Callable[[str], str]) -> "Board":
        """The same postings in a board of their own, skills by the URIs that stand for them now."""
        fresh = Board()
        fresh.put(self._listing(row, canonical) for row in self._coverage.open_rows())
        fresh.settle()
        return fresh

    def filed(self, posting: str) -> Filed | None:
        """None where it is not listed."""
        row = self._coverage.row_of(posting)
        if row is None:
            return None
        owner, place = self._coverage.codes_of(row)
        return self._owners[owner], place, [uri for uri, _ in self.wants(row)]

    def owners(self, shares: Shares) -> list[str]:
        return [owner for owner in self._owners if shares(owner)]

    def places(self, near: Near) -> NDArray[np.bool_]:
        return self._places.near(near)

    def match(self, held: Iterable[str], shares: Shares, near: Near | None, goal_titles: Sequence[str],
              most: int) -> Hits:
        """The best ready and near postings that the caller shares, at most so many of each."""
        owners = np.fromiter((shares(owner) for owner in self._owners), np.bool_, len(self._owners))
        return self._coverage.match(held, Limits(
            owners, self.places(near) if near else None,
            self._titles.fitting(goal_titles) if goal_titles else None, most))

    def wants(self, row: int) -> list[tuple[str, bool]]:
        """(skill URI, whether it is required), the required ones first."""
        return self._coverage.wants(row)

    def card(self, row: int) -> str:
        return self._listed[row][1]

    def id_of(self, row: int) -> str:
        return self._coverage.ids[row]

    def card_of(self, posting: str) -> str | None:
        row = self._coverage.row_of(posting)
        return None if row is None else self.card(row)

    def listing_of(self, posting: str) -> Listing | None:
        row = self._coverage.row_of(posting)
        return None if row is None else self._listing(row, lambda uri: uri)

    def _listing(self, row: int, canonical: Callable[[str], str]) -> Listing:
        title, card = self._listed[row]
        wants = [(canonical(uri), required) for uri, required in self.wants(row)]
        required = tuple(dict.fromkeys(uri for uri, is_required in wants if is_required))
        wished = tuple(dict.fromkeys(uri for uri, is_required in wants if not is_required and uri not in required))
        owner, place = self._coverage.codes_of(row)
        return Listing(self._coverage.ids[row], self._owners[owner], title, self._places[place], required, wished, card)
