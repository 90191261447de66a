"""What a service holds about a person, to be shown to that person: collection by collection, with the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from libranet.clock import rfc3339
from libranet.collection import CORE_COLLECTIONS, Collection, Document
from libranet.work import Work

ANSWERS = next(each for each in CORE_COLLECTIONS if each.name == "idempotency")
BOOKKEEPING = ("schema_version", "touched", "_id")
"""Of the machinery; it says nothing of anybody. `_id` is shown as `id`."""


@dataclass(frozen=True)
class Holding:
    """The records of one collection; `what` says in words what they are."""

    collection: Collection
    what: str
    records: list[Document]


def shown(holding: Holding) -> dict[str, Any]:
    """As contracts/calls/collected.py describes it; times as text, bytes as how many there are."""
    return {
        "collection": holding.collection.name, "what": holding.what, "why": holding.collection.retention.why,
        "days": holding.collection.retention.days, "records": [plain(each) for each in holding.records]}


def of(collections: Iterable[Collection], words: Mapping[str, str],
       records: Mapping[str, list[Document]]) -> list[Holding]:
    """A holding for each collection that `words` describe; `records` are by collection too."""
    known = {each.name: each for each in collections}
    return [Holding(known[name], what, records[name]) for name, what in words.items()]


def kept_answers(work: Work, person: str) -> Holding:
    """Answers about the person that are kept for a repetition of the same request."""
    rows = work.find(ANSWERS.name, {"about": person})
    records = [{"answered_at": row["answered_at"], "status": row["status"], "answer": orjson.loads(row["body"])}
               for row in rows]
    return Holding(ANSWERS, "Answers that were given about you, for whoever asks the same again.", records)


def plain(value: Any) -> Any:
    """As JSON can hold it."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        named = {"id": value["_id"]} if "_id" in value else {}
        return named | {str(name): plain(each) for name, each in value.items() if name not in BOOKKEEPING}
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value
