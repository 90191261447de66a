"""MongoDB as a service sees it: its own database, long-lived writers, and transactions that end well or not at all.

The client never waits for the server at start-up: reads and writes raise until it is there, which calls answer with
503 and hearers sit out.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from bson import Binary
from nameko.extensions import SharedExtension
from pymongo import IndexModel, MongoClient, errors
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from libranet import settings
from libranet.clock import now
from libranet.collection import CORE_COLLECTIONS, Collection, Document
from libranet.logs import log
from libranet.work import Work

Result = TypeVar("Result")
TRANSACTION_DEADLINE_SECONDS = 15
NAMESPACE_EXISTS, INDEX_DIFFERS = 48, (85, 86)
UNDECIDED = "UnknownTransactionCommitResult"
FAULTS = (2, 9, 14, 15, 257, 313, 10334, 17419, 17420)
"""Codes of a request that will never succeed: bad values, types and queries, documents and transactions too large."""
DUPLICATE_RERUNS = 2
"""A rival may have committed the same `_id` first; the effect reads it on its next run. More is a fault of its own."""


@dataclass
class _Writers:
    """Long-lived sessions, one per concurrent writer; their ids outlive the process in `writers`."""

    client: MongoClient[Document]
    database: Any
    holder: str
    free: list[ClientSession] = field(default_factory=list)

    def end_predecessors(self) -> None:
        """Ends the transactions that a killed predecessor of this process left open (else they block for a minute)."""
        rows = list(self.database.writers.find({"holder": self.holder}))
        if rows:
            self.client.admin.command("killSessions", [{"id": Binary(row["lsid"], 4)} for row in rows])
            self.database.writers.delete_many({"_id": {"$in": [row["_id"] for row in rows]}})

    def take(self) -> ClientSession:
        try:
            return self.free.pop()
        except IndexError:  # asking first would race between threads
            pass
        session = self.client.start_session(causal_consistency=False)
        lsid = bytes(session.session_id["id"])
        self.database.writers.replace_one(  # the driver gives an ended session's id out again
            {"_id": lsid.hex()},
            {"lsid": lsid, "holder": self.holder, "started_at": now(), "schema_version": 1}, upsert=True)
        return session


class Database(SharedExtension):
    """This service's own database, shared by all that runs in the process.

    Settings: `MONGO_URI`, `LIBRANET_INSTANCE` (the replica's stable name; by default service and host). It has no
    `stop`: nameko stops all shared extensions at once, and the relay's last pass needs the client until the end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wake_relay: Callable[[], None] = lambda: None  # the relay's set-up may come before this one's

    def setup(self) -> None:
        service = self.container.service_cls
        self.connect(self.container.service_name, getattr(service, "collections", ()),
                     getattr(service, "database_name", None))

    def connect(self, service: str, collections: Iterable[Collection], name: str | None = None,
                holder: str | None = None) -> "Database":
        """Connects without waiting for the server: reads and writes raise until it is there."""
        self.service = service
        self.collections = {each.name: each for each in (*CORE_COLLECTIONS, *collections)}
        self.client: MongoClient[Document] = connect()
        self.database = self.client[name or f"libranet_{service}"].with_options(
            write_concern=WriteConcern("majority"), read_concern=ReadConcern("majority"))
        self.holder = holder or settings.get("LIBRANET_INSTANCE", f"{service}@{socket.gethostname()}")
        self._writers = _Writers(self.client, self.database, self.holder)
        self._ready = False
        self._preparing = threading.Lock()
        return self

    def prepare(self) -> None:
        """Creates what is missing (collections first: creating them inside a transaction conflicts) and ends a
        killed predecessor's transactions. Once per process; safe to repeat and to run in several replicas."""
        with self._preparing:  # a second one would end the transactions that the first lets begin
            if not self._ready:
                self._prepare()
                self._ready = True

    def _prepare(self) -> None:
        present = set(self.database.list_collection_names())
        for collection in self.collections.values():
            if collection.name not in present:
                self._create(collection)
        changed = [name for name, index in self._indexes() if not self._index(name, index)]
        self._writers.end_predecessors()
        if changed:
            log().warning("a retention has changed, and the one before counts until `libranet migrate` has run",
                          database=self.database.name, collections=changed)

    def change_lifetimes(self) -> int:
        """Gives each index that stands with another lifetime (a changed retention) the declared one; how many. Needs
        the operator's account: the role of a service's, `readWrite`, has no `collMod`."""
        changed = [(name, index) for name, index in self._indexes() if not self._index(name, index)]
        for name, index in changed:
            self.database.command("collMod", name, index={
                "keyPattern": dict(index.document["key"]), "expireAfterSeconds": index.document["expireAfterSeconds"]})
        return len(changed)

    def _indexes(self) -> Iterator[tuple[str, IndexModel]]:
        return ((each.name, index) for each in self.collections.values() for index in _index_models(each))

    def _create(self, collection: Collection) -> None:
        try:
            self.database.create_collection(collection.name)
        except (errors.CollectionInvalid, errors.OperationFailure) as error:
            if getattr(error, "code", NAMESPACE_EXISTS) not in (None, NAMESPACE_EXISTS):
                raise

    def _index(self, collection: str, index: IndexModel) -> bool:
        """Creates it where it is missing. False where it stands with another lifetime."""
        try:
            self.database[collection].create_indexes([index])
        except errors.OperationFailure as error:
            if error.code not in INDEX_DIFFERS or "expireAfterSeconds" not in index.document:
                raise
            return False
        return True

    def reading(self) -> Work:
        """A work that only reads, outside any transaction."""
        self.prepare()
        return Work(self.database, self.collections, self.service)

    def transact(self, effect: Callable[[Work], Result]) -> Result:
        """Runs `effect` in one transaction and commits it; runs it again after a conflict, so it must be repeatable.

        Raises what `effect` raises (nothing is written then), or PyMongoError when the database does not take it
        within TRANSACTION_DEADLINE_SECONDS.
        """
        self.prepare()
        deadline = time.monotonic() + TRANSACTION_DEADLINE_SECONDS
        duplicates = 0
        while True:
            try:
                return self._attempt(effect, deadline)
            except PyMongoError as error:
                duplicates += is_duplicate(error)
                again = error.has_error_label("TransientTransactionError") or 0 < duplicates <= DUPLICATE_RERUNS
                if not again or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _attempt(self, effect: Callable[[Work], Result], deadline: float) -> Result:
        session = self._writers.take()
        try:
            session.start_transaction(write_concern=WriteConcern("majority"))
            work = Work(self.database, self.collections, self.service, session)
            result = effect(work)
            work.flush()
            _commit(session, deadline)
            if work.events:
                self.wake_relay()
            for call in work.after_commit:
                call()
        except BaseException as error:
            _abandon(session, broken=isinstance(error, PyMongoError) or not isinstance(error, Exception))
            if not session.has_ended:
                self._writers.free.append(session)
            raise
        self._writers.free.append(session)
        return result


def connect() -> MongoClient[Document]:
    """A client of `MONGO_URI` that gives up early, so that a dead database is noticed within seconds."""
    return MongoClient(
        settings.secret("MONGO_URI"), serverSelectionTimeoutMS=3000, connectTimeoutMS=2000, socketTimeoutMS=10000,
        tz_aware=True, maxPoolSize=32,
    )


def is_duplicate(error: Exception) -> bool:
    """Whether the database refused an `_id` (or a unique key) that is there already."""
    return isinstance(error, errors.DuplicateKeyError) or "E11000" in str(error)


def is_outage(error: PyMongoError) -> bool:
    """Whether the same step may succeed later. False for what the step itself is to blame for."""
    if error.has_error_label("TransientTransactionError"):
        return True
    if isinstance(error, errors.BulkWriteError):
        return not error.details["writeErrors"]
    own_fault = isinstance(error, (errors.WriteError, errors.InvalidOperation))
    return not own_fault and getattr(error, "code", None) not in FAULTS


def _commit(session: ClientSession, deadline: float) -> None:
    """Commits; an unknown outcome is asked again. If the server forgot it meanwhile (the stand-in does when it is
    killed), it stays unknown: to run the effect again might double it."""
    unknown: PyMongoError | None = None
    while True:
        try:
            session.commit_transaction()
            return
        except PyMongoError as error:
            if not error.has_error_label(UNDECIDED) or time.monotonic() > deadline:
                raise (unknown or error) from None
            unknown = error
            time.sleep(0.05)


def _abandon(session: ClientSession, broken: bool) -> None:
    try:
        if session.in_transaction:
            session.abort_transaction()
    except PyMongoError:
        broken = True
    if broken:
        session.end_session()


def _index_models(collection: Collection) -> Iterable[IndexModel]:
    for index in collection.indexes:
        keys = [(key, 1) for key in index.keys]
        retention = collection.retention
        if retention.field is None or index.keys != (retention.field,):
            yield IndexModel(keys, unique=index.unique)
    if collection.retention.days is not None and collection.retention.field is not None:
        lifetime = int(timedelta(days=collection.retention.days).total_seconds())
        yield IndexModel([(collection.retention.field, 1)], expireAfterSeconds=lifetime)
