"""Patrons in MongoDB, given only to a principal who sees the patron's library; to anybody else they are unknown."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.profiles.patrons.domain.patrons import Goal, Patron, Standing
from services.profiles.patrons.domain.refusals import PatronUnknown
from services.profiles.patrons.domain.skill_names import SkillName, by_other
from services.profiles.patrons.domain.skills import Basis, HeldSkill, Mention, PublicName, Skills

Row = dict[str, Any]

VERSION = 2
COLLECTIONS = (
    Collection("patrons", Retention.forever("while registered; erased with the patron"), schema_version=VERSION,
               upgrade=lambda row: {"skills": [], "goal": None, "languages": [], "interests": [], "age_band": None,
                                    "sequence": 1, **row},
               indexes=(Index("skills.known.uri"),), personal=True),
    Collection("skill_names", Retention.forever("while taxonomies have the skill; about nobody"),
               (Index("others"), Index("check_at"))),
)


class PatronStore:
    """One unit of work's view of patrons."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, patron_id: str, principal: Principal) -> Patron:
        """Raises PatronUnknown."""
        row = self._work.get("patrons", patron_id)
        if row is None or not principal.sees(row["owner"], patron_id):
            raise PatronUnknown("There is no such patron at your library.")
        return _patron(row)

    def heard_of(self, ids: Iterable[str]) -> dict[str, Patron]:
        """For the platform's own events: by id, unknown and erased ones left out."""
        return {key: _patron(row) for key, row in self._work.get_many("patrons", set(ids)).items()}

    def with_skills(self, uris: Iterable[str], limit: int) -> list[Patron]:
        """For the platform's own work: some of those who hold a skill by one of these URIs."""
        rows = self._work.find("patrons", {"skills.known.uri": {"$in": list(uris)}}, limit=limit)
        return [_patron(row) for row in rows]

    def add(self, patron: Patron, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.insert("patrons", {"_id": patron.id, "owner": patron.owner, "registered_at": patron.registered_at,
                                      "touched": 0, **_profile(patron)})
        self._work.save_facts(facts, cause)

    def save(self, patron: Patron, facts: Iterable[Fact], cause: Cause) -> None:
        """Another write of the same patron at the same time conflicts, and one of the two is tried again."""
        self._work.update("patrons", {"_id": patron.id}, {"$set": _profile(patron)})
        self._work.save_facts(facts, cause)

    def touch(self, patron: Patron) -> None:
        """Marks that something about the patron is being written: another such write or an erasure at the same time
        conflicts, and one of the two is tried again."""
        self._work.update("patrons", {"_id": patron.id}, {"$inc": {"touched": 1}})

    def erase(self, patron_id: str) -> None:
        self._work.delete("patrons", {"_id": patron_id})


class SkillNameStore:
    """One unit of work's view of the names that taxonomies have for skills."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def of(self, skills: Skills) -> dict[str, PublicName]:
        """The names of now for skills that are held by another URI, by that URI."""
        return self.of_uris(each.mention.known.uri for each in skills if each.mention.known and each.mention.known.uri)

    def of_uris(self, uris: Iterable[str]) -> dict[str, PublicName]:
        wanted = set(uris)
        rows = self._work.find("skill_names", {"others": {"$in": sorted(wanted)}}) if wanted else []
        return {uri: name for uri, name in by_other(map(_skill_name, rows)).items() if uri in wanted}

    def save_if_newer(self, told: SkillName) -> None:
        """An older state changes nothing."""
        row = self._work.get("skill_names", told.name.uri or "")
        if row is None or row["sequence"] < told.sequence:
            self.save(told)

    def save(self, each: SkillName) -> None:
        self._work.replace("skill_names", {
            "_id": each.name.uri, "label": each.name.label, "others": list(each.others), "sequence": each.sequence,
            "told_at": each.told_at, "check_at": each.check_at, "again": each.again})

    def to_check(self, at: datetime) -> SkillName | None:
        """One for which profiles are to be looked through."""
        rows = self._work.find("skill_names", {"check_at": {"$lte": at}}, [("check_at", 1)], limit=1)
        return _skill_name(rows[0]) if rows else None


def _skill_name(row: Row) -> SkillName:
    return SkillName(PublicName(row["label"], row["_id"]), tuple(row["others"]), row["sequence"], row["told_at"],
                     row["check_at"], row["again"])


def _profile(patron: Patron) -> Row:
    return {
        "name": patron.name, "languages": list(patron.languages), "interests": list(patron.interests),
        "goal": {"label": patron.goal.label, "uri": patron.goal.uri} if patron.goal else None,
        "skills": skill_rows(patron.skills), "age_band": patron.age_band, "sequence": patron.sequence,
        "withdrawn": list(patron.withdrawn), "standings": [asdict(each) for each in patron.standings],
        "schema_version": VERSION,
    }


def skill_rows(skills: Iterable[HeldSkill]) -> list[Row]:
    return [{"label": each.mention.label, "uri": each.mention.uri, "known": _name_row(each.mention.known),
             "bases": [{"kind": basis.kind, "source": basis.source, "since": basis.since} for basis in each.bases]}
            for each in skills]


def _patron(row: Row) -> Patron:
    goal = row["goal"]
    return Patron(
        row["_id"], row["owner"], row["registered_at"], row["name"], held_skills(row["skills"]),
        Goal(goal["label"], goal["uri"]) if goal else None, tuple(row["languages"]), tuple(row["interests"]),
        row["age_band"], row["sequence"], tuple(row.get("withdrawn", ())),
        tuple(Standing(**each) for each in row.get("standings", ())))


def _name_row(name: PublicName | None) -> Row | None:
    return {"label": name.label, "uri": name.uri} if name else None


def held_skills(rows: Iterable[Row]) -> tuple[HeldSkill, ...]:
    return tuple(
        HeldSkill(Mention(row["label"], row["uri"], PublicName(**row["known"]) if row["known"] else None),
                  tuple(Basis(each["kind"], each["source"], each["since"]) for each in row["bases"]))
        for row in rows)
