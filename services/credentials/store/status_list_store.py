"""Status lists and the bits that were ever set in them. Nothing here knows a credential or a person, so an erasure
leaves it as it is."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain import bitstring
from services.credentials.domain.status_lists import StatusList, StatusPlace

COLLECTIONS = (
    Collection(
        "status_lists",
        Retention.forever("how many of its places are taken, so that none is given twice"),
        (Index("issuer"),),
    ),
    Collection(
        "status_entries",
        Retention.forever("a bit that was set, as long as anybody may hold the credential; nothing of whose it is"),
        (Index("list", "purposes"),),
    ),
)


class StatusListStore:
    """One unit of work's view of status lists."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def newest_of(self, node: str, issuer: str) -> StatusList | None:
        """The one from which the node's next places under this DID come."""
        found = self._work.find("status_lists", {"node": node, "issuer": issuer}, [("number", -1)], 1)
        return _status_list(found[0]) if found else None

    def find(self, list_id: str) -> StatusList | None:
        row = self._work.get("status_lists", list_id)
        return _status_list(row) if row else None

    def add(self, status_list: StatusList) -> None:
        self._work.insert("status_lists", {"_id": status_list.id, **_members(status_list)})

    def save_taken(self, status_list: StatusList) -> None:
        self._work.update("status_lists", {"_id": status_list.id}, {"$set": {"taken": status_list.taken}})

    def indices(self, list_id: str, purpose: str) -> list[int]:
        """The bits that are set in the list of this purpose."""
        found = self._work.find("status_entries", {"list": list_id, "purposes": purpose}, fields=["index"])
        return [row["index"] for row in found]

    def set_bits(self, place: StatusPlace, purposes: list[str], changed_at: datetime) -> None:
        """Sets the place's bit in the lists of these purposes, and clears it in the others."""
        self._work.replace("status_entries", {
            "_id": f"{place.list}#{place.index}", "list": place.list, "index": place.index, "purposes": purposes})
        self._work.update("status_lists", {"_id": place.list}, {
            "$inc": {"changes": 1}, "$set": {"changed_at": changed_at}})


def close_lists(database: Any) -> None:
    """After a restore: which places were given since the backup is not known, so no list gives another one, and the
    next credential begins a new list."""
    database.status_lists.update_many({}, {"$set": {"taken": bitstring.SIZE}})


def _members(status_list: StatusList) -> Document:
    return {key: value for key, value in asdict(status_list).items() if key != "id"}


def _status_list(row: Document) -> StatusList:
    names = ("node", "issuer", "number", "key", "changed_at", "taken", "changes")
    return StatusList(id=row["_id"], **{name: row[name] for name in names})
