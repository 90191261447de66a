"""Credentials from elsewhere in MongoDB, each as it was handed in, with what was last found of it."""

from collections.abc import Iterable
from datetime import datetime

from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain.imported import MOST_OF_PATRON, Verdicts

COLLECTIONS = (
    Collection("imported_credentials", Retention.forever("until the patron removes it; erased with the patron"),
               (Index("patron", "_id"),), personal=True),
)


class ImportStore:
    """One unit of work's view of credentials from elsewhere."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def find(self, patron: str, imported: str) -> Document | None:
        """None too for somebody else's."""
        row = self._work.get("imported_credentials", imported)
        return row if row and row["patron"] == patron else None

    def of_patron(self, patron: str, after: str = "", limit: int = MOST_OF_PATRON) -> list[Document]:
        return self._work.find("imported_credentials", {"patron": patron, "_id": {"$gt": after}}, [("_id", 1)], limit)

    def dates_of(self, patron: str, standard: str) -> list[Document]:
        """Of the patron's credentials in this standard when they were made, without themselves."""
        asked = {"patron": patron, "standard": standard}
        return self._work.find("imported_credentials", asked, fields=["valid_from", "imported_at"])

    def get_many(self, imported: Iterable[str]) -> dict[str, Document]:
        return self._work.get_many("imported_credentials", set(imported))

    def count_of(self, patron: str) -> int:
        return self._work.count("imported_credentials", {"patron": patron})

    def save(self, imported: Document) -> None:
        self._work.replace("imported_credentials", imported)

    def save_verdicts(self, imported: Document, verdicts: Verdicts, verified_at: datetime) -> Document:
        """What was found anew, if it is still there."""
        found = {"verification": verdicts, "verified_at": verified_at}
        self._work.update("imported_credentials", {"_id": imported["_id"]}, {"$set": found})
        return {**imported, **found}

    def remove(self, imported: Document) -> None:
        self._work.delete("imported_credentials", {"_id": imported["_id"]})
