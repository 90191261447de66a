"""Endorsements that nodes of the platform ask for, offer and sign."""

from collections.abc import Iterable

import orjson

from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.credentials.domain.endorsing import ACCEPTED, CREDENTIAL, TAKEN_BACK, Endorsement, about
from services.credentials.domain.life import REVOKED, purposes_of
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.domain.vouchers import Document as Signed
from services.credentials.store.status_list_store import StatusListStore
from services.credentials.store.within import first_of, in_and_below

COLLECTIONS = (
    Collection(
        "endorsements",
        Retention.forever("credentials carry them, and they are looked up for as long; erased with the patron whose "
                          "credential they are of"),
        (Index("owner"), Index("target_owner"), Index("about"), Index("public_id"), Index("patron", "_id")),
        personal=True,
    ),
)


class EndorsementStore:
    """One unit of work's view of endorsements."""

    def __init__(self, work: Work, status_lists: StatusListStore) -> None:
        self._work = work
        self._status_lists = status_lists
        self._standing: dict[str, list[Endorsement]] = {}

    def save(self, endorsement: Endorsement, facts: Iterable[Fact], cause: Cause) -> None:
        """A new one or its next state, with its bit in the list of its endorser."""
        self._work.replace("endorsements", endorsement)
        self._work.save_facts(facts, cause)
        if endorsement["state"] == TAKEN_BACK and endorsement["document"]:
            place = StatusPlace(**endorsement["status_place"])
            self._status_lists.set_bits(place, purposes_of(REVOKED), endorsement["status_since"])

    def add(self, endorsement: Endorsement) -> None:
        """One that a co-issuer signed with the credential that tells of it."""
        self._work.insert("endorsements", endorsement)

    def find(self, endorsement: str) -> Endorsement | None:
        return self._work.get("endorsements", endorsement)

    def find_public(self, public_id: str) -> Endorsement | None:
        found = self._work.find("endorsements", {"public_id": public_id}, limit=1)
        return found[0] if found else None

    def turns(self, endorser: str, target: str) -> list[Endorsement]:
        """The endorser's of this (`endorsing.about`), the oldest first."""
        return self._work.find("endorsements", {"owner": endorser, "about": target}, [("turn", 1)])

    def list_of(self, node: str, state: str | None, after: str, limit: int) -> list[Endorsement]:
        """Those that the node and those below it make or get, by id, after the id `after`; of patrons' credentials only
        those that they make."""
        sides = [{"owner": place} for place in in_and_below(node)]
        sides += [{"target_owner": place, "patron": None} for place in in_and_below(node)]
        return first_of(self._work, "endorsements", sides, {"state": state} if state else {}, after, limit)

    def of_patron(self, patron: str, after: str = "", limit: int = 0) -> list[Endorsement]:
        return self._work.find("endorsements", {"patron": patron, "_id": {"$gt": after}}, [("_id", 1)], limit)

    def standing(self, targets: Iterable[str]) -> dict[str, list[Endorsement]]:
        """What is accepted of each of these, the oldest first; asked once in a unit of work."""
        asked = set(targets)
        if fresh := asked - self._standing.keys():
            self._standing |= {target: [] for target in fresh}
            for row in self._work.find(
                    "endorsements", {"about": {"$in": sorted(fresh)}, "state": ACCEPTED}, [("since", 1), ("_id", 1)]):
                self._standing[row["about"]].append(row)
        return {target: self._standing[target] for target in asked}

    def signed(self, target: str) -> tuple[Signed, ...]:
        """The documents of what is accepted of this, the oldest first."""
        return tuple(orjson.loads(each["document"]) for each in self.standing([target])[target])

    def forget_of(self, public_id: str) -> None:
        """Those of a credential that is gone; their places in status lists stay taken."""
        self._work.delete("endorsements", {"about": about(CREDENTIAL, public_id)})

    def addresses_of(self, patron: str) -> list[str]:
        """The public ids of those of the patron's credentials that were signed."""
        return [row["public_id"] for row in self.of_patron(patron) if row["document"]]
