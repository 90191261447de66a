"""What a batch of facts adds to the totals, and whom it counts: each person once per node and measure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.analytics.domain.pseudonyms import Pseudonyms

ERASED = "patron-erased"
NOT_OF_PEOPLE = frozenset({ERASED, "patron-data-erased"})
"""They count as events; counting their person would keep what they are about to delete."""

Cell = tuple[str, str]
"""A node and a measure."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A fact without its person: `pseudonym` is theirs at `node`, by `trace` they are known once they are erased."""

    node: str
    measure: str
    pseudonym: str | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    """One person whom one measure of one node counts."""

    node: str
    measure: str
    pseudonym: str


@dataclass(slots=True)
class Change:
    """By how much each cell's `events` and `people` change, and who is counted for the first time."""

    events: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    participations: list[Participation] = field(default_factory=list)


def observe(node: str, measure: str, patron: str | None, pseudonyms: Pseudonyms) -> Observation:
    """The entrance: behind it nobody knows the patron's id."""
    if patron is None or measure in NOT_OF_PEOPLE:
        return Observation(node, measure)
    return Observation(node, measure, pseudonyms.at(node, patron), pseudonyms.when_erased(patron))


def participations(observations: Iterable[Observation], erased: Collection[str]) -> list[Participation]:
    """Whom the observations are about, each once; `erased` are the traces of erased patrons, who count no more."""
    seen = {Participation(each.node, each.measure, each.pseudonym): None for each in observations
            if each.pseudonym is not None and each.trace not in erased}
    return list(seen)


def count(observations: Iterable[Observation], known: Collection[Participation],
          erased: Collection[str]) -> Change:
    """What the observations change; `known` are the participations among them that are counted already.

    A fact about an erased patron that comes late is counted, its person is not.
    """
    observed = list(observations)
    change = Change(Counter((each.node, each.measure) for each in observed))
    change.participations = [each for each in participations(observed, erased) if each not in known]
    change.people.update((each.node, each.measure) for each in change.participations)
    return change


def forget(gone: Iterable[Participation]) -> Counter[Cell]:
    """How many people fewer each cell has when these are gone. What they did stays in the totals of events."""
    return Counter((each.node, each.measure) for each in gone)


def by_node(change: Change) -> dict[str, dict[str, tuple[int, int]]]:
    """Node to measure to (events, people), for one update a node; people may be negative."""
    nodes: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for node, measure in {**change.events, **change.people}:
        cell = (node, measure)
        nodes[node][measure] = (change.events[cell], change.people[cell])
    return dict(nodes)
