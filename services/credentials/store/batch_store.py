"""Lists of awards in MongoDB: how far each is, and what became of its rows.

A row about somebody is about that person: it is shown to them, and erased with them. What is left of a rejected one is
where it stood, and why.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict

from contracts.principal import Principal
from libranet import audit
from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain.batches import ISSUED, OPEN, WAITS, Batch, Counts, Sender, Settled

BATCH_DAYS = 365
COLLECTIONS = (
    Collection("award_batches", Retention.of_days(BATCH_DAYS, "created_at", "a list is taken back within a year"),
               (Index("state"),)),
    Collection("award_rows", Retention.of_days(BATCH_DAYS, "at", "as long as the list that it stood in"),
               (Index("batch", "position"), Index("batch", "outcome", "position"), Index("patron")), personal=True),
    Collection("undone_awards", Retention.forever("what was revoked stays so; erased with the patron"),
               (Index("patron"),), personal=True),
)


class BatchStore:
    """One unit of work's view of lists of awards."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def find(self, batch: str) -> Batch | None:
        row = self._work.get("award_batches", batch)
        return _batch(row) if row else None

    def open_batches(self) -> list[Batch]:
        """Those that have something left to do, the oldest first."""
        rows = self._work.find("award_batches", {"state": {"$in": list(OPEN)}}, [("_id", 1)])
        return [_batch(row) for row in rows]

    def save(self, batch: Batch) -> None:
        row = asdict(batch)
        self._work.replace("award_batches", {"_id": row.pop("id"), **row})

    def save_rows(self, batch: Batch, rows: Iterable[Settled]) -> None:
        for each in rows:
            self._work.replace("award_rows", {
                "_id": f"{batch.id}|{each.position:08}", "batch": batch.id, "at": batch.created_at, **asdict(each)})

    def rows(self, batch: Batch, after: int, limit: int) -> list[Settled]:
        """In the order of lines."""
        return self._rows({"batch": batch.id, "position": {"$gt": after}}, limit)

    def of_outcome(self, batch: Batch, outcome: str, limit: int) -> list[Settled]:
        """The first of which this became."""
        return self._rows({"batch": batch.id, "outcome": outcome}, limit)

    def to_undo(self, batch: Batch, limit: int) -> list[Settled]:
        """The next that may have earned a credential."""
        return self._rows({"batch": batch.id, "outcome": {"$in": [ISSUED, WAITS]}, "position": {
            "$gt": batch.undone_to}}, limit)

    def times_undone(self, awards: Iterable[str]) -> dict[str, int]:
        """How often each of these awards was taken back after it had been issued; 0 is left out."""
        found = self._work.get_many("undone_awards", set(awards))
        return {award: row["times"] for award, row in found.items()}

    def count_undone(self, settled: Settled) -> None:
        self._work.update("undone_awards", {"_id": settled.award}, {
            "$inc": {"times": 1}, "$set": {"patron": settled.patron}}, upsert=True)

    def audit(self, who: Principal, action: str, patrons: Iterable[str]) -> None:
        """That these persons' records were touched, as a call about one of them says it by itself."""
        for patron in sorted(set(patrons)):
            self._work.insert(audit.ENTRIES, audit.entry(who, action, patron, who.request_id))

    def after_commit(self, call: Callable[[], None]) -> None:
        self._work.after_commit.append(call)

    def _rows(self, query: Document, limit: int) -> list[Settled]:
        rows = self._work.find("award_rows", query, [("position", 1)], limit)
        return [Settled(**{name: row[name] for name in Settled.__dataclass_fields__}) for row in rows]


def _batch(row: Document) -> Batch:
    members = {name: row[name] for name in Batch.__dataclass_fields__ if name in row}
    return Batch(**{**members, "id": row["_id"], "sender": Sender(**row["sender"]), "counts": Counts(**row["counts"])})
