"""Supply and demand of skills: what people at each node can do, and what the postings there ask for.

A skill is its URI, or where it has none its label without capitals and needless space. People's own labels are not
kept, only a hash that equal ones share: a label that somebody typed could say who they are.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.places import is_within

KEY_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Skill:
    key: str
    label: str
    uri: str | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A person at a node with the keys of all their skills, as of `sequence` of their profile."""

    pseudonym: str
    node: str
    sequence: int
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Demand:
    """For how many of a node's postings each skill is asked, as of `sequence`."""

    node: str
    sequence: int
    postings: tuple[tuple[Skill, int], ...]


def skill(uri: str | None, label: str) -> Skill:
    name = f"uri {uri}" if uri else f"label {' '.join(label.casefold().split())}"
    return Skill(hashlib.sha256(name.encode()).hexdigest()[:KEY_CHARACTERS], label, uri)


def named(skills: Iterable[Mapping[str, Any]]) -> list[Skill]:
    """The skills of an event's data."""
    return [skill(each.get("uri"), each["label"]) for each in skills]


def latest(states: Iterable[Holder], known: Mapping[str, Holder]) -> list[Holder]:
    """The newest state of each person that is newer than the known one."""
    newest: dict[str, Holder] = {}
    for each in states:
        if each.sequence > newest.get(each.pseudonym, known.get(each.pseudonym, NOBODY)).sequence:
            newest[each.pseudonym] = each
    return list(newest.values())


NOBODY = Holder("", "", 0, frozenset())


def supply_change(before: Iterable[Holder], after: Iterable[Holder]) -> dict[str, Counter[str]]:
    """By node: how many people more (or fewer) hold each skill when the states `after` replace those `before`."""
    change: dict[str, Counter[str]] = {}
    for states, sign in ((after, 1), (before, -1)):
        for each in states:
            for key in each.keys:
                change.setdefault(each.node, Counter())[key] += sign
    return {node: Counter({key: number for key, number in each.items() if number}) for node, each in change.items()}


def by_skill(supply: Mapping[str, Mapping[str, int]], node: str) -> dict[str, dict[str, int]]:
    """By skill the people who have it, of the node itself and of each below it."""
    found: dict[str, dict[str, int]] = {}
    for place, people in supply.items():
        if is_within(place, node):
            for key, number in people.items():
                found.setdefault(key, {})[place] = number
    return found


def wanted_at(node: str, demands: Iterable[Demand]) -> dict[str, tuple[Skill, int]]:
    """Postings by skill: those of the node, below it, and of the nodes above, whose postings are shown there too."""
    found: dict[str, tuple[Skill, int]] = {}
    for demand in demands:
        if is_within(demand.node, node) or is_within(node, demand.node):
            for each, postings in demand.postings:
                found[each.key] = (each, found.get(each.key, (each, 0))[1] + postings)
    return found
