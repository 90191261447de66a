"""The audit: who touched whose record, when, by which call. Entries are written with the effect and then sealed.

An entry is inserted in the effect's own transaction and touches nothing that another one writes, so calls never wait
for each other. A second later `libranet.sealer` moves entries into a block, which holds the hash of the block before:
from then on a change, a removal, an insertion and another order all show (`faults`). A mark made with `ID_KEY` stops
whoever can write to the database but lacks the key from making the chain anew.

What it does not promise: an entry that is not yet sealed can vanish unseen, and so can the newest blocks together with
the head, unless an older head was kept elsewhere (`libranet audit head`; the log has one a day).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from contracts.principal import Principal
from libranet.clock import now, rfc3339
from libranet.collection import AUDIT, AUDIT_DAYS, Document
from libranet.ids import keyed_id, new_id
from libranet.work import Work

ENTRIES, BLOCKS, HEADS = "audit", "audit_blocks", "audit_heads"
HEAD, APP = "head", "app"
ENTRIES_A_BLOCK = 500
"""Some 120 kB: a block is read whole when a person asks who looked."""
FIRST_HASH = "0" * 64
LATE_SECONDS = 60
"""An entry older than this that is still unsealed means that no sealer runs."""


def subject_of(person: str) -> str:
    """How the audit names a person: never by the id itself, so that an erasure has nothing to take out of a chain."""
    return keyed_id("audit", person)


def entry(who: Principal, action: str, person: str, request: str, app: str = "") -> Document:
    """One touch of one person's record; no payload. Somebody who acts as a person is named by a keyed id too; an app
    that acts for one is the actor itself. `app` is the one that it is about, where it is not the one that acts."""
    actor = who.app or (subject_of(who.actor) if who.is_person else who.actor)
    named = {"app": who.app or app} if who.app or app else {}
    return {"_id": new_id(), "at": now(), "actor": actor, "kind": APP if who.app else who.kind, "node": who.node,
            "action": action, "subject": subject_of(person), "request": request, **named}


def to_row(touch: Document) -> Document:
    """An entry as it is kept, for who writes it without a unit of work."""
    return {**touch, "schema_version": AUDIT.schema_version}


@dataclass(frozen=True)
class Head:
    """The newest block: its number, its hash, and when it was sealed."""

    number: int = 0
    hash: str = FIRST_HASH
    sealed_at: datetime | None = None

    @property
    def row(self) -> Document:
        return {"_id": HEAD, "number": self.number, "hash": self.hash, "sealed_at": self.sealed_at,
                "mark": keyed_id("audit-head", str(self.number), self.hash)}


def read_head(row: Document | None) -> Head | None:
    """The head that a row tells of, None where there is no row; one that somebody else wrote names no block."""
    if row is None:
        return None
    head = Head(number_of(row), str(row.get("hash")), time_of(row, "sealed_at"))
    return head if row.get("mark") == head.row["mark"] else Head(-1, "a wrong mark", head.sealed_at)


def number_of(row: Document) -> int:
    """A block's or a head's number; -1, which no block has, for one that somebody wrote who does not know how."""
    number = row.get("number")
    return number if type(number) is int else -1


def time_of(row: Document, member: str) -> datetime | None:
    """The time there; None where there is none."""
    found = row.get(member)
    return found if isinstance(found, datetime) else None


class AuditTrail:
    """One unit of work's view of the audit."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def head(self) -> Head:
        row = self._work.get(HEADS, HEAD)
        return Head(row["number"], row["hash"], row["sealed_at"]) if row else Head()

    def seal(self) -> Head | None:
        """Moves the oldest unsealed entries into the next block; None when there are none.

        The head is read first: a rival that sealed meanwhile then took the block's number, and one of the two fails.
        """
        before = self.head()
        rows = self._work.find(ENTRIES, {}, [("_id", 1)], ENTRIES_A_BLOCK)
        if not rows:
            return None
        block = made_block(before, rows, now())
        self._work.insert(BLOCKS, block)
        self._work.delete_many(ENTRIES, [row["_id"] for row in rows])
        head = Head(block["number"], block["hash"], block["sealed_at"])
        self._work.replace(HEADS, head.row)
        return head

    def touches_of(self, person: str, before: str = "", limit: int = 0) -> list[Document]:
        """Entries about the person, sealed or not, the newest first; those before the entry `before` where it is
        given."""
        subject = subject_of(person)
        found = [{**each, "id": each["_id"]} for each in self._work.find(ENTRIES, {"subject": subject})]
        for block in self._work.find(BLOCKS, {"subjects": subject}):
            found += [each for each in block["entries"] if each["subject"] == subject]
        found = sorted((each for each in found if not before or each["id"] < before),
                       key=lambda each: str(each["id"]), reverse=True)
        return found[:limit] if limit else found


def made_block(before: Head, rows: Iterable[Document], sealed_at: datetime) -> Document:
    """The block that follows `before`, with these entries in this order."""
    entries = [{"id": row["_id"], **{name: value for name, value in row.items()
                                     if name not in ("_id", "schema_version")}} for row in rows]
    number = before.number + 1
    block: Document = {
        "_id": f"{number:012d}", "number": number, "previous": before.hash, "previous_sealed_at": before.sealed_at,
        "sealed_at": sealed_at, "entries": entries, "subjects": _subjects(entries)}
    block["hash"] = hash_of(block)
    block["mark"] = _mark(block)
    return block


def hash_of(block: Mapping[str, Any]) -> str:
    """SHA-256 of the block's content as JSON with sorted names, times as RFC 3339 in milliseconds."""
    content = {name: block.get(name) for name in ("number", "previous", "previous_sealed_at", "sealed_at", "entries")}
    text = orjson.dumps(_plain(content), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()


def faults(blocks: Iterable[Document], head: Head | None, kept: Iterable[Head] = (),
           at: datetime | None = None) -> Iterator[str]:
    """What is wrong with a chain, in words; nothing when it is whole.

    `blocks` come by number; `head` is the row beside them, None where there is none; `kept` are heads of an earlier
    time that somebody kept elsewhere. The beginning may be gone where its retention is over.
    """
    moment = at or now()
    awaited = {each.number: each.hash for each in kept if each.number}
    last = None
    for block in blocks:
        yield from _faults_of(block, last, moment)
        last = Head(number_of(block), str(block.get("hash")), time_of(block, "sealed_at"))
        if awaited.pop(last.number, last.hash) != last.hash:
            yield f"block {last.number}: is another one than was written down"
    newest = last or Head()
    for number in sorted(awaited):
        if last is None or number > newest.number:
            yield f"block {number}: was written down and is gone"
    if (head or Head()).number != newest.number and not (last is None and _is_over(head, moment)):
        yield f"the head names block {(head or Head()).number}, the newest block is {newest.number}"
    elif head is not None and last is not None and head.hash != newest.hash:
        yield f"block {newest.number}: the head names another one of this number"


def _faults_of(block: Document, last: Head | None, moment: datetime) -> Iterator[str]:
    name = f"block {block.get('number')}"
    try:
        is_changed = hash_of(block) != block["hash"]
    except (TypeError, ValueError, KeyError):
        is_changed = True
    if is_changed:
        yield f"{name}: something in it was changed, added or taken out"
    elif block.get("mark") != _mark(block):
        yield f"{name}: was not made by this platform (its mark is wrong)"
    elif block.get("subjects") != _subjects(block["entries"]) or block["_id"] != f"{block['number']:012d}":
        yield f"{name}: would not be found where it belongs (its index members were changed)"
    if last is None:
        before = time_of(block, "previous_sealed_at")
        if block.get("number") != 1 and (before is None or not _is_old(before, moment)):
            yield f"{name}: is the first, and what came before it is gone ahead of its time"
    elif block.get("number") != last.number + 1:
        yield f"{name}: follows block {last.number}; what was between them is gone, or the order was changed"
    elif block.get("previous") != last.hash:
        yield f"{name}: does not follow block {last.number} as that is now"


def _is_over(head: Head | None, moment: datetime) -> bool:
    return head is not None and head.sealed_at is not None and _is_old(head.sealed_at, moment)


def _is_old(sealed_at: datetime, moment: datetime) -> bool:
    return sealed_at < moment - timedelta(days=AUDIT_DAYS)


def _mark(block: Mapping[str, Any]) -> str:
    return keyed_id("audit-block", str(block["hash"]))


def _subjects(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({str(each.get("subject")) for each in entries})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
