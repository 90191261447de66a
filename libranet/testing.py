"""Fakes for fast tests: a `MemoryWork` that behaves like `libranet.work.Work` on plain dictionaries.

It knows equality, $in, $gt(e), $lt(e), $ne, $exists and $or, and the updates $set, $inc, $setOnInsert, $unset, $push
and $addToSet: what stores may use. Anything else raises, so a store cannot pass here and fail on MongoDB.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.datastructures import Headers

from contracts import event_types
from contracts.principal import Principal
from libranet.calls import CallRequest
from libranet.clock import now
from libranet.cloudevent import Cause, Event, Fact, from_fact
from libranet.collection import CORE_COLLECTIONS, Collection, Document
from libranet.ids import keyed_id, new_id
from libranet.work import Lot


class OutsideSubset(ValueError):
    """A query or an update that MemoryWork would only pretend to know."""


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$in": lambda value, wanted: value in wanted if not isinstance(value, list) else any(v in wanted for v in value),
    "$ne": lambda value, wanted: value != wanted,
    "$gt": lambda value, wanted: value is not None and value > wanted,
    "$gte": lambda value, wanted: value is not None and value >= wanted,
    "$lt": lambda value, wanted: value is not None and value < wanted,
    "$lte": lambda value, wanted: value is not None and value <= wanted,
    "$exists": lambda value, wanted: (value is not None) == wanted,
}
UPDATES: dict[str, Callable[[Document, str, Any], Any]] = {
    "$set": lambda place, name, operand: place.update({name: copy.deepcopy(operand)}),
    "$setOnInsert": lambda place, name, operand: None,
    "$inc": lambda place, name, operand: place.update({name: place.get(name, 0) + operand}),
    "$unset": lambda place, name, operand: place.pop(name, None),
    "$push": lambda place, name, operand: place.setdefault(name, []).append(copy.deepcopy(operand)),
    "$addToSet": lambda place, name, operand: (
        operand in place.setdefault(name, []) or place[name].append(copy.deepcopy(operand))),
}


class MemoryWork:
    """State in dictionaries; facts in `events`. Share `state` between works to go on with what one left."""

    def __init__(self, collections: Iterable[Collection], source: str,
                 state: dict[str, dict[str, Document]] | None = None) -> None:
        self.source = source
        self.events: list[Event] = []
        self.after_commit: list[Callable[[], None]] = []
        self.state = state if state is not None else {}
        for each in (*CORE_COLLECTIONS, *collections):
            self.state.setdefault(each.name, {})

    def get(self, collection: str, document_id: str) -> Document | None:
        return copy.deepcopy(self.state[collection].get(document_id))

    def find(self, collection: str, query: Document, sort: list[tuple[str, int]] | None = None,
             limit: int = 0, fields: Iterable[str] | None = None) -> list[Document]:
        found = [copy.deepcopy(each) for each in self.state[collection].values() if matches(each, query)]
        for key, direction in reversed(sort or []):
            found.sort(key=lambda each: value_at(each, key), reverse=direction < 0)
        shown = None if fields is None else {"_id", *(each.split(".")[0] for each in fields)}  # `a.b` shows all of a
        return [{name: value for name, value in each.items() if shown is None or name in shown}
                for each in (found[:limit] if limit else found)]

    def each(self, collection: str, query: Document, fields: Iterable[str] | None = None,
             sort: list[tuple[str, int]] | None = None, limit: int = 0) -> Iterator[Document]:
        return iter(self.find(collection, query, sort, limit, fields))

    def lots(self, collection: str, query: Document, fields: Iterable[str] | None = None) -> Iterator[Lot[Document]]:
        yield lambda: self.find(collection, query, fields=fields)

    def get_many(self, collection: str, ids: Iterable[str], fields: Iterable[str] | None = None) -> dict[str, Document]:
        return {row["_id"]: row for row in self.find(collection, {"_id": {"$in": sorted(set(ids))}}, fields=fields)}

    def count(self, collection: str, query: Document) -> int:
        return len(self.find(collection, query))

    def insert(self, collection: str, document: Document) -> None:
        if document["_id"] in self.state[collection]:
            raise ValueError(f"{collection} has {document['_id']} already: MongoDB would refuse the whole work")
        self.state[collection][document["_id"]] = copy.deepcopy(document)

    def replace(self, collection: str, document: Document) -> None:
        self.state[collection][document["_id"]] = copy.deepcopy(document)

    def update(self, collection: str, query: Document, change: Document, upsert: bool = False) -> None:
        for each in self.state[collection].values():
            if matches(each, query):
                apply_change(each, change)
                return
        if upsert:
            fresh = {key: value for key, value in query.items() if not isinstance(value, dict)}
            apply_change(fresh, {**change, "$set": {**change.get("$setOnInsert", {}), **change.get("$set", {})}})
            self.state[collection][fresh["_id"]] = fresh

    def update_many(self, collection: str, ids: Iterable[str], change: Document) -> None:
        for each in set(ids):
            self.update(collection, {"_id": each}, change)

    def delete_many(self, collection: str, ids: Iterable[str]) -> None:
        self.delete(collection, {"_id": {"$in": sorted(set(ids))}})

    def delete(self, collection: str, query: Document) -> None:
        rows = self.state[collection]
        for key in [key for key, each in rows.items() if matches(each, query)]:
            del rows[key]

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        for fact in facts:
            event_types.check(fact.type, fact.data)
            self.events.append(from_fact(fact, cause, self.source))


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path, or None; of a list on the way, the values in each of its documents."""
    part, _, rest = path.partition(".")
    if isinstance(document, list):
        return [value_at(each, path) for each in document]
    value = document.get(part) if isinstance(document, dict) else None
    return value_at(value, rest) if rest else value


def matches(document: Document, query: Document) -> bool:
    """Whether a document answers a query of the subset above."""
    return all(_matches_one(document, key, wanted) for key, wanted in query.items())


def _matches_one(document: Document, key: str, wanted: Any) -> bool:
    if key == "$or":
        return any(matches(document, each) for each in wanted)
    if key.startswith("$"):
        raise OutsideSubset(key)
    value = value_at(document, key)
    if isinstance(wanted, dict) and any(part.startswith("$") for part in wanted):
        return all(_known(COMPARISONS, operator)(value, operand) for operator, operand in wanted.items())
    return bool(wanted in value if isinstance(value, list) and not isinstance(wanted, list) else value == wanted)


def apply_change(document: Document, change: Document) -> None:
    """Applies an update of the subset above to top-level or dotted members."""
    for operator, members in change.items():
        for path, operand in members.items():
            *parents, last = path.split(".")
            place = document
            for part in parents:
                place = place.setdefault(part, {})
            _known(UPDATES, operator)(place, last, operand)


def _known(operators: dict[str, Callable[..., Any]], name: str) -> Callable[..., Any]:
    if name not in operators:
        raise OutsideSubset(name)
    return operators[name]


def a_principal(node: str = "demo.riverside", *scopes: str, actor: str = "client-1",
                kind: str = "library") -> Principal:
    """Somebody at a node."""
    return Principal(actor=actor, kind=kind, node=node, scopes=scopes, request_id="request-1")


def a_request(body: Any = None, principal: Principal | None = None, path: dict[str, str] | None = None,
              query: dict[str, Any] | None = None, raw: bytes = b"", headers: dict[str, str] | None = None,
              url: str = "/") -> CallRequest:
    """A call as a service method gets it, body loaded; sent as JSON unless `headers` say otherwise."""
    who = principal or a_principal()
    request_id = new_id()
    sent = Headers({"Content-Type": "application/json", **(headers or {})})
    return CallRequest(id=request_id, principal=who, path=path or {}, query=query or {}, body=body, raw=raw,
                       headers=sent, url=url, cause=Cause(who.actor, request_id, request_id))


def an_event(type_name: str, data: dict[str, Any], subject: str = "subject-1", owner: str = "demo.riverside",
             sequence: int = 1, number: int = 1) -> Event:
    """An event as a hearer gets it, held to its contract; `number` tells otherwise equal ones apart."""
    event_types.check(type_name, data)
    return Event(id=keyed_id("test", type_name, subject, str(sequence), str(number)), type=type_name,
                 source=type_name.split(".")[2], subject=subject, time=now(), owner=owner, actor="client-1",
                 sequence=sequence, correlation_id="conversation-1", causation_id="request-1", data=data)
