"""Patrons in MongoDB, given only to a principal who sees the patron's library; to anybody else they are unknown."""

from collections.abc import Iterable
from typing import Any

from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Retention
from libranet.work import Work
from services.profiles.patrons.domain.patrons import Goal, Patron
from services.profiles.patrons.domain.refusals import PatronUnknown
from services.profiles.patrons.domain.skills import Basis, HeldSkill, Mention, PublicName

Row = dict[str, Any]

VERSION = 2
COLLECTIONS = (
    Collection("patrons", Retention.forever("while registered; erased with the patron"), schema_version=VERSION,
               upgrade=lambda row: {**row, "skills": [], "goal": None, "languages": [], "interests": [],
                                    "age_band": None, "sequence": 1},
               personal=True),
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


def _profile(patron: Patron) -> Row:
    return {
        "name": patron.name, "languages": list(patron.languages), "interests": list(patron.interests),
        "goal": {"label": patron.goal.label, "uri": patron.goal.uri} if patron.goal else None,
        "skills": skill_rows(patron.skills), "age_band": patron.age_band, "sequence": patron.sequence,
        "withdrawn": list(patron.withdrawn), "schema_version": VERSION,
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
        row["age_band"], row["sequence"], tuple(row.get("withdrawn", ())))


def _name_row(name: PublicName | None) -> Row | None:
    return {"label": name.label, "uri": name.uri} if name else None


def held_skills(rows: Iterable[Row]) -> tuple[HeldSkill, ...]:
    return tuple(
        HeldSkill(Mention(row["label"], row["uri"], PublicName(**row["known"]) if row["known"] else None),
                  tuple(Basis(each["kind"], each["source"], each["since"]) for each in row["bases"]))
        for row in rows)
