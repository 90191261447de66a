"""Which counts of people in which periods are shown, for one measure: a fixed set, whoever asks for what.

The counts of everything follow `disclosure.py`. From there time is opened downwards, along the tree of `periods.py`:
a node whose count of a period is shown is opened to the period's parts, all of them or none, when for its people
that are in no count opened below it (a *group*)

* the count of each part,
* those in the period but not in that part, and
* how much the counts of the parts exceed the count of the period (who is in several parts)

are each nothing or at least ten. What cannot be opened joins the group of the next node above. So all that is ever
shown are sums over whole groups, and groups only grow from a period to its parts. An asked period is shown where it
is the same as a shown one, and otherwise not at all: it tells nothing new.

Why a hidden count cannot be found: let two nodes of one group exchange what two of their people did within a period.
No sum over the group changes, in no part and no whole, but the hidden count does by one. Where no such two exist the
hidden count is the same as that of the next larger period, and so on up to everything, where the slack that
`disclosure.py` leaves lets one person be of another node.

Events would tell more: where nobody does a thing twice in a month, those of a quarter are the people of its months
added up, and what the months of two libraries together do not tell, each library's events of the quarter do. So they
are told only where no exchange can move any of them out: at the top of the tree, and of nodes whose counts are shown of
all parts of the period, of the parts' parts, and so on to the days. Docs: docs/decisions/0014.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.analytics.domain.disclosure import counts, may_be_told
from services.analytics.domain.periods import EVERYTHING, Period, parts
from services.analytics.domain.places import children_of, is_top, walk

People = Mapping[str, Mapping[str, int]]
"""By period's name: the people of each node itself. What is not there is nobody."""


@dataclass(frozen=True, slots=True)
class Series:
    """People of a period, and of each of its parts."""

    whole: int
    parts: tuple[int, ...]

    def plus(self, other: "Series") -> "Series":
        return Series(self.whole + other.whole, tuple(map(sum, zip(self.parts, other.parts, strict=True))))

    @property
    def may_be_opened(self) -> bool:
        return (all(may_be_told(each) and may_be_told(self.whole - each) for each in self.parts)
                and may_be_told(sum(self.parts) - self.whole))


@dataclass(frozen=True, slots=True)
class Told:
    """People, None where they are not shown; and whether their events are."""

    people: int | None
    events: bool


HIDDEN, NOBODY = Told(None, False), Told(0, True)


class Release:
    """What is shown of one measure at `root` and below it. The same nodes get the same counts under any root."""

    def __init__(self, root: str, people: People) -> None:
        self._people = people
        self._below = children_of(root, {node for each in people.values() for node in each})
        self._order = list(walk(root, self._below))
        whole = counts(root, people.get(EVERYTHING.name, {}))
        self._opened: dict[Period, frozenset[str]] = {}
        self._totals: dict[tuple[str, str], int] = {}
        self._shown = frozenset(node for node, each in whole.items() if each.shown)

    def told(self, node: str, asked: Period) -> Told:
        """What is told of a node and all below it in the asked period."""
        if self._total(node, EVERYTHING) == 0:
            return NOBODY
        return self._within(node, EVERYTHING, asked) if node in self._shown else HIDDEN

    def _within(self, node: str, period: Period, asked: Period) -> Told:
        """Of the common days of two periods, the count of the first of which is shown."""
        if not asked.meets(period) or not self._total(node, period):
            return NOBODY
        if self._covers(node, asked, period):
            return Told(self._total(node, period), self._tells_events(node, period))
        if node not in self.opened(period):
            return HIDDEN
        touched = [each for each in self._parts(node, period) if each.meets(asked)]
        if not touched:
            return NOBODY
        return self._within(node, touched[0], asked) if len(touched) == 1 else HIDDEN

    def _tells_events(self, node: str, period: Period) -> bool:
        """Of a period whose count is shown: whether no count that is shown mixes its people with those of others."""
        if is_top(node) or not parts(period):
            return True
        return node in self.opened(period) and all(self._tells_events(node, each) for each in self._parts(node, period))

    def _parts(self, node: str, period: Period) -> list[Period]:
        """The parts in which there is anybody."""
        return [each for each in parts(period) if self._total(node, each)]

    def _covers(self, node: str, asked: Period, period: Period) -> bool:
        """Whether, for all that is shown, everybody of the period was there in the asked one."""
        if asked.holds(period):
            return True
        return asked.meets(period) and node in self.opened(period) and bool(parts(period)) and all(
            self._covers(node, asked, each) for each in self._parts(node, period))

    def opened(self, period: Period) -> frozenset[str]:
        """The nodes whose counts of the period's parts are shown."""
        if period not in self._opened:
            self._opened[period] = self._open(period)
        return self._opened[period]

    def _open(self, period: Period) -> frozenset[str]:
        allowed = self._nodes_that_show(period)
        groups: dict[str, Series] = {}
        found = set()
        for node in reversed(self._order):
            group = self._own(node, period)
            for child in self._below[node]:
                group = group.plus(groups[child])
            if node in allowed and group.may_be_opened:
                found.add(node)
                group = Series(0, (0,) * len(group.parts))
            groups[node] = group
        return frozenset(found)

    def _nodes_that_show(self, period: Period) -> frozenset[str]:
        if period == EVERYTHING:
            return self._shown
        return self.opened(_above(period))

    def _own(self, node: str, period: Period) -> Series:
        return Series(self._people.get(period.name, {}).get(node, 0),
                      tuple(self._people.get(each.name, {}).get(node, 0) for each in parts(period)))

    def _total(self, node: str, period: Period) -> int:
        key = (node, period.name)
        if key not in self._totals:
            own = self._people.get(period.name, {})
            self._totals[key] = sum(own.get(each, 0) for each in walk(node, self._below)) if own else 0
        return self._totals[key]


def _above(period: Period) -> Period:
    """The period that this is a part of."""
    place = EVERYTHING
    while True:
        within = next(each for each in parts(place) if each.holds(period))
        if within == period:
            return place
        place = within
