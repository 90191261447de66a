"""The deliveries on state in memory: what the hearer, the sender and the gateway see is one and the same."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from pymongo.errors import DuplicateKeyError

from contracts.event_types import all_types
from gateway.deliveries.attempting import Outcome, attempt
from gateway.deliveries.collections import COLLECTIONS
from gateway.deliveries.domain import signing
from gateway.deliveries.domain import subscriptions as rules
from gateway.deliveries.sealing import seal
from gateway.deliveries.sending import Desk
from gateway.deliveries.service import Deliveries
from gateway.deliveries.store import DeliveryStore
from libranet.clock import now, rfc3339
from libranet.ids import new_id
from libranet.testing import MemoryWork, an_event, apply_change, matches

ISSUED = "org.libranet.credentials.credential-issued.v1"
SHARED = "org.libranet.credentials.credential-shared.v1"
OFFERED = "org.libranet.learning.course-offered.v1"
PROFILES = "org.libranet.profiles."
COLLEGE = "demo.lakeside-college"


class MemoryCollection:
    """As much of a pymongo collection as the gateway's store uses."""

    def __init__(self, rows: dict[str, Any], version: int) -> None:
        self._rows = rows
        self._version = version

    def find(self, query: dict[str, Any]) -> "MemoryCursor":
        for row in self._rows.values():
            row.setdefault("schema_version", self._version)  # as a real work writes it
        return MemoryCursor([row for row in self._rows.values() if matches(row, query)])

    def find_one(self, query: dict[str, Any]) -> Any:
        return next(iter(self.find(query)), None)

    def count_documents(self, query: dict[str, Any]) -> int:
        return len(self.find(query))

    def insert_one(self, row: dict[str, Any]) -> None:
        if row["_id"] in self._rows:
            raise DuplicateKeyError("E11000")
        self._rows[row["_id"]] = row

    def delete_one(self, query: dict[str, Any]) -> None:
        self._rows.pop(query["_id"], None)

    def replace_one(self, query: dict[str, Any], row: dict[str, Any]) -> None:
        if self.find_one(query) is not None:
            self._rows[row["_id"]] = row

    def update_one(self, query: dict[str, Any], change: dict[str, Any], upsert: bool = False) -> Any:
        row = self.find_one(query)
        matched = SimpleNamespace(matched_count=int(row is not None))
        if row is None and upsert:
            row = self._rows[query["_id"]] = {"_id": query["_id"], **change.get("$setOnInsert", {})}
        if row is not None:
            apply_change(row, {name: change[name] for name in change if name not in ("$setOnInsert", "$pull")})
            for name, value in change.get("$pull", {}).items():
                row[name] = [each for each in row[name] if each != value]
        return matched


class MemoryCursor(list[Any]):
    def sort(self, key: str, direction: int) -> "MemoryCursor":  # type: ignore[override]
        return MemoryCursor(sorted(self, key=lambda row: row[key], reverse=direction < 0))

    def limit(self, count: int) -> "MemoryCursor":
        return MemoryCursor(self[:count])


class Stage:
    """Stands in for libranet.mongo.Database, and hears, sends and looks in for the tests."""

    def __init__(self, state: dict[str, dict[str, Any]] | None = None) -> None:
        self.state: dict[str, dict[str, Any]] = state if state is not None else {}
        self.work()
        self.woken = 0
        self.published: list[Any] = []
        self.desk = Desk(self, draw=lambda: 0.0)

    def work(self) -> MemoryWork:
        return MemoryWork(Deliveries.collections, "deliveries", self.state)

    reading = work

    def transact(self, effect: Callable[[Any], Any]) -> Any:
        work = self.work()
        result = effect(work)
        self.published += work.events
        for call in work.after_commit:
            call()
        return result

    def collections(self) -> dict[str, MemoryCollection]:
        versions = {each.name: each.schema_version for each in COLLECTIONS}
        return {name: MemoryCollection(rows, versions.get(name, 1)) for name, rows in self.state.items()}

    def hear(self, *events: Any) -> list[Any]:
        """One batch, one transaction; gives the events that it published."""
        work = self.work()
        Deliveries().facts(list(events), DeliveryStore(work))  # type: ignore[arg-type]
        self.woken += len(work.after_commit)
        return work.events

    def subscribe(self, *types: str, node: str = COLLEGE, url: str = "https://college.example.org/hook",
                  delivery: str = "webhook") -> str:
        identity, secret, made_at = new_id(), signing.new_secret(), now() - timedelta(days=10)
        self.state["subscriptions"][identity] = rules.new(identity, node, delivery, types or ("*",), made_at) | {
            "url": url, "secret": seal(secret, identity), "digest": "", "secret_for_tests": secret}
        return identity

    def told(self, node: str = COLLEGE) -> list[Any]:
        """What lies in a partner's stream, in order."""
        rows = [row for row in self.state["partner_events"].values() if row["_id"].startswith(f"{node}|")]
        return sorted(rows, key=lambda row: int(row["_id"].rpartition("|")[2]))

    def deliveries(self) -> list[Any]:
        return sorted(self.state["deliveries"].values(), key=lambda row: row["position"])

    def send(self, send: Callable[..., Any] = attempt) -> list[Any]:
        """One turn of the sender; gives the deliveries as they stand then."""
        self.desk.collect()
        jobs, outcomes = self.desk.next_jobs()
        self.desk.settle([*outcomes, *(Outcome(job.due, send(job)) for job in jobs)])
        return self.deliveries()

    def make_due(self, rows: Iterable[Any]) -> None:
        """As if their time had come, in a process that starts now."""
        for row in rows:
            row["next_attempt_at"] = now() - timedelta(seconds=1)
        self.desk = Desk(self, draw=lambda: 0.0)
        self.desk.load()


def credential(patron: str, type_name: str = ISSUED, **more: Any) -> Any:
    """A credential event about a patron."""
    data = {**all_types()[type_name].schema["examples"][0], "patron": patron, "credential": new_id()}
    return an_event(type_name, data, subject=data["credential"], **more)


def course(owner: str = "demo.riverside") -> Any:
    data = {**all_types()[OFFERED].schema["examples"][0], "course": new_id()}
    return an_event(OFFERED, data, subject=data["course"], owner=owner)


def consent(patron: str, granted: bool = True, sequence: int = 1, recipient: str = COLLEGE,
            purpose: str = "share-credentials", decided_at: datetime | None = None,
            expires_at: datetime | None = None) -> Any:
    data = {"patron": patron, "purpose": purpose, "recipient": recipient, "decided_at": rfc3339(decided_at or now())}
    if expires_at:
        data["expires_at"] = rfc3339(expires_at)
    kind = "consent-given" if granted else "consent-withdrawn"
    return an_event(f"{PROFILES}{kind}.v1", data, subject=f"{patron}-{recipient}-{purpose}", sequence=sequence)


def erased(patron: str) -> Any:
    return an_event(f"{PROFILES}patron-erased.v1", {
        "patron": patron, "erasure": new_id(), "requested_at": rfc3339(now())}, subject=patron)
