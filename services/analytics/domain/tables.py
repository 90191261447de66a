"""What cells of tables show, of the daily measures and of the totals since ever. Where people are suppressed, what they
did is too."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.places import is_within
from services.analytics.domain.asked import Asked
from services.analytics.domain.counting import ERASED, NOT_OF_PEOPLE
from services.analytics.domain.disclosure import count_at
from services.analytics.domain.periods import DAILY_MEASURES, EVERYTHING, Period
from services.analytics.domain.release import HIDDEN, People, Release, Told

Happened = Mapping[str, Mapping[str, Mapping[date, int]]]
"""Events by event type, node and day."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cell of a table. `people` is None where there is nobody to count, or too few; `events` where they are
    suppressed."""

    node: str
    period: str
    measure: str
    events: int | None
    people: int | None

    @property
    def suppressed(self) -> bool:
        return self.people is None and self.events is None


@dataclass(frozen=True)
class Counted:
    """All that the tables of one node are made of: people by event type and period, events by day, and in all."""

    node: str
    people: Mapping[str, People]
    events: Happened
    events_ever: Mapping[str, Mapping[str, int]]

    def nodes(self) -> list[str]:
        """The node and those below it where anything happened."""
        known = {each for cells in self.events_ever.values() for each in cells if is_within(each, self.node)}
        return sorted({self.node, *known})

    def events_by_day(self, kind: str, node: str) -> Mapping[date, int]:
        """Of a node and all below it."""
        found: Counter[date] = Counter()
        for each, days in self.events.get(kind, {}).items():
            if is_within(each, node):
                found.update(days)
        return found


def totals(counted: Counted, is_about_people: Callable[[str], bool]) -> Iterator[Row]:
    """Everything that ever happened at the node and below it, by event type."""
    for kind in sorted(counted.events_ever):
        told = _told_ever(kind, counted) if is_about_people(kind) else Told(None, True)
        yield Row(counted.node, EVERYTHING.name, kind, _in_all(kind, counted.node, counted) if told.events else None,
                  told.people)


def _told_ever(kind: str, counted: Counted) -> Told:
    """An erasure is of one person, whose other services answer it."""
    if kind in DAILY_MEASURES:
        told = Release(counted.node, counted.people[kind]).told(counted.node, EVERYTHING)
        return told if told.people else HIDDEN
    own = counted.events_ever.get(ERASED, {}) if kind in NOT_OF_PEOPLE else counted.people[kind][EVERYTHING.name]
    count = count_at(counted.node, own)
    return Told(count.people, True) if count.shown else HIDDEN


def rows(asked: Asked, counted: Counted) -> Iterator[Row]:
    """The rows that a table has: by node, by period, or by nothing but measure; those that say nothing left out."""
    releases = {kind: Release(counted.node, counted.people.get(kind, {})) for kind in DAILY_MEASURES}
    periods = list(asked.rows) if asked.by in ("day", "week", "month") else [EVERYTHING]
    for node in counted.nodes() if asked.by == "node" else [counted.node]:
        happened = {kind: counted.events_by_day(kind, node) for kind in DAILY_MEASURES}
        for row in periods:
            for kind, release in releases.items():
                days = asked.within(row)
                told = release.told(node, days)
                if told.people != 0:
                    events = _in_all(kind, node, counted) if days.holds(EVERYTHING) else _within(days, happened[kind])
                    yield Row(node, row.name, DAILY_MEASURES[kind][0], events if told.events else None, told.people)


def _within(days: Period, happened: Mapping[date, int]) -> int:
    if days.first == days.last:
        return happened.get(days.first, 0)
    return sum(number for day, number in happened.items() if days.first <= day <= days.last)


def _in_all(kind: str, node: str, counted: Counted) -> int:
    return sum(number for each, number in counted.events_ever.get(kind, {}).items() if is_within(each, node))
