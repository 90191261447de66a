"""Tables of the daily measures: what each cell shows. Where people are suppressed, their events are too."""

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


def rows(asked: Asked, counted: Counted) -> Iterator[Row]:
    """The rows that a table has: by node, by period, or by nothing but measure; those that say nothing left out."""
    releases = {kind: Release(counted.node, counted.people.get(kind, {})) for kind in DAILY_MEASURES}
    periods = list(asked.rows) if asked.by in ("day", "week", "month") else [EVERYTHING]
    nodes = counted.nodes() if asked.by == "node" else [counted.node]
    for place in nodes:
        for row in periods:
            for kind, release in releases.items():
                cell = _cell(kind, place, asked.within(row), release, counted)
                if cell is not None:
                    yield Row(place, row.name, DAILY_MEASURES[kind][0], *cell)


def _cell(kind: str, node: str, period: Period, release: Release,
          counted: Counted) -> tuple[int | None, int | None] | None:
    """Events and people; None where nothing happened. What people did who are not counted is not shown alone."""
    people = release.people(node, period)
    if people is None:
        return None, None
    events = _events(kind, node, period, counted)
    if people == 0:
        return (None, None) if events else None
    return events, people


def _events(kind: str, node: str, period: Period, counted: Counted) -> int:
    if period.holds(EVERYTHING):
        return sum(number for each, number in counted.events_ever.get(kind, {}).items() if is_at_or_below(each, node))
    return sum(number for each, days in counted.events.get(kind, {}).items() if is_at_or_below(each, node)
               for day, number in days.items() if period.first <= day <= period.last)
