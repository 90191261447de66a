"""What facts add to the totals, and whom they count: each person once per node, measure and period."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.analytics.domain.periods import DAILY_MEASURES, EVERYTHING, Period, newly_counted
from services.analytics.domain.pseudonyms import Pseudonyms
from services.analytics.domain.skills import Holder

ERASED, DATA_ERASED = "patron-erased", "patron-data-erased"
SKILLS_CHANGED = "skills-changed"
NOT_OF_PEOPLE = frozenset({ERASED, DATA_ERASED})
"""They count as events; counting their person would keep what they are about to delete."""

Cell = tuple[str, str]
"""A node and a measure."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A fact on the UTC day on which it happened, without its person: `pseudonym` is theirs at `node`, by `trace` their
    decisions about being counted are known. `holder` is what they can do since then, where the fact tells that."""

    node: str
    measure: str
    day: date
    pseudonym: str | None = None
    trace: str | None = None
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    """One person whom one measure of one node counts."""

    node: str
    measure: str
    pseudonym: str


Known = Mapping[Participation, Mapping[date, int]]
"""How many facts of each day somebody is counted for already."""


@dataclass(slots=True)
class Change:
    """By how much each cell's `events` and `people` change, each period's people and each day's events; and `rows`,
    what everybody whom this touches is counted for afterwards."""

    events: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    people_in: Counter[tuple[Cell, Period]] = field(default_factory=Counter)
    events_on: Counter[tuple[Cell, date]] = field(default_factory=Counter)
    rows: dict[Participation, Counter[date]] = field(default_factory=dict)

    def take_back(self, gone: "Change") -> None:
        """Counts what another change has counted less."""
        self.events.subtract(gone.events)
        self.people.subtract(gone.people)
        self.people_in.subtract(gone.people_in)
        self.events_on.subtract(gone.events_on)


def observe(node: str, measure: str, patron: str | None, pseudonyms: Pseudonyms, day: date) -> Observation:
    """The entrance: behind it nobody knows the patron's id."""
    if patron is None or measure in NOT_OF_PEOPLE:
        return Observation(node, measure, day)
    return Observation(node, measure, day, pseudonyms.at(node, patron), pseudonyms.trace(patron))


def participations(observations: Iterable[Observation]) -> list[Participation]:
    """Whom the observations are about, each once."""
    return list({Participation(each.node, each.measure, each.pseudonym): None for each in observations
                 if each.pseudonym is not None})


def count(observed: Iterable[Observation], known: Known) -> Change:
    """What the observations change; `known` are the participations among them that are counted already."""
    change = Change()
    for each in observed:
        cell = (each.node, each.measure)
        change.events[cell] += 1
        if each.measure in DAILY_MEASURES:
            change.events_on[cell, each.day] += 1
        if each.pseudonym is not None:
            _count_person(Participation(each.node, each.measure, each.pseudonym), each.day, known, change)
    return change


def _count_person(who: Participation, day: date, known: Known, change: Change) -> None:
    days = change.rows.setdefault(who, Counter(known.get(who, {})))
    cell = (who.node, who.measure)
    if not days:
        change.people[cell] += 1
    if day not in days and who.measure in DAILY_MEASURES:
        change.people_in.update((cell, period) for period in newly_counted(day, days) if period != EVERYTHING)
    days[day] += 1


def observed_of(known: Known, trace: str, holders: Mapping[str, Holder]) -> list[Observation]:
    """The facts that one person is counted for, as they were observed. What they can do was told by the last one."""
    found = []
    for who, days in known.items():
        holder = holders.get(who.pseudonym) if who.measure == SKILLS_CHANGED else None
        for day in sorted(days, reverse=True):
            for _ in range(days[day]):
                found.append(Observation(who.node, who.measure, day, who.pseudonym, trace, holder))
                holder = None
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept of one person: what measures count them for, what they can do, and what they did that waits for
    a consent."""

    trace: str
    rows: Known
    holders: Mapping[str, Holder]
    waiting: Sequence[Observation]

    @property
    def documents(self) -> int:
        return len(self.rows) + len(self.holders) + len(self.waiting)

    @property
    def observed(self) -> list[Observation]:
        return [*observed_of(self.rows, self.trace, self.holders), *self.waiting]


def by_node(change: Change) -> dict[str, dict[str, tuple[int, int]]]:
    """Node to measure to (events, people), for one update a node; both may be negative."""
    nodes: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for node, measure in {**change.events, **change.people}:
        cell = (node, measure)
        nodes[node][measure] = (change.events[cell], change.people[cell])
    return dict(nodes)
