"""What callers are shown of analytics' state: totals, with people suppressed where the rule of disclosure says so."""

from collections.abc import Mapping
from typing import Any

from contracts.event_types import all_types
from services.analytics.domain.asked import Asked
from services.analytics.domain.counting import NOT_OF_PEOPLE
from services.analytics.domain.disclosure import count_at
from services.analytics.domain.skills import Skill
from services.analytics.domain.tables import Counted, Row, rows

Shown = dict[str, Any]
Cells = Mapping[str, Mapping[str, tuple[int, int]]]
"""Node to measure to (events, people at the node itself)."""
COLUMNS = {
    None: ("measure", "events", "people", "suppressed"),
    "measure": ("measure", "events", "people", "suppressed"),
    "node": ("node", "measure", "events", "people", "suppressed"),
    "skill": ("uri", "label", "wanted", "held", "gap", "suppressed"),
} | dict.fromkeys(("day", "week", "month"), ("period", "measure", "events", "people", "suppressed"))
"""By what a table is: its members in their order, as CSV has them."""
MOST_SKILLS = 1000


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


def table(asked: Asked, counted: Counted) -> Shown:
    """The daily measures of a node and all below it."""
    items = [_row(each, COLUMNS[asked.by]) for each in rows(asked, counted)]
    since = asked.since.isoformat() if asked.since else None
    return {"node": counted.node, "by": asked.by, "from": since, "to": asked.until.isoformat(), "time_zone": "UTC",
            "items": items, "next": None}


def _row(row: Row, columns: tuple[str, ...]) -> Shown:
    members = {"node": row.node, "period": row.period, "measure": row.measure, "events": row.events,
               "people": row.people, "suppressed": row.people is None}
    return {name: members[name] for name in columns}


def skills(node: str, wanted: Mapping[str, tuple[Skill, int]], held: Mapping[str, Mapping[str, int]],
           names: Mapping[str, Skill]) -> Shown:
    """What postings ask for beside what people can do, the most wanted first. A skill of a few that no posting asks
    for is left out: its being there would say that somebody has it."""
    items = [_skill(each, postings, node, held.get(key, {})) for key, (each, postings) in wanted.items()]
    items += [shown for key, each in names.items() if key not in wanted
              for shown in [_skill(each, 0, node, held.get(key, {}))] if not shown["suppressed"]]
    items.sort(key=lambda each: (-each["wanted"], -(each["held"] or 0), each["label"], each["uri"] or ""))
    return {"node": node, "by": "skill", "from": None, "to": None, "items": items[:MOST_SKILLS], "next": None}


def _skill(each: Skill, postings: int, node: str, own: Mapping[str, int]) -> Shown:
    count = count_at(node, own)
    held = count.people if count.shown else None
    return {"uri": each.uri, "label": each.label, "wanted": postings, "held": held,
            "gap": None if held is None else postings - held, "suppressed": held is None}
