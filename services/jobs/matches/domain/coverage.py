"""The index that matching asks: which postings want which skills, in arrays, and how much of a posting is covered.

Coverage = weight of what is there / weight of all that is asked for. A skill weighs the more the rarer it is
(log(1 + postings / postings that want it)); a wished one a quarter of that. A changed posting is a new row, its old one
stays dead until the index is made anew. Not safe for writers in two threads.
"""

from array import array
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WISHED_WEIGHT = 0.25
WISHED_ENOUGH = 0.5
"""The coverage from which a posting that requires nothing, and only wishes, counts as ready."""
MOST_MISSING = 5
"""Required skills that may be missing for a posting to be near."""
REWEIGH_GROWTH = 0.1
"""Share of new rows after which rarity is counted anew."""
DEAD_SHARE, DEAD_ROWS = 0.3, 2_000
COVERAGE_STEPS = 1_000
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one posting asks for, by skill URI; `owner`, `place` and `title` are the codes of their tables."""

    id: str
    owner: int
    place: int
    title: int
    required: tuple[str, ...]
    wished: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A posting that somebody's skills reach. `missing` counts required skills."""

    row: int
    coverage: float
    missing: int
    fits_goal: bool


@dataclass(frozen=True, slots=True)
class Hits:
    ready: list[Hit]
    near: list[Hit]
    considered: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Which postings count: allowed owners and places (None for all), titles that fit a goal, and how many to give."""

    owners: Flags
    places: Flags | None
    goal_titles: Flags | None
    most: int


class CoverageIndex:
    """Postings by the skills they want. Every skill has a code, the order in which it was first seen."""

    def __init__(self) -> None:
        self.skills: list[str] = []
        self.ids: list[str] = []
        self._codes: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._requiring: list[array[int]] = []
        self._wishing: list[array[int]] = []
        self._wants = array("i")
        self._starts = array("i", [0])
        self._required_counts = array("h")
        self._owners = array("i")
        self._places = array("i")
        self._titles = array("i")
        self._alive = bytearray()
        self._weighed_rows = 0
        self._rarity = np.zeros(0)
        self._totals = np.zeros(0)

    def __len__(self) -> int:
        return len(self._rows)

    def row_of(self, posting: str) -> int | None:
        return self._rows.get(posting)

    def put(self, wanted: Wanted) -> int:
        """Adds the posting, or puts it in the place of its former state; gives its row."""
        self.remove(wanted.id)
        row = len(self.ids)
        for rows_of, uris in ((self._requiring, wanted.required), (self._wishing, wanted.wished)):
            codes = self._coded(uris)
            for code in codes:
                rows_of[code].append(row)
            self._wants.extend(codes)
        self._starts.append(len(self._wants))
        self._required_counts.append(len(wanted.required))
        self._owners.append(wanted.owner)
        self._places.append(wanted.place)
        self._titles.append(wanted.title)
        self._alive.append(1)
        self.ids.append(wanted.id)
        self._rows[wanted.id] = row
        return row

    def remove(self, posting: str) -> None:
        row = self._rows.pop(posting, None)
        if row is not None:
            self._alive[row] = 0

    def open_ids(self) -> Set[str]:
        return self._rows.keys()

    def open_rows(self) -> list[int]:
        """The rows that are alive, oldest first."""
        return sorted(self._rows.values())

    def codes_of(self, row: int) -> tuple[int, int]:
        """The codes of its owner and of its place."""
        return self._owners[row], self._places[row]

    def is_worn(self) -> bool:
        """Whether so many rows are dead that building it anew pays."""
        dead = len(self.ids) - len(self._rows)
        return dead > max(DEAD_ROWS, DEAD_SHARE * len(self.ids))

    def wants(self, row: int) -> list[tuple[str, bool]]:
        """What the posting asks for: (skill URI, whether it is required), the required ones first."""
        codes = self._wants[self._starts[row]:self._starts[row + 1]]
        required = self._required_counts[row]
        return [(self.skills[code], place < required) for place, code in enumerate(codes)]

    def settle(self) -> None:
        """Call it after changes, before the next match. Counts rarity anew where enough has changed (40 ms)."""
        fresh = len(self.ids) - self._weighed_rows
        if self._weighed_rows == 0 or fresh > REWEIGH_GROWTH * self._weighed_rows:
            self._reweigh()
        else:
            self._weigh_new(fresh)

    def match(self, held: Iterable[str], limits: Limits) -> Hits:
        """The best postings for these skills. `considered` counts those that were open and allowed at all.

        A posting without found skills is reached by nobody: it is neither ready nor near.
        """
        codes = sorted({self._codes[uri] for uri in held if uri in self._codes})
        considered = self._allowed(limits)
        hits, coverage, missing = self._reached(codes, considered)
        required = np.frombuffer(self._required_counts, dtype=np.int16)[hits] > 0
        ready = (missing == 0) & (required | (coverage >= WISHED_ENOUGH))
        near = ~ready & (missing <= MOST_MISSING)
        fits = self._fits(hits, limits)
        found = [[Hit(int(hits[at]), float(coverage[at]), int(missing[at]), bool(fits[at]))
                  for at in _best(np.flatnonzero(chosen), hits, coverage, missing, fits, limits.most)]
                 for chosen in (ready, near)]
        return Hits(found[0], found[1], int(np.count_nonzero(considered)))

    def _reached(self, codes: Sequence[int],
                 considered: Flags) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.int16]]:
        """Considered rows that want one of these skills at least, how much of each is covered, and how many required
        skills are missing."""
        if not codes:
            return np.zeros(0, np.intp), np.zeros(0), np.zeros(0, np.int16)
        size = len(self.ids)
        requiring = [_rows(self._requiring[code]) for code in codes]
        wishing = [_rows(self._wishing[code]) for code in codes]
        weights = np.repeat(
            np.concatenate([self._rarity[codes], self._rarity[codes] * WISHED_WEIGHT]),
            [len(each) for each in (*requiring, *wishing)])
        covered = np.bincount(np.concatenate([*requiring, *wishing]), weights, size)
        there = np.bincount(np.concatenate(requiring), minlength=size)
        hits = np.flatnonzero((covered > 0) & considered)  # of truths: on numbers it takes eight times as long
        counts = np.frombuffer(self._required_counts, dtype=np.int16)
        coverage = np.minimum(covered[hits] / self._totals[hits], 1.0)
        return hits, coverage, counts[hits] - there[hits].astype(np.int16)

    def _allowed(self, limits: Limits) -> Flags:
        allowed: Flags = np.frombuffer(self._alive, dtype=np.bool_).copy()
        if len(allowed) and not limits.owners.all():
            allowed &= limits.owners[np.frombuffer(self._owners, dtype=np.int32)]
        if len(allowed) and limits.places is not None:
            allowed &= limits.places[np.frombuffer(self._places, dtype=np.int32)]
        return allowed

    def _fits(self, hits: NDArray[np.intp], limits: Limits) -> Flags:
        if limits.goal_titles is None:
            return np.zeros(len(hits), np.bool_)
        return limits.goal_titles[np.frombuffer(self._titles, dtype=np.int32)[hits]]

    def _coded(self, uris: Sequence[str]) -> list[int]:
        for uri in uris:
            if uri not in self._codes:
                self._codes[uri] = len(self.skills)
                self.skills.append(uri)
                self._requiring.append(array("q"))  # what np.bincount counts without a copy
                self._wishing.append(array("q"))
        return [self._codes[uri] for uri in uris]

    def _reweigh(self) -> None:
        wanting = np.array([len(required) + len(wished)
                            for required, wished in zip(self._requiring, self._wishing, strict=True)], dtype=float)
        self._rarity = np.log1p(max(len(self.ids), 1) / np.maximum(wanting, 1))
        self._totals = self._totals_from(0)
        self._weighed_rows = len(self.ids)

    def _weigh_new(self, fresh: int) -> None:
        """Skills that came since are as rare as can be."""
        unseen = len(self.skills) - len(self._rarity)
        if unseen:
            self._rarity = np.concatenate([self._rarity, np.full(unseen, np.log1p(max(len(self.ids), 1)))])
        if len(self._totals) < len(self.ids):
            self._totals = np.concatenate([self._totals, self._totals_from(len(self._totals))])

    def _totals_from(self, first: int) -> NDArray[np.float64]:
        """The weight of all that each row asks for, from this row on."""
        starts = np.frombuffer(self._starts, dtype=np.int32)[first:].astype(np.int64)
        codes = np.frombuffer(self._wants, dtype=np.int32)[starts[0]:]
        starts = starts - starts[0]
        lengths = np.diff(starts)
        within = np.arange(len(codes)) - np.repeat(starts[:-1], lengths)
        counts = np.frombuffer(self._required_counts, dtype=np.int16)[first:]
        required = within < np.repeat(counts, lengths)
        weights = self._rarity[codes] * np.where(required, 1.0, WISHED_WEIGHT)
        totals = np.bincount(np.repeat(np.arange(len(lengths)), lengths), weights, len(lengths))
        return totals.astype(np.float64)


def _rows(rows: "array[int]") -> NDArray[np.int64]:
    return np.frombuffer(rows, dtype=np.int64) if rows else np.zeros(0, np.int64)


def _best(places: NDArray[np.intp], rows: NDArray[np.intp], coverage: NDArray[np.float64], missing: NDArray[np.int16],
          fits: Flags, most: int) -> NDArray[np.intp]:
    """Those places, at most so many, that come first: by coverage, then the goal, then few missing, then the newest."""
    steps = np.round(coverage[places] * COVERAGE_STEPS)
    if len(places) > most:  # what cannot be among them need not be put in order
        hopeful = steps >= np.partition(steps, -most)[-most]
        places, steps = places[hopeful], steps[hopeful]
    return places[np.lexsort((-rows[places], missing[places], ~fits[places], -steps))[:most]]
