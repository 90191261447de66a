"""Profiles' state in MongoDB: the org tree, patrons, consents, erasures.

What belongs to a patron is given only to a principal who sees the patron's library; to anybody else it is unknown.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.profiles.domain.consents import Consent
from services.profiles.domain.erasures import Erasure
from services.profiles.domain.nodes import Node, consortium_of
from services.profiles.domain.patrons import Patron
from services.profiles.domain.refusals import ErasureUnknown, NodeUnknown, PatronUnknown

Row = dict[str, Any]

COLLECTIONS = (
    Collection("nodes", Retention.forever("a place in the org tree stays as long as records belong to it"),
               (Index("consortium"),)),
    Collection("patrons", Retention.forever("while registered; erased with the patron"), personal=True),
    Collection("consents", Retention.forever("while the patron is registered; erased with the patron"),
               (Index("patron"),), personal=True),
    Collection("erasures", Retention.of_days(3 * 365, "requested_at", "the proof that an erasure was done; ids only")),
)


class ProfilesStore:
    """One unit of work's view of the state."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # the org tree

    def find_node(self, node_id: str | None) -> Node | None:
        row = self._work.get("nodes", node_id) if node_id else None
        return _node(row) if row else None

    def get_node_beside(self, patron: Patron, node_id: str) -> Node:
        """A node of the patron's consortium; raises NodeUnknown for any other."""
        node = self.find_node(node_id)
        if node is None or node.consortium != consortium_of(patron.owner):
            raise NodeUnknown(f"There is no node {node_id}. GET /v1/nodes lists the libraries and partners.")
        return node

    def list_nodes(self, consortium: str, after: str = "", limit: int = 0) -> list[Node]:
        """The nodes of a consortium (of all where it is empty) whose ids sort after `after`, by id."""
        query: Row = {"consortium": consortium} if consortium else {}
        rows = self._work.find("nodes", {**query, "_id": {"$gt": after}}, [("_id", 1)], limit)
        return [_node(row) for row in rows]

    def add_node(self, node: Node, decided: Iterable[Fact], cause: Cause) -> None:
        self._work.insert("nodes", {"_id": node.id, "owner": node.id, "consortium": node.consortium,
                                    "kind": node.kind, "name": node.name})
        self._work.save_facts(decided, cause)

    # patrons and their consents

    def get_patron(self, patron_id: str, principal: Principal) -> Patron:
        """Raises PatronUnknown."""
        row = self._work.get("patrons", patron_id)
        if row is None or not principal.sees(row["owner"]):
            raise PatronUnknown("There is no such patron at your library.")
        return Patron(row["_id"], row["owner"], row["registered_at"], row["name"])

    def add_patron(self, patron: Patron, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.insert("patrons", {**_row(patron, patron.id), "touched": 0})
        self._work.save_facts(facts, cause)

    def touch(self, patron: Patron) -> None:
        """Marks that something about the patron is being written: another such write or an erasure at the same time
        conflicts, and one of the two is tried again."""
        self._work.update("patrons", {"_id": patron.id}, {"$inc": {"touched": 1}})

    def consents_of(self, patron: Patron) -> list[Consent]:
        rows = self._work.find("consents", {"patron": patron.id})
        return [_consent(row) for row in sorted(rows, key=lambda row: str(row["_id"]))]

    def find_consent(self, patron: Patron, purpose: str, recipient: str) -> Consent | None:
        row = self._work.get("consents", _consent_key(patron.id, purpose, recipient))
        return _consent(row) if row else None

    def save_consent(self, consent: Consent, facts: Iterable[Fact], cause: Cause) -> None:
        key = _consent_key(consent.patron, consent.purpose, consent.recipient)
        self._work.replace("consents", _row(consent, key))
        self._work.save_facts(facts, cause)

    # erasures

    def erase_patron(self, erasure: Erasure, facts: Iterable[Fact], cause: Cause) -> None:
        """Deletes the patron, their consents and the stored answers about them; keeps the erasure."""
        self._work.delete("patrons", {"_id": erasure.patron})
        self._work.delete("consents", {"patron": erasure.patron})
        self._work.delete("idempotency", {"about": erasure.patron})
        self._work.insert("erasures", _row(erasure, erasure.id))
        self._work.save_facts(facts, cause)

    def find_erasure(self, erasure_id: str, principal: Principal) -> Erasure | None:
        row = self._work.get("erasures", erasure_id)
        return _erasure(row) if row and principal.sees(row["owner"]) else None

    def get_erasure(self, erasure_id: str, principal: Principal) -> Erasure:
        """Raises ErasureUnknown."""
        erasure = self.find_erasure(erasure_id, principal)
        if erasure is None:
            raise ErasureUnknown("There is no such erasure at your library.")
        return erasure

    def list_erasures(self, ids: Iterable[str]) -> dict[str, Erasure]:
        """For the platform's own events: by id, unknown ones left out."""
        return {key: _erasure(row) for key, row in self._work.get_many("erasures", set(ids)).items()}

    def save_erasure(self, erasure: Erasure) -> None:
        self._work.replace("erasures", _row(erasure, erasure.id))


def _consent_key(patron_id: str, purpose: str, recipient: str) -> str:
    return f"{patron_id}|{purpose}|{recipient}"


def _row(state: Any, key: str) -> Row:
    row = {**asdict(state), "_id": key}
    row.pop("id", None)
    return row


def _node(row: Row) -> Node:
    return Node(row["_id"], row["kind"], row["name"])


def _consent(row: Row) -> Consent:
    return Consent(row["patron"], row["owner"], row["purpose"], row["recipient"], row["granted"], row["decided_at"],
                   row["sequence"], row["expires_at"])


def _erasure(row: Row) -> Erasure:
    return Erasure(row["_id"], row["patron"], row["owner"], row["requested_at"], row["answers"])
