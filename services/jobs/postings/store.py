"""Job postings in MongoDB, the trail of their changes that every replica's index follows, and whose demand is due.

`postings` hold the whole, `wordings` what an index needs of the open ones, written in the same transaction.
"""

from collections import Counter
from collections.abc import Collection as Many
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from zlib import crc32

from libranet.clock import EPOCH, now
from libranet.collection import Collection, Index, Retention
from libranet.ids import new_id
from libranet.work import Lot, Work
from services.jobs.postings.domain.posting import EXPIRED, OPEN, FoundSkill, Mark, Pay, Place, Posting
from services.jobs.postings.domain.wording import Prose, Wording, packed, required_and_wished, unpacked

Row = dict[str, Any]
EXPIRED_DAYS = 90
"""A board that was down for weeks brings its postings back as what they were."""
CHANGES_DAYS = 1
BUCKETS = 64
"""Parts of about the same size in which all postings can be read one after the other."""

COLLECTIONS = (
    Collection("postings", Retention.of_days(EXPIRED_DAYS, "expired_at", "open ones stay; expired ones may come back"),
               (Index("feed", "state"), Index("bucket", "state", "owner"), Index("state", "closes_at"))),
    Collection("wordings", Retention.forever("as long as the posting is open"), (Index("bucket"),)),
    Collection("posting_changes", Retention.of_days(CHANGES_DAYS, "at", "an index that is further behind starts anew")),
    Collection("skill_demand", Retention.forever("one small row a node: its last change, how often it was told")),
)
WORDING = ("owner", "title", "employer", "places", "remote", "url", "skills.uri", "skills.required", "posted_at",
           "closes_at", "state", "text")
PROSE = Prose._fields[1:]


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

    def open_with_text(self, ids: Iterable[str]) -> dict[str, Wording]:
        """Those that are open, by id."""
        rows = self._work.get_many("postings", set(ids), fields=WORDING)
        return {key: wording_of(row) for key, row in rows.items() if row["state"] == OPEN}

    def all_open(self) -> Iterator[Lot[Wording]]:
        """Of every open posting what is kept of it for indexes: without text, and without postings that were stored
        before this was kept in buckets. `all_texts` has them all."""
        return (partial(_unpacked, lot) for query in _buckets() for lot in self._work.lots("wordings", query))

    def all_texts(self) -> Iterator[Lot[Prose]]:
        """What is searched of every open posting."""
        return (partial(_prose, lot) for query in _buckets(state=OPEN)
                for lot in self._work.lots("postings", query, PROSE))

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

    def keep_skills(self, postings: Iterable[Posting]) -> None:
        """What is found in these postings; nothing else of them changes."""
        for posting in postings:
            skills = [asdict(each) for each in posting.skills]
            self._work.update("postings", {"_id": posting.id}, {"$set": {"skills": skills}})
            self._keep_wording(posting)

    def keep_wordings(self, ids: Iterable[str]) -> None:
        """What indexes need of these postings is kept anew: for those that were stored before it was kept."""
        for posting in self.get_many(ids).values():
            self._keep_wording(posting)

    def _keep_wording(self, posting: Posting) -> None:
        if posting.state == OPEN:
            self._work.replace("wordings", _kept(posting))
        else:
            self._work.delete_many("wordings", [posting.id])

    def closed_by(self, moment: datetime, limit: int) -> dict[str, str]:
        """Open postings whose closing time has passed, with their owners: any so many."""
        closed = {"state": OPEN, "closes_at": {"$gt": EPOCH, "$lte": moment}}
        return {row["_id"]: row["owner"] for row in self._work.find("postings", closed, limit=limit, fields=("owner",))}

    def demand_of(self, owner: str) -> list[tuple[str, str, int]]:
        """(uri, label, open postings that ask for it) of the node's own postings, the most wanted first."""
        wanted: Counter[tuple[str, str]] = Counter()
        for row in self._each_open(("skills.uri", "skills.label"), owner=owner):
            wanted.update({(each["uri"], each["label"]) for each in row["skills"]})
        ordered = sorted(wanted.items(), key=lambda each: (-each[1], each[0]))
        return [(uri, label, count) for (uri, label), count in ordered]

    def demand_changed(self, owner: str) -> None:
        """What the node's postings ask for has changed, and is to be told."""
        row = self._work.get("skill_demand", owner) or {}
        self._work.replace("skill_demand", {
            "_id": owner, "told": row.get("told", 0), "due": True, "change": new_id()})

    def demands_due(self) -> dict[str, str | None]:
        """By owner the last change, which has to be known before the demand is read."""
        return {row["_id"]: row.get("change") for row in self._work.find("skill_demand", {"due": True})}

    def demand_told(self, owner: str, change: str | None) -> int:
        """The number of this telling, from 1. What has changed since this change stays due, and so does what the
        release before this one has marked, which gives changes no name: that is told twice."""
        row = self._work.get("skill_demand", owner) or {}
        number, last = row.get("told", 0) + 1, row.get("change")
        is_due = last is None or last != change
        self._work.replace("skill_demand", {
            "_id": owner, "told": number, "due": is_due, "change": last or new_id()})
        return number

    def _each_open(self, fields: Iterable[str], **also: Any) -> Iterator[Row]:
        for query in _buckets(state=OPEN, **also):
            yield from self._work.each("postings", query, fields=fields)

    def add(self, postings: Iterable[Posting]) -> None:
        """New ones; an id that is there already spoils the whole work."""
        for posting in postings:
            self._work.insert("postings", _row(posting))
            if posting.state == OPEN:
                self._work.insert("wordings", _kept(posting))

    def replace(self, postings: Iterable[Posting]) -> None:
        for posting in postings:
            self._work.replace("postings", _row(posting))
            self._keep_wording(posting)

    def expire(self, ids: Many[str]) -> None:
        self._work.update_many("postings", ids, {
            "$set": {"state": EXPIRED, "expired_at": now()}, "$inc": {"sequence": 1}})
        self._work.delete_many("wordings", ids)

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


def _buckets(**also: Any) -> Iterator[Row]:
    """Bucket by bucket: memory stays flat however many there are, and a database that reads all before it answers
    keeps nobody waiting for long."""
    return ({"bucket": bucket, **also} for bucket in range(BUCKETS))


def _bucket_of(posting_id: str) -> int:
    return crc32(posting_id.encode()) % BUCKETS


def _unpacked(lot: Lot[Row]) -> list[Wording]:
    return [unpacked(row["_id"], row["owner"], row["wording"]) for row in lot()]


def _prose(lot: Lot[Row]) -> list[Prose]:
    return [Prose(row["_id"], *(row[name] for name in PROSE)) for row in lot()]


def _row(posting: Posting) -> Row:
    row = asdict(posting)
    row["_id"] = row.pop("id")
    row["bucket"] = _bucket_of(row["_id"])
    return row


def _kept(posting: Posting) -> Row:
    return {"_id": posting.id, "bucket": _bucket_of(posting.id), "owner": posting.owner, "wording": packed(posting)}


def wording_of(row: Row) -> Wording:
    return Wording(
        row["_id"], row["owner"], row["title"], row["employer"], tuple(Place(**each) for each in row["places"]),
        row["remote"], row["url"], *required_and_wished((each["uri"], each["required"]) for each in row["skills"]),
        row["closes_at"], row["posted_at"], row["text"])


def posting_of(row: Row) -> Posting:
    shown = {name: row[name] for name in Posting.__dataclass_fields__ if name in row}
    parts = {"places": tuple(Place(**each) for each in row["places"]),
             "skills": tuple(FoundSkill(**each) for each in row["skills"]),
             "pay": Pay(**row["pay"]) if row["pay"] else None}
    return Posting(**{**shown, "id": row["_id"], **parts})
