"""What a batch of facts adds to the totals, and whom it counts: each person once per node, measure and period."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from services.analytics.domain.periods import DAILY_MEASURES, EVERYTHING, Period, newly_counted
from services.analytics.domain.pseudonyms import Pseudonyms

ERASED = "patron-erased"
NOT_OF_PEOPLE = frozenset({ERASED, "patron-data-erased"})
"""They count as events; counting their person would keep what they are about to delete."""

Cell = tuple[str, str]
"""A node and a measure."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A fact without its person: `pseudonym` is theirs at `node`, by `trace` they are known where they do not count.

    `day` is when it happened, for daily measures only; `decided_at` tells whether it was before an objection's end.
    """

    node: str
    measure: str
    pseudonym: str | None = None
    trace: str | None = None
    day: date | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    """One person whom one measure of one node counts."""

    node: str
    measure: str
    pseudonym: str


Known = Mapping[Participation, frozenset[date]]
"""The days of those that are counted already; empty where their measure is not counted by the day."""


@dataclass(slots=True)
class Change:
    """By how much each cell's `events` and `people` change, each period's people and each day's events; who is
    counted for the first time (`added`), and who on more days (`extended`)."""

    events: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    people_in: Counter[tuple[Cell, Period]] = field(default_factory=Counter)
    events_on: Counter[tuple[Cell, date]] = field(default_factory=Counter)
    added: dict[Participation, set[date]] = field(default_factory=dict)
    extended: dict[Participation, set[date]] = field(default_factory=dict)

    def take_back(self, gone: "Change") -> None:
        """Counts the people of another change less."""
        self.people.subtract(gone.people)
        self.people_in.subtract(gone.people_in)


def observe(node: str, measure: str, patron: str | None, pseudonyms: Pseudonyms, day: date | None = None,
            decided_at: datetime | None = None) -> Observation:
    """The entrance: behind it nobody knows the patron's id. Days are kept of daily measures only."""
    kept = day if measure in DAILY_MEASURES else None
    if patron is None or measure in NOT_OF_PEOPLE:
        return Observation(node, measure, day=kept)
    return Observation(node, measure, pseudonyms.at(node, patron), pseudonyms.trace(patron), kept, decided_at)


def participations(observations: Iterable[Observation]) -> list[Participation]:
    """Whom the observations are about, each once."""
    return list({Participation(each.node, each.measure, each.pseudonym): None for each in observations
                 if each.pseudonym is not None})


def count(observed: Collection[Observation], counted: Collection[Observation], known: Known) -> Change:
    """What the observations change. The people of `counted` count, those of the others do not (they are erased, or
    object); `known` are the participations among them that are counted already."""
    change = Change(Counter((each.node, each.measure) for each in observed))
    change.events_on.update(((each.node, each.measure), each.day) for each in observed if each.day)
    for each in counted:
        if each.pseudonym is not None:
            _count_person(Participation(each.node, each.measure, each.pseudonym), each.day, known, change)
    return change


def _count_person(who: Participation, day: date | None, known: Known, change: Change) -> None:
    cell = (who.node, who.measure)
    if who not in known and who not in change.added:
        change.added[who] = set()
        change.people[cell] += 1
    days = known.get(who, frozenset()) | change.added.get(who, set()) | change.extended.get(who, set())
    if day is not None and day not in days:
        change.people_in.update((cell, period) for period in newly_counted(day, days) if period != EVERYTHING)
        (change.added[who] if who in change.added else change.extended.setdefault(who, set())).add(day)


def counted_for(known: Known) -> Change:
    """What these people were counted for: `take_back` when they are gone. What they did stays in the events."""
    change = Change()
    for who, days in known.items():
        change.people[who.node, who.measure] += 1
        seen: set[date] = set()
        for day in days:
            change.people_in.update(((who.node, who.measure), each) for each in newly_counted(day, seen)
                                    if each != EVERYTHING)
            seen.add(day)
    return change


def by_node(change: Change) -> dict[str, dict[str, tuple[int, int]]]:
    """Node to measure to (events, people), for one update a node; people may be negative."""
    nodes: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for node, measure in {**change.events, **change.people}:
        cell = (node, measure)
        nodes[node][measure] = (change.events[cell], change.people[cell])
    return dict(nodes)
