"""Stored rows in any number: all that the platform keeps of one patron's life, copied with other ids and dates.

A life is what its services wrote while it was lived. Its copies agree with each other across services, as copies of one
number have the same ids everywhere; signatures and keyed ids in them do not hold, which no query looks at.
"""

import base64
import hashlib
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

from bench.parts import Database
from libranet.clock import now
from libranet.collection import Collection

LOT = 2000
LASTING, FOR_A_TIME = "lasting", "for a time"
LONGEST = timedelta(days=700)
YOUNGEST = 0.9
"""Of a retention: no copy is so old that the database would delete it while we measure."""
UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TOKEN = re.compile(UUID + rb"|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[a-z2-7]{26}\b")
"""What ids look like: of `new_id` and `keyed_id`, hashes, pseudonyms, public ids."""
Place = tuple[str, str]
"""Database and collection."""
Kept = Mapping[str, Mapping[str, Collection]]
"""By database and name: the collections of a platform as its services declare them."""


@dataclass(frozen=True)
class Row:
    """One row of the life: its id, and the rest of it as BSON without head and end."""

    identity: bytes
    rest: bytes
    moments: tuple[bytes, ...]


@dataclass
class Lives:
    """`rows` are a life's; `made` tells how many copies of it each collection holds."""

    mongo: Database
    rows: Mapping[Place, list[Row]]
    shared: frozenset[bytes]
    retentions: Mapping[Place, timedelta]
    ending: frozenset[Place]
    made: dict[Place, int] = field(default_factory=dict)

    @classmethod
    def lived(cls, mongo: Database, kept: Kept, live: Callable[[], object]) -> "Lives":
        """What is new in the collections after `live`. Ids that were there before belong to others too."""
        places = [(name, collection) for name, known in kept.items() for collection in known]
        before = {place: {row["_id"]: row for row in mongo[place[0]][place[1]].find()} for place in places}
        live()
        rows: dict[Place, list[Row]] = {}
        for place in places:
            new = [row for row in mongo[place[0]][place[1]].find() if row["_id"] not in before[place]]
            if new:
                rows[place] = [_row(each) for each in new]
        shared = {token for known in before.values() for row in known.values()
                  for token in TOKEN.findall(bson.encode(row))}
        days = {(name, each.name): each.retention.days for name, known in kept.items() for each in known.values()}
        ending = frozenset(place for place in rows if days[place] is not None)
        ages = {place: min(timedelta(days=days[place] or 0), LONGEST) if place in ending else LONGEST for place in rows}
        return cls(mongo, rows, frozenset(shared), ages, ending)

    def bytes_by_service(self) -> dict[str, dict[str, int]]:
        """Of one life, as documents of each database: those that no clock ends, and those that are kept for a time."""
        found: dict[str, dict[str, int]] = {}
        for place, rows in self.rows.items():
            how_long = FOR_A_TIME if place in self.ending else LASTING
            kept = found.setdefault(place[0], {LASTING: 0, FOR_A_TIME: 0})
            kept[how_long] += sum(len(_document(each.identity, each.rest)) for each in rows)
        return found

    def grow(self, place: Place, rows: int) -> None:
        """Copies the life until the collection holds about so many rows of copies."""
        life = self.rows[place]
        first, last = self.made.get(place, 0), max(rows // len(life), 1)
        copies = self._copies(place, first, last)
        collection = self.mongo[place[0]][place[1]]
        while lot := list(islice(copies, LOT)):
            collection.insert_many(lot, ordered=False)
        self.made[place] = max(first, last)

    def _copies(self, place: Place, first: int, last: int) -> Iterator[RawBSONDocument]:
        for number in range(first, last):
            age = _share(number)
            moved = self.retentions[place] * YOUNGEST * age
            for row in self.rows[place]:
                renew = _Renewing(number, LONGEST * YOUNGEST * age, self.shared)
                identity = TOKEN.sub(renew, row.identity)
                if identity == row.identity:
                    identity += b"~%d" % number
                rest = TOKEN.sub(renew, row.rest)
                for moment in row.moments:
                    rest = rest.replace(moment, _moment(_time(moment) - moved))
                yield RawBSONDocument(_document(identity, rest))


@dataclass(frozen=True)
class _Renewing:
    """Gives each id of a life the one that stands for it in the copy of this number."""

    number: int
    earlier: timedelta
    shared: frozenset[bytes]

    def __call__(self, found: re.Match[bytes]) -> bytes:
        token = found[0]
        if token in self.shared:
            return token
        digest = hashlib.blake2b(token, digest_size=32, salt=self.number.to_bytes(8, "big")).digest()
        if len(token) == 26:
            return base64.b32encode(digest)[:26].lower()
        drawn = digest.hex().encode()
        if len(token) != 36:
            return drawn[:len(token)]
        head = drawn[:8] + b"-" + drawn[8:12]
        if token[14:15] == b"7":  # a UUIDv7 begins with the time
            time = b"%012x" % (int(token[:8] + token[9:13], 16) - int(self.earlier.total_seconds() * 1000))
            head = time[:8] + b"-" + time[8:]
        return head + token[13:15] + drawn[15:18] + token[18:20] + drawn[19:22] + b"-" + drawn[22:34]


def _row(document: Mapping[str, Any]) -> Row:
    rest = {name: value for name, value in document.items() if name != "_id"}
    past = {each for each in _moments(rest) if each <= now()}
    return Row(document["_id"].encode(), bson.encode(rest)[4:-1], tuple(_moment(each) for each in past))


def _document(identity: bytes, rest: bytes) -> bytes:
    """BSON of a document whose `_id` is this text (bsonspec.org)."""
    content = b"\x02_id\x00" + struct.pack("<i", len(identity) + 1) + identity + b"\x00" + rest
    return struct.pack("<i", len(content) + 5) + content + b"\x00"


def _moments(value: Any) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _moments(each)
    elif isinstance(value, list):
        for each in value:
            yield from _moments(each)


def _moment(at: datetime) -> bytes:
    return struct.pack("<q", round(at.timestamp() * 1000))


def _time(moment: bytes) -> datetime:
    return datetime.fromtimestamp(struct.unpack("<q", moment)[0] / 1000, UTC)


def _share(number: int) -> float:
    """Between 0 and 1, the same each time."""
    return int.from_bytes(hashlib.blake2b(b"%d" % number, digest_size=4).digest(), "big") / 2**32
