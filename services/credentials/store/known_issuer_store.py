"""Issuers elsewhere that a consortium knows. Organisations, nothing of a person."""

from contracts.places import consortium_of
from contracts.principal import Principal
from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work

COLLECTIONS = (
    Collection(
        "known_issuers",
        Retention.forever("until the consortium takes it off its list"),
        (Index("issuer"), Index("owner")),
    ),
)


class KnownIssuerStore:
    """One unit of work's view of the list."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def save(self, known: Document, principal: Principal) -> Document:
        """Keeps it for the principal's node, in place of what was there under its id."""
        row = {**known, "owner": principal.node}
        self._work.replace("known_issuers", row)
        return row

    def list_issuers(self, node: str, after: str, limit: int) -> list[Document]:
        """Those that the consortium of this node knows, by id, after the id `after`."""
        query = {"owner": consortium_of(node), "_id": {"$gt": after}}
        return self._work.find("known_issuers", query, [("_id", 1)], limit)

    def forget(self, known: str, principal: Principal) -> bool:
        """Whether there was one of this id that is the principal's."""
        row = self._work.get("known_issuers", known)
        if row is None or row["owner"] != principal.node:
            return False
        self._work.delete("known_issuers", {"_id": known})
        return True

    def name_of(self, issuer: str) -> str | None:
        """What it is called by whoever knows it."""
        found = self._work.find("known_issuers", {"issuer": issuer}, [("_id", 1)], 1)
        return str(found[0]["name"]) if found else None
