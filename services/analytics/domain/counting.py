"""What a batch of facts adds to the totals, and whom it counts: each person once per node and measure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
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
class Participant:
    """One person at one node: the measures that count them."""

    pseudonym: str
    node: str
    measures: frozenset[str]


@dataclass(slots=True)
class Change:
    """By how much each cell's `events` and `people` change, and which participants are new or count for more."""

    events: Counter[Cell] = field(default_factory=Counter)
    people: Counter[Cell] = field(default_factory=Counter)
    participants: list[Participant] = field(default_factory=list)


def observe(node: str, measure: str, patron: str | None, pseudonyms: Pseudonyms) -> Observation:
    """The entrance: behind it nobody knows the patron's id."""
    if patron is None or measure in NOT_OF_PEOPLE:
        return Observation(node, measure)
    return Observation(node, measure, pseudonyms.at(node, patron), pseudonyms.when_erased(patron))


def count(observations: Iterable[Observation], known: Mapping[str, Participant], erased: frozenset[str]) -> Change:
    """What the observations change; `known` are participants by pseudonym, `erased` the traces of erased patrons.

    A fact about an erased patron that comes late is counted, its person is not.
    """
    change = Change()
    seen: dict[str, tuple[str, set[str]]] = {}
    for each in observations:
        change.events[each.node, each.measure] += 1
        if each.pseudonym is not None and each.trace not in erased:
            seen.setdefault(each.pseudonym, (each.node, set()))[1].add(each.measure)
    for pseudonym, (node, measures) in seen.items():
        before = known[pseudonym].measures if pseudonym in known else frozenset()
        if new := measures - before:
            change.people.update((node, measure) for measure in new)
            change.participants.append(Participant(pseudonym, node, before | new))
    return change


def forget(participants: Iterable[Participant]) -> Counter[Cell]:
    """How many people fewer each cell has when these are gone. What they did stays in the totals of events."""
    fewer: Counter[Cell] = Counter()
    for each in participants:
        fewer.update((each.node, measure) for measure in each.measures)
    return fewer


def by_node(change: Change) -> dict[str, dict[str, tuple[int, int]]]:
    """Node to measure to (events, people), for one update a node; people may be negative."""
    nodes: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for node, measure in {**change.events, **change.people}:
        cell = (node, measure)
        nodes[node][measure] = (change.events[cell], change.people[cell])
    return dict(nodes)
