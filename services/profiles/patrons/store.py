"""Patrons in MongoDB, given only to a principal who sees the patron's library; to anybody else they are unknown."""

from collections.abc import Iterable

from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Retention
from libranet.work import Work
from services.profiles.patrons.domain.patrons import Patron
from services.profiles.patrons.domain.refusals import PatronUnknown

COLLECTIONS = (
    Collection("patrons", Retention.forever("while registered; erased with the patron"), personal=True),
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
        return Patron(row["_id"], row["owner"], row["registered_at"], row["name"])

    def add(self, patron: Patron, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.insert("patrons", {"_id": patron.id, "owner": patron.owner, "registered_at": patron.registered_at,
                                      "name": patron.name, "touched": 0})
        self._work.save_facts(facts, cause)

    def touch(self, patron: Patron) -> None:
        """Marks that something about the patron is being written: another such write or an erasure at the same time
        conflicts, and one of the two is tried again."""
        self._work.update("patrons", {"_id": patron.id}, {"$inc": {"touched": 1}})

    def erase(self, patron_id: str) -> None:
        self._work.delete("patrons", {"_id": patron_id})
