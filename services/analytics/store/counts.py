"""Analytics' state in MongoDB: totals (one row a node), months, participations by pseudonym, who is not counted.

No method takes a patron's id: what comes here has a pseudonym already.
"""

from collections import defaultdict
from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from contracts.places import is_within
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Document, Index, Retention
from libranet.ids import new_id
from libranet.work import Work
from services.analytics.domain.counting import (
    Cell,
    Change,
    Kept,
    Known,
    Observation,
    Participation,
    by_node,
)
from services.analytics.domain.objections import Decision, Standing
from services.analytics.domain.periods import EVERYTHING, FIRST_YEAR
from services.analytics.domain.skills import Holder
from services.analytics.domain.tables import Counted
from services.analytics.store.skills import SKILL_COLLECTIONS, SkillCountStore


def _with_numbers(document: Document) -> Document:
    """The first version knew on which days something counted happened, of daily measures only, and not how often."""
    days = document.get("days") or [date(FIRST_YEAR, 1, 1).isoformat()]
    return document if isinstance(days, dict) else {**document, "days": dict.fromkeys(days, 1)}


COLLECTIONS = (
    Collection("totals", Retention.forever("counts a node by what happened there; they name nobody")),
    Collection("months", Retention.forever("counts a node by what happened in a month; they name nobody")),
    Collection("participations", Retention.forever("while the patron is registered; erased with the patron"),
               schema_version=2, upgrade=_with_numbers, personal=True),
    Collection("waiting", Retention.of_days(1, "heard_at", "a consent may come after what follows it; none of it is in "
                                            "any count"), (Index("trace"),), personal=True),
    Collection("uncounted", Retention.of_days(36, "erased_at", "longer than a replay of the archive reaches back; "
                                              "an objection, which has no such time, until the patron is erased"),
               personal=True),
    *SKILL_COLLECTIONS,
)


class AnalyticsStore:
    """One unit of work's view of the state."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.skills = SkillCountStore(work)

    def cells(self) -> list[Cell]:
        """Every node and measure of which anything is known."""
        return [(row["_id"], measure) for row in self._work.find("totals", {}) for measure in row.get("measures", {})]

    def counted(self, node: str, months: Many[str]) -> Counted:
        """All that tables of a node are made of: its own counts and those of the nodes below, in these months and in
        the longer periods."""
        rows = [row for row in self._work.find("totals", {}) if is_within(row["_id"], node)]
        people: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        events: dict[str, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
        ever: dict[str, dict[str, int]] = defaultdict(dict)
        for row in rows:
            for measure, cell in row.get("measures", {}).items():
                ever[measure][row["_id"]] = cell.get("events", 0)
                people[measure][EVERYTHING.name][row["_id"]] = cell.get("people", 0)
        for row in [*rows, *self._months(rows, months)]:
            for measure, periods in row.get("people", {}).items():
                for period, number in periods.items():
                    people[measure][period][row["owner"]] = number
            for measure, days in row.get("events", {}).items():
                events[measure][row["owner"]].update({date.fromisoformat(day): each for day, each in days.items()})
        return Counted(node, people, events, ever)

    def _months(self, rows: Iterable[Mapping[str, Any]], months: Many[str]) -> list[dict[str, Any]]:
        ids = [f"{row['_id']}|{month}" for row in rows for month in months if row.get("people")]
        return list(self._work.get_many("months", ids).values()) if ids else []

    def known(self, participations: Iterable[Participation]) -> Known:
        """Those that are counted already, with how many facts of each day."""
        asked = {_key(each): each for each in participations}
        return {asked[key]: {date.fromisoformat(day): number for day, number in row["days"].items()}
                for key, row in self._work.get_many("participations", asked).items()}

    def kept(self, trace: str, possible: Many[Participation]) -> Kept:
        """Of one person; `possible` are all the participations that there may be."""
        return Kept(trace, self.known(possible), self.skills.holders({each.pseudonym for each in possible}),
                    [_observation(row) for row in self._work.find("waiting", {"trace": trace})])

    def held(self, possible: Many[Participation], trace: str) -> dict[str, list[Document]]:
        """The rows about one person, by collection; `possible` are all the participations that there may be."""
        return {
            "participations": list(self._work.get_many("participations", list(map(_key, possible))).values()),
            "holders": list(self._work.get_many("holders", {each.pseudonym for each in possible}).values()),
            "waiting": self._work.find("waiting", {"trace": trace}),
            "uncounted": list(self._work.get_many("uncounted", [trace]).values())}

    def standings(self, traces: Iterable[str]) -> dict[str, Standing]:
        """Of those of the traces that may not count."""
        return {key: Standing("erased_at" in row, frozenset(_decision(each) for each in row.get("decisions", ())))
                for key, row in self._work.get_many("uncounted", set(traces)).items()}

    def save_standing(self, trace: str, standing: Standing, at: datetime) -> None:
        """An erasure leaves its time only."""
        if standing.erased:
            self._work.replace("uncounted", {"_id": trace, "erased_at": at})
        else:
            self._work.replace("uncounted", {"_id": trace, "decisions": [
                {"recipient": each.recipient, "sequence": each.sequence, "granted": each.granted,
                 "decided_at": each.decided_at}
                for each in sorted(standing.decisions, key=lambda each: (each.recipient, each.sequence))]})

    def forget(self, kept: Kept) -> None:
        """Deletes what somebody was counted for, and what waited. Their skills are in `skills`."""
        self._work.delete_many("participations", list(map(_key, kept.rows)))
        if kept.waiting:
            self._work.delete("waiting", {"trace": kept.trace})

    def save(self, change: Change) -> None:
        """One update a node and one a month of it; a row for each person and measure."""
        self._save_totals(change)
        self._save_months(change)
        for who, days in change.rows.items():
            self._work.replace("participations", {"_id": _key(who), "owner": who.node, "days": {
                day.isoformat(): days[day] for day in sorted(days)}})

    def wait(self, observations: Iterable[Observation], at: datetime) -> None:
        for each in observations:
            skills = {"sequence": each.holder.sequence, "skills": sorted(each.holder.keys)} if each.holder else {}
            self._work.insert("waiting", {
                "_id": new_id(), "trace": each.trace, "owner": each.node, "measure": each.measure,
                "day": each.day.isoformat(), "pseudonym": each.pseudonym, "heard_at": at, **skills})

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.save_facts(facts, cause)

    def _save_totals(self, change: Change) -> None:
        added: dict[str, dict[str, int]] = defaultdict(dict)
        for node, measures in by_node(change).items():
            added[node] |= {f"measures.{name}.{what}": number for name, cell in measures.items()
                            for what, number in zip(("events", "people"), cell, strict=True) if number}
        for ((node, measure), period), number in change.people_in.items():
            if period.month is None and number:
                added[node][f"people.{measure}.{period.name}"] = number
        for node, numbers in added.items():
            self._count("totals", node, node, numbers)

    def _save_months(self, change: Change) -> None:
        added: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for ((node, measure), period), number in change.people_in.items():
            if period.month is not None and number:
                added[node, period.month][f"people.{measure}.{period.name}"] = number
        for ((node, measure), day), number in change.events_on.items():
            if number:
                added[node, day.isoformat()[:7]][f"events.{measure}.{day.isoformat()}"] = number
        for (node, month), numbers in added.items():
            self._count("months", f"{node}|{month}", node, numbers)

    def _count(self, collection: str, key: str, node: str, added: dict[str, int]) -> None:
        if added:
            self._work.update(collection, {"_id": key}, {"$inc": added, "$setOnInsert": {"owner": node}}, upsert=True)


def _key(participation: Participation) -> str:
    return f"{participation.pseudonym}|{participation.measure}"


def _observation(row: Mapping[str, Any]) -> Observation:
    node, pseudonym = row["owner"], row["pseudonym"]
    holder = Holder(pseudonym, node, row["sequence"], frozenset(row["skills"])) if "skills" in row else None
    return Observation(node, row["measure"], date.fromisoformat(row["day"]), pseudonym, row["trace"], holder)


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(row["recipient"], row["sequence"], row["granted"], row["decided_at"])
