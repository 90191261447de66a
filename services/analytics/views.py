"""What callers are shown of analytics' state: totals, with people suppressed where the rule of disclosure says so."""

from collections.abc import Mapping
from typing import Any

from contracts.event_types import all_types
from services.analytics.domain.counting import NOT_OF_PEOPLE
from services.analytics.domain.disclosure import count_at

Shown = dict[str, Any]
HELD = {"participations": "What you were counted for once at which place, under a made-up number of each place."}
"""What a person is told of each collection that is about them."""
Cells = Mapping[str, Mapping[str, tuple[int, int]]]
"""Node to measure to (events, people at the node itself)."""


def measures(node: str, below: Cells) -> Shown:
    """Every measure of a node and all below it, by name. There are as many as event types: one page."""
    names = sorted({name for cells in below.values() for name in cells})
    return {"node": node, "items": [_measure(name, node, below) for name in names], "next": None}


def _measure(name: str, node: str, below: Cells) -> Shown:
    cells = {each: found[name] for each, found in below.items() if name in found}
    shown: Shown = {"measure": name, "events": sum(events for events, _ in cells.values()), "people": None,
                    "suppressed": False}
    if counts_people(name):
        count = count_at(node, {each: people for each, (_, people) in cells.items()})
        shown |= {"people": count.people if count.shown else None, "suppressed": not count.shown}
    return shown


def counts_people(name: str) -> bool:
    """Whether a measure counts people, by the contracts of its events."""
    return name not in NOT_OF_PEOPLE and any(
        each.person is not None for each in all_types().values() if each.short_name == name)
