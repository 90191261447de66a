"""Learners' records: signed text until they are taken back, and then that they were there."""

from contracts.principal import Principal
from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain import clr
from services.credentials.domain.status_lists import REVOCATION, StatusPlace
from services.credentials.store.status_list_store import StatusListStore

COLLECTIONS = (
    Collection(
        "records",
        Retention.forever("until the learner takes it back, and then that it was there; erased with its patron"),
        (Index("patron", "_id"), Index("public_id")),
        personal=True,
    ),
)
SUMMARY = ("public_id", "public_url", "owner", "patron", "name", "is_partial", "credentials", "status", "made_at",
           "withdrawn_at")


class RecordStore:
    """One unit of work's view of records."""

    def __init__(self, work: Work, status_lists: StatusListStore) -> None:
        self._work = work
        self._status_lists = status_lists

    def add(self, record: clr.Record) -> None:
        self._work.insert("records", record)

    def save_withdrawn(self, record: clr.Record) -> None:
        """A record that was taken back, with its bit in the list of its issuer."""
        self._work.replace("records", record)
        self._status_lists.set_bits(StatusPlace(**record["status_place"]), [REVOCATION], record["withdrawn_at"])

    def find(self, record: str, patron: str, principal: Principal) -> Document | None:
        """None too for one of somebody else, or that is nothing to the principal."""
        row = self._work.get("records", record)
        return row if row and row["patron"] == patron and principal.sees(row["owner"], row["patron"]) else None

    def find_like(self, content: str, patron: str) -> Document | None:
        """One of the patron's that says this (`clr.content_of`)."""
        found = self._work.find("records", {"patron": patron, "content": content}, limit=1)
        return found[0] if found else None

    def find_public(self, public_id: str) -> Document | None:
        found = self._work.find("records", {"public_id": public_id}, limit=1)
        return found[0] if found else None

    def count_open(self, patron: str) -> int:
        return self._work.count("records", {"patron": patron, "withdrawn_at": None})

    def addresses_of(self, patron: str) -> list[str]:
        """The public ids of the patron's records, those that were taken back included."""
        return [row["public_id"] for row in self._work.find("records", {"patron": patron}, fields=["public_id"])]

    def list_records(self, patron: str, after: str, limit: int) -> list[Document]:
        """Without their signed text."""
        query = {"patron": patron, "_id": {"$gt": after}}
        return self._work.find("records", query, [("_id", 1)], limit, SUMMARY)
