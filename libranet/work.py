"""One unit of work: what a call or a batch of events reads, writes and decides.

What it buffers is written whole or not at all. It does not promise isolation between two works that read before
they write: a conflict aborts one of them, and `Database.transact` runs it again.
"""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Collection as Many
from functools import partial
from typing import Any, TypeVar

import bson
from pymongo import DeleteMany, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from pymongo.client_session import ClientSession

from contracts import event_types
from libranet import outbox
from libranet.cloudevent import Cause, Event, Fact, from_fact
from libranet.collection import Collection, Document

EACH_BATCH = 500
"""Documents that are decoded in one turn of the hub: a few milliseconds."""
LOT = 2000
"""Documents that are read in one go and decoded later."""
IDS_A_READ = 25
"""The stand-in compares each document that it found with each id of the list, so a long list costs it the square."""
Item = TypeVar("Item")
Lot = Callable[[], list[Item]]
"""Some of many items, which are made when it is called."""


class Work:
    """Reads now, writes at the end: one bulk write per collection, in the order they were asked for."""

    def __init__(self, database: Any, collections: dict[str, Collection], source: str,
                 session: ClientSession | None = None) -> None:
        self.source = source
        self.events: list[Event] = []
        self.after_commit: list[Callable[[], None]] = []
        """Called once this is committed, in the order given; for waking whoever waits for it."""
        self._database = database
        self._collections = collections
        self._session = session
        self._pending: dict[str, list[Any]] = {}

    def get(self, collection: str, document_id: str) -> Document | None:
        """The document with this `_id`, or None."""
        found = self.find(collection, {"_id": document_id}, limit=1)
        return found[0] if found else None

    def find(self, collection: str, query: Document, sort: list[tuple[str, int]] | None = None,
             limit: int = 0, fields: Iterable[str] | None = None) -> list[Document]:
        """Documents in their present form, with all members or with `_id` and those of `fields`. Writes that wait for
        this collection are sent first."""
        self._flush(collection)
        cursor = self._database[collection].find(
            query, _projection(fields), session=self._session, sort=sort, limit=limit)
        read = self._collections[collection].read
        return [read(document) for document in cursor]

    def each(self, collection: str, query: Document, fields: Iterable[str] | None = None,
             sort: list[tuple[str, int]] | None = None, limit: int = 0) -> Iterator[Document]:
        """The same one by one, in no order without `sort`: memory stays flat, and what is written meanwhile may come or
        not."""
        self._flush(collection)
        read = self._collections[collection].read
        with self._database[collection].find(
                query, _projection(fields), session=self._session, sort=sort, limit=limit,
                batch_size=EACH_BATCH) as cursor:
            for document in cursor:
                yield read(document)

    def lots(self, collection: str, query: Document, fields: Iterable[str] | None = None) -> Iterator[Lot[Document]]:
        """The same in lots of at most LOT, for whoever reads a great many: each is decoded when it is called, which a
        thread off the hub may do while the database looks for the next."""
        self._flush(collection)
        source = self._database[collection]
        with source.find_raw_batches(query, _projection(fields), session=self._session, batch_size=LOT) as cursor:
            for raw in cursor:
                yield partial(_decoded, raw, source.codec_options, self._collections[collection].read)

    def get_many(self, collection: str, ids: Many[str], fields: Iterable[str] | None = None) -> dict[str, Document]:
        """The documents with these `_id`s, by `_id`; unknown ones are left out."""
        found: dict[str, Document] = {}
        for some in _lists(ids):
            found.update((row["_id"], row) for row in self.find(collection, {"_id": {"$in": some}}, fields=fields))
        return found

    def count(self, collection: str, query: Document) -> int:
        self._flush(collection)
        return int(self._database[collection].count_documents(query, session=self._session))

    def insert(self, collection: str, document: Document) -> None:
        self._write(collection, InsertOne(self._versioned(collection, document)))

    def replace(self, collection: str, document: Document) -> None:
        """Puts the document in place of the one with its `_id`, or adds it."""
        self._write(collection, ReplaceOne({"_id": document["_id"]}, self._versioned(collection, document), True))

    def update(self, collection: str, query: Document, change: Document, upsert: bool = False) -> None:
        """Changes one document. An upsert writes the schema version too."""
        if upsert:
            version = {"schema_version": self._collections[collection].schema_version}
            change = {**change, "$setOnInsert": {**change.get("$setOnInsert", {}), **version}}
        self._write(collection, UpdateOne(query, change, upsert=upsert))

    def update_many(self, collection: str, ids: Many[str], change: Document) -> None:
        """The same change for all documents with these `_id`s; unknown ones are left out."""
        for some in _lists(ids):
            self._write(collection, UpdateMany({"_id": {"$in": some}}, change))

    def delete(self, collection: str, query: Document) -> None:
        self._write(collection, DeleteMany(query))

    def delete_many(self, collection: str, ids: Many[str]) -> None:
        for some in _lists(ids):
            self.delete(collection, {"_id": {"$in": some}})

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        """What was decided, and why: checked against its contract, it leaves through the outbox in this transaction."""
        for fact in facts:
            event_types.check(fact.type, fact.data)
            self.events.append(from_fact(fact, cause, self.source))

    def flush(self) -> None:
        """Sends all that waits, the facts into the outbox."""
        if self.events:
            for row in outbox.rows(self.events):
                self.insert("outbox", row)
        for collection in list(self._pending):
            self._flush(collection)

    def _versioned(self, collection: str, document: Document) -> Document:
        return {**document, "schema_version": self._collections[collection].schema_version}

    def _write(self, collection: str, operation: Any) -> None:
        if self._session is None:
            raise RuntimeError("a safe call (GET) writes nothing; make it a POST, PUT or DELETE")
        self._pending.setdefault(collection, []).append(operation)

    def _flush(self, collection: str) -> None:
        operations = self._pending.pop(collection, None)
        if operations:
            self._database[collection].bulk_write(operations, session=self._session)


def _projection(fields: Iterable[str] | None) -> Document | None:
    """`schema_version` is always read: a document of version N-1 is recognised by it."""
    return None if fields is None else dict.fromkeys(("schema_version", *fields), 1)


def _decoded(raw: bytes, options: Any, read: Callable[[Document], Document]) -> list[Document]:
    return [read(document) for document in bson.decode_all(raw, options)]


def _lists(ids: Many[str]) -> Iterable[list[str]]:
    """The ids in order, each once, IDS_A_READ at a time."""
    known = sorted(set(ids))
    return (known[start:start + IDS_A_READ] for start in range(0, len(known), IDS_A_READ))
