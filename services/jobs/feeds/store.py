"""Feeds and imports in MongoDB.

An import's progress is in its own row, saved in the transaction of each chunk; what was rejected of a chunk has a row
of its own, so that no row grows with the file.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from libranet.clock import now
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.jobs.feeds.domain.feed import Feed, Fetch
from services.jobs.feeds.domain.imports import ENDED, Import, Report
from services.jobs.feeds.domain.raw import Rejected

Row = dict[str, Any]
IMPORTS_DAYS = 90
CHUNKS_A_READ = 25

COLLECTIONS = (
    Collection("job_feeds", Retention.forever("until somebody removes it; its postings expire then"),
               (Index("owner"),)),
    Collection("job_imports", Retention.of_days(IMPORTS_DAYS, "created_at", "reports are read within weeks"),
               (Index("open"),)),
    Collection("job_import_chunks", Retention.of_days(IMPORTS_DAYS, "at", "as long as the import's own row")),
)


class FeedStore:
    """One unit of work's view of feeds and imports."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def find(self, feed: str) -> Feed | None:
        """None for one that is being removed, too."""
        row = self._work.get("job_feeds", feed)
        return None if row is None or row["removed"] else feed_of(row)

    def all_of(self, sees: Any, after: str, limit: int) -> list[Feed]:
        """The feeds whose owner `sees` accepts, by id, from `after` on. There are at most some thousands in all."""
        rows = self._work.find("job_feeds", {"_id": {"$gt": after}, "removed": False}, [("_id", 1)])
        return [feed_of(row) for row in rows if sees(row["owner"])][:limit]

    def count_of(self, owner: str) -> int:
        return self._work.count("job_feeds", {"owner": owner})

    def save(self, feed: Feed) -> None:
        row = asdict(feed)
        row["_id"] = row.pop("id")
        self._work.replace("job_feeds", row)

    def due(self, at: Any) -> list[Feed]:
        """Feeds whose address is to be asked, and those to be removed."""
        rows = self._work.find("job_feeds", {"$or": [{"next_fetch_at": {"$lte": at}}, {"removed": True}]})
        return [feed_of(row) for row in rows]

    def forget(self, feed: str) -> None:
        self._work.delete("job_feeds", {"_id": feed})

    def find_import(self, job_import: str) -> Import | None:
        row = self._work.get("job_imports", job_import)
        return import_of(row) if row else None

    def open_imports(self) -> list[Import]:
        """Those that have not ended, the oldest first."""
        return [import_of(row) for row in self._work.find("job_imports", {"open": True}, [("_id", 1)])]

    def save_import(self, work: Import) -> None:
        row = asdict(work) | {"open": not has_ended(work)}
        row["_id"] = row.pop("id")
        self._work.replace("job_imports", row)

    def add_chunk(self, work: Import, number: int, rejected: Iterable[Rejected]) -> None:
        """Refused by the database when another process has written this chunk already."""
        self._work.insert("job_import_chunks", {
            "_id": _chunk_id(work.id, number), "at": now(),
            "rejected": [[each.position, each.reason] for each in rejected]})

    def rejected(self, work: Import, limit: int) -> list[Rejected]:
        """The first of them, by position."""
        found: list[Rejected] = []
        for start in range(0, work.chunks, CHUNKS_A_READ):
            ids = [_chunk_id(work.id, number) for number in range(start, min(start + CHUNKS_A_READ, work.chunks))]
            rows = self._work.get_many("job_import_chunks", ids)
            found += [Rejected(*each) for key in ids for each in rows[key]["rejected"]]
            if len(found) >= limit:
                break
        return sorted(found, key=lambda each: each.position)[:limit]

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.save_facts(facts, cause)

    def after_commit(self, call: Any) -> None:
        self._work.after_commit.append(call)


def _chunk_id(job_import: str, number: int) -> str:
    return f"{job_import}|{number:06}"


def feed_of(row: Row) -> Feed:
    shown = {name: row[name] for name in Feed.__dataclass_fields__ if name in row}
    return Feed(**{**shown, "id": row["_id"], "last_fetch": Fetch(**row["last_fetch"]) if row["last_fetch"] else None})


def import_of(row: Row) -> Import:
    shown = {name: row[name] for name in Import.__dataclass_fields__ if name in row}
    return Import(**{**shown, "id": row["_id"], "report": Report(**row["report"]), "notes": tuple(row["notes"]),
                     "unclosed": tuple(row.get("unclosed", ()))})


def has_ended(work: Import) -> bool:
    return work.state in ENDED
