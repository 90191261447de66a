"""Analytics' state in MongoDB: totals (one row a node), participations by pseudonym, traces of the erased.

No method takes a patron's id: what comes here has a pseudonym already.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Document, Retention
from libranet.work import Work
from services.analytics.domain.counting import Change, Participation, by_node

Totals = dict[str, dict[str, tuple[int, int]]]

COLLECTIONS = (
    Collection("totals", Retention.forever("counts a node by what happened there; they name nobody")),
    Collection("participations", Retention.forever("while the patron is registered; erased with the patron"),
               personal=True),
    Collection("erased", Retention.of_days(36, "erased_at", "longer than a replay of the archive reaches back")),
)


class AnalyticsStore:
    """One unit of work's view of the state."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def totals(self) -> Totals:
        """Node to measure to (events, people at the node itself): all nodes where anything ever happened."""
        return {row["_id"]: {name: (cell.get("events", 0), cell.get("people", 0))
                             for name, cell in row["measures"].items()}
                for row in self._work.find("totals", {})}

    def known(self, participations: Iterable[Participation]) -> set[Participation]:
        """Those that are counted already."""
        asked = {_key(each): each for each in participations}
        return {asked[key] for key in self._work.get_many("participations", asked)}

    def rows(self, participations: Iterable[Participation]) -> list[Document]:
        """Those that are counted already, as they are kept."""
        return list(self._work.get_many("participations", set(map(_key, participations))).values())

    def erased(self, traces: Iterable[str]) -> frozenset[str]:
        """Those of the traces that belong to erased patrons."""
        return frozenset(self._work.get_many("erased", set(traces)))

    def remember_erased(self, traces: Iterable[str], at: datetime) -> None:
        for trace in traces:
            self._work.replace("erased", {"_id": trace, "erased_at": at})

    def forget(self, participations: Iterable[Participation]) -> None:
        self._work.delete_many("participations", list(map(_key, participations)))

    def save(self, change: Change) -> None:
        """One update a node, one row for each person and measure: rows are only added, never changed."""
        for node, measures in by_node(change).items():
            added = {f"measures.{name}.{what}": number for name, cell in measures.items()
                     for what, number in zip(("events", "people"), cell, strict=True) if number}
            self._count(node, added)
        for each in change.participations:
            self._work.insert("participations", {"_id": _key(each), "owner": each.node})

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.save_facts(facts, cause)

    def _count(self, node: str, added: dict[str, Any]) -> None:
        if added:
            self._work.update("totals", {"_id": node}, {"$inc": added, "$setOnInsert": {"owner": node}}, upsert=True)


def _key(participation: Participation) -> str:
    return f"{participation.pseudonym}|{participation.measure}"
