"""What people can do, by pseudonym, and what postings ask for, by node; counted by node for those who ask."""

from collections.abc import Iterable, Mapping
from typing import Any

from libranet.collection import Collection, Retention
from libranet.work import Work
from services.analytics.domain.skills import Demand, Holder, Skill, supply_change

SKILL_COLLECTIONS = (
    Collection("holders", Retention.forever("while the patron is registered; erased with the patron"), personal=True),
    Collection("supply", Retention.forever("counts a node by the skills of its people; they name nobody")),
    Collection("demand", Retention.forever("counts a node by the skills that its postings ask for; about nobody")),
    Collection("labels", Retention.forever("the words of a taxonomy; about nobody")),
)


class SkillStore:
    """One unit of work's view of the skills."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def holders(self, pseudonyms: Iterable[str]) -> dict[str, Holder]:
        return {key: Holder(key, row["owner"], row["sequence"], frozenset(row["skills"]))
                for key, row in self._work.get_many("holders", set(pseudonyms)).items()}

    def save_holders(self, before: Iterable[Holder], after: Iterable[Holder]) -> None:
        """Puts states in place of others, and counts anew what changes: one update a node."""
        before, after = list(before), list(after)
        for node, change in supply_change(before, after).items():
            if change:
                self._work.update("supply", {"_id": node}, {
                    "$inc": {f"people.{key}": number for key, number in change.items()},
                    "$setOnInsert": {"owner": node}}, upsert=True)
        known = {each.pseudonym for each in before}
        for each in after:
            row = {"_id": each.pseudonym, "owner": each.node, "sequence": each.sequence, "skills": sorted(each.keys)}
            if each.pseudonym in known:
                self._work.replace("holders", row)
            else:
                self._work.insert("holders", row)
        self._work.delete_many("holders", sorted(known - {each.pseudonym for each in after}))

    def supply(self) -> dict[str, Mapping[str, int]]:
        """By node the people of the node itself who have each skill, by its key."""
        return {row["_id"]: row.get("people", {}) for row in self._work.find("supply", {})}

    def name(self, skills: Iterable[Skill]) -> None:
        """Keeps the labels of a taxonomy's skills. What people called theirs is not kept."""
        named = {each.key: each for each in skills if each.uri}
        known = self._work.get_many("labels", named) if named else {}
        for key, each in named.items():
            if key not in known:
                self._work.insert("labels", {"_id": key, "uri": each.uri, "label": each.label})

    def names(self, keys: Iterable[str]) -> dict[str, Skill]:
        return {key: Skill(key, row["label"], row["uri"])
                for key, row in self._work.get_many("labels", set(keys)).items()}

    def demand(self) -> list[Demand]:
        return [_demand(row) for row in self._work.find("demand", {})]

    def save_if_newer(self, demand: Demand) -> None:
        """A state that is older than the kept one changes nothing."""
        row = self._work.get("demand", demand.node)
        if row is None or row["sequence"] < demand.sequence:
            self._work.replace("demand", {
                "_id": demand.node, "owner": demand.node, "sequence": demand.sequence, "postings": [
                    {"key": each.key, "label": each.label, "uri": each.uri, "postings": number}
                    for each, number in demand.postings]})


def _demand(row: Mapping[str, Any]) -> Demand:
    return Demand(row["_id"], row["sequence"], tuple(
        (Skill(each["key"], each["label"], each["uri"]), each["postings"]) for each in row["postings"]))
