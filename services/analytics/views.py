"""What callers are shown of analytics' state: totals, with people suppressed where the rule of disclosure says so."""

from collections.abc import Mapping
from typing import Any

from contracts.event_types import all_types
from services.analytics.domain.asked import Asked
from services.analytics.domain.disclosure import count_at
from services.analytics.domain.skills import Skill
from services.analytics.domain.tables import Counted, Row, rows, totals

Shown = dict[str, Any]
HELD = {
    "participations": "What you were counted for once at which place, under a made-up number of each place.",
    "holders": "Skills that you are counted for at which place, under the same number.",
    "waiting": "What happened after you said that you do not want to be counted. It is in no count.",
    "uncounted": "That you do not want to be counted, since when."}
"""What a person is told of each collection that is about them."""
COLUMNS = {
    None: ("measure", "events", "people", "suppressed"),
    "measure": ("measure", "events", "people", "suppressed"),
    "node": ("node", "measure", "events", "people", "suppressed"),
    "skill": ("uri", "label", "wanted", "held", "gap", "suppressed"),
} | dict.fromkeys(("day", "week", "month"), ("period", "measure", "events", "people", "suppressed"))
"""By what a table is: its members in their order, as CSV has them."""
MOST_SKILLS = 1000


def measures(counted: Counted) -> Shown:
    """Every measure of a node and all below it, by name. There are as many as event types: one page."""
    items = [_row(each, COLUMNS[None]) for each in totals(counted, is_about_people)]
    return {"node": counted.node, "items": items, "next": None}


def is_about_people(measure: str) -> bool:
    """By the contracts of its events."""
    return any(each.person is not None for each in all_types().values() if each.short_name == measure)


def table(asked: Asked, counted: Counted) -> Shown:
    """The daily measures of a node and all below it."""
    items = [_row(each, COLUMNS[asked.by]) for each in rows(asked, counted)]
    since = asked.since.isoformat() if asked.since else None
    return {"node": counted.node, "by": asked.by, "from": since, "to": asked.until.isoformat(), "time_zone": "UTC",
            "items": items, "next": None}


def _row(row: Row, columns: tuple[str, ...]) -> Shown:
    members = {"node": row.node, "period": row.period, "measure": row.measure, "events": row.events,
               "people": row.people, "suppressed": row.suppressed}
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


def nodes_of(row: Mapping[str, Any]) -> list[str]:
    """The places that a row about a person belongs to."""
    return [row["owner"]] if "owner" in row else [each["recipient"] for each in row.get("decisions", ())]
