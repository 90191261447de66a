"""Tables of the daily measures: what each cell shows. Where people are suppressed, their events are too."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.analytics.domain.asked import Asked
from services.analytics.domain.periods import DAILY_MEASURES, EVERYTHING, Period
from services.analytics.domain.release import People, Release
from services.analytics.domain.skills import is_at_or_below

Happened = Mapping[str, Mapping[str, Mapping[date, int]]]
"""Events by event type, node and day."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cell of a table. `people` and `events` are None where they are suppressed."""

    node: str
    period: str
    measure: str
    events: int | None
    people: int | None


@dataclass(frozen=True)
class Counted:
    """All that the tables of one node are made of: people by event type and period, events by day, and in all."""

    node: str
    people: Mapping[str, People]
    events: Happened
    events_ever: Mapping[str, Mapping[str, int]]

    def nodes(self) -> list[str]:
        """The node and those below it where anything happened."""
        known = {each for cells in self.events_ever.values() for each in cells if is_at_or_below(each, self.node)}
        return sorted({self.node, *known})

    def events_by_day(self, kind: str, node: str) -> Mapping[date, int]:
        """Of a node and all below it."""
        found: Counter[date] = Counter()
        for each, days in self.events.get(kind, {}).items():
            if is_at_or_below(each, node):
                found.update(days)
        return found


def rows(asked: Asked, counted: Counted) -> Iterator[Row]:
    """The rows that a table has: by node, by period, or by nothing but measure; those that say nothing left out."""
    releases = {kind: Release(counted.node, counted.people.get(kind, {})) for kind in DAILY_MEASURES}
    periods = list(asked.rows) if asked.by in ("day", "week", "month") else [EVERYTHING]
    for node in counted.nodes() if asked.by == "node" else [counted.node]:
        happened = {kind: counted.events_by_day(kind, node) for kind in DAILY_MEASURES}
        for row in periods:
            for kind, release in releases.items():
                days = asked.within(row)
                events = _in_all(kind, node, counted) if days.holds(EVERYTHING) else _within(days, happened[kind])
                cell = _cell(release.people(node, days), events)
                if cell is not None:
                    yield Row(node, row.name, DAILY_MEASURES[kind][0], *cell)


def _cell(people: int | None, events: int) -> tuple[int | None, int | None] | None:
    """Events and people; None where nothing happened. What people did who are not counted is not shown alone."""
    if people:
        return events, people
    return None if people == 0 and not events else (None, None)


def _within(days: Period, happened: Mapping[date, int]) -> int:
    if days.first == days.last:
        return happened.get(days.first, 0)
    return sum(number for day, number in happened.items() if days.first <= day <= days.last)


def _in_all(kind: str, node: str, counted: Counted) -> int:
    return sum(number for each, number in counted.events_ever.get(kind, {}).items() if is_at_or_below(each, node))
