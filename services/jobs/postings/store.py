"""Job postings in MongoDB, and the trail of their changes that every replica's index follows.

`postings` hold the whole; who needs only what is matched takes `Wording`s, which leave the long texts in the database.
"""

from collections import Counter
from collections.abc import Collection as Many
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

from libranet.clock import now
from libranet.collection import Collection, Index, Retention
from libranet.ids import new_id
from libranet.work import Work
from services.jobs.postings.domain.posting import EXPIRED, OPEN, FoundSkill, Mark, Pay, Place, Posting

Row = dict[str, Any]
EXPIRED_DAYS = 90
"""A board that was down for weeks brings its postings back as what they were."""
CHANGES_DAYS = 1
BUCKETS = 64
"""Parts of about the same size in which all postings can be read one after the other."""

COLLECTIONS = (
    Collection("postings", Retention.of_days(EXPIRED_DAYS, "expired_at", "open ones stay; expired ones may come back"),
               (Index("feed"), Index("bucket"))),
    Collection("posting_changes", Retention.of_days(CHANGES_DAYS, "at", "an index that is further behind starts anew")),
)
WORDING = ("owner", "title", "employer", "places", "remote", "url", "skills.uri", "skills.required", "posted_at",
           "closes_at", "state")


class Wording(NamedTuple):
    """What a replica's index needs of a posting; skills by URI, and its plain text where it is to be searched. A tuple,
    because a hundred thousand are made at each start."""

    id: str
    owner: str
    title: str
    employer: str | None
    places: tuple[Place, ...]
    remote: bool
    url: str | None
    required: tuple[str, ...]
    wished: tuple[str, ...]
    posted_at: datetime | None
    closes_at: datetime | None
    state: str
    text: str


class PostingStore:
    """One unit of work's view of the postings."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, posting_id: str) -> Posting | None:
        row = self._work.get("postings", posting_id)
        return posting_of(row) if row else None

    def get_many(self, ids: Iterable[str]) -> dict[str, Posting]:
        """By id, unknown ones left out."""
        return {key: posting_of(row) for key, row in self._work.get_many("postings", set(ids)).items()}

    def wordings(self, ids: Iterable[str]) -> dict[str, Wording]:
        """By id, expired ones too, unknown ones left out."""
        rows = self._work.get_many("postings", set(ids), fields=(*WORDING, "text"))
        return {key: wording_of(row) for key, row in rows.items()}

    def open_wordings(self, with_text: bool = False) -> Iterator[Wording]:
        """Every open posting, streamed."""
        return map(wording_of, self._each_open((*WORDING, "text") if with_text else WORDING))

    def marks(self, ids: Iterable[str]) -> dict[str, Mark]:
        rows = self._work.get_many("postings", set(ids), fields=("fingerprint", "state", "sequence"))
        return {key: Mark(row["fingerprint"], row["state"], row["sequence"]) for key, row in rows.items()}

    def open_ids_of(self, feed: str, limit: int = 0) -> list[str]:
        """All of them, or any so many."""
        query = {"feed": feed, "state": OPEN}
        if limit:
            return [row["_id"] for row in self._work.find("postings", query, limit=limit, fields=())]
        return [row["_id"] for row in self._work.each("postings", query, fields=())]

    def open_ids(self) -> Iterator[str]:
        return (row["_id"] for row in self._each_open(()))

    def keep_skills(self, skills: Mapping[str, tuple[FoundSkill, ...]]) -> None:
        """What is found in postings, by id; nothing else of them changes."""
        for posting, found in skills.items():
            self._work.update("postings", {"_id": posting}, {"$set": {"skills": [asdict(each) for each in found]}})

    def closed_by(self, moment: datetime, limit: int) -> dict[str, str]:
        """Open postings whose closing time has passed, with their owners: any so many. Looks at every open posting, so
        ask it now and then only."""
        closed = self._each_open(("owner",), closes_at={"$lte": moment})
        return {row["_id"]: row["owner"] for row in islice(closed, limit)}

    def demand_of(self, owner: str) -> list[tuple[str, str, int]]:
        """(uri, label, open postings that ask for it) of the node's own postings, the most wanted first."""
        wanted: Counter[tuple[str, str]] = Counter()
        for row in self._each_open(("skills.uri", "skills.label"), owner=owner):
            wanted.update({(each["uri"], each["label"]) for each in row["skills"]})
        ordered = sorted(wanted.items(), key=lambda each: (-each[1], each[0]))
        return [(uri, label, count) for (uri, label), count in ordered]

    def _each_open(self, fields: Iterable[str], **also: Any) -> Iterator[Row]:
        """Bucket by bucket: memory stays flat however many there are, and a database that reads all before it answers
        keeps nobody waiting for long."""
        for bucket in range(BUCKETS):
            yield from self._work.each("postings", {"bucket": bucket, "state": OPEN, **also}, fields=fields)

    def add(self, postings: Iterable[Posting]) -> None:
        """New ones; an id that is there already spoils the whole work."""
        for posting in postings:
            self._work.insert("postings", _row(posting))

    def replace(self, postings: Iterable[Posting]) -> None:
        for posting in postings:
            self._work.replace("postings", _row(posting))

    def expire(self, ids: Many[str]) -> None:
        self._work.update_many("postings", ids, {
            "$set": {"state": EXPIRED, "expired_at": now()}, "$inc": {"sequence": 1}})

    def tell(self, ids: Iterable[str]) -> None:
        """These postings are new, changed or gone: one row for all of them, in the same transaction. Every replica
        reads such rows with `changes_after`, so say it wherever a posting is written."""
        changed = list(ids)
        if changed:
            self._work.insert("posting_changes", {"_id": new_id(), "postings": changed, "at": now()})

    def forget_changes(self, before: str) -> None:
        """Rows that every replica has read by now: whoever asks again every moment should find few."""
        self._work.delete("posting_changes", {"_id": {"$lt": before}})

    def changes_after(self, change: str, limit: int = 200) -> list[tuple[str, list[str]]]:
        """(change, ids of postings), in the order in which the changes began. Two writers may commit in the other
        order, so whoever follows asks again for the changes of the last TRANSACTION_DEADLINE_SECONDS."""
        rows = self._work.find("posting_changes", {"_id": {"$gt": change}}, [("_id", 1)], limit)
        return [(row["_id"], row["postings"]) for row in rows]


def _row(posting: Posting) -> Row:
    row = asdict(posting)
    row["_id"] = row.pop("id")
    row["bucket"] = crc32(row["_id"].encode()) % BUCKETS
    return row


def posting_of(row: Row) -> Posting:
    shown = {name: row[name] for name in Posting.__dataclass_fields__ if name in row}
    return Posting(**{**shown, "id": row["_id"], **_parts(row)})


def wording_of(row: Row) -> Wording:
    required: list[str] = []
    wished: list[str] = []
    for each in row["skills"]:
        (required if each["required"] else wished).append(each["uri"])
    return Wording(
        row["_id"], row["owner"], row["title"], row["employer"], tuple(Place(**each) for each in row["places"]),
        row["remote"], row["url"], tuple(required), tuple(wished), row["posted_at"], row["closes_at"], row["state"],
        row.get("text", ""))


def _parts(row: Row) -> Row:
    return {"places": tuple(Place(**each) for each in row["places"]),
            "skills": tuple(FoundSkill(**each) for each in row["skills"]),
            "pay": Pay(**row["pay"]) if row["pay"] else None}
