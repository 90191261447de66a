"""What could not be handled, set aside with its reason; `libranet quarantine` lists, shows, replays and drops it.

A row is keyed by queue and event (by the body's hash where there is no readable event), so copies of one event make
one row. Setting aside writes the inbox row too: a second copy of a quarantined event is a duplicate.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from libranet import metrics, settings
from libranet.clock import now
from libranet.logs import log
from libranet.mongo import Database
from libranet.work import Work

LARGEST_BODY = 15 * 2**20  # a document holds 16 MiB; no event of ours is larger, of others the beginning is enough


@dataclass(frozen=True)
class Poison:
    """A message body that is not handled, and why. `event_id` is None when the body is no event."""

    event_id: str | None
    body: bytes
    reason: str

    @property
    def key(self) -> str:
        return self.event_id or hashlib.sha256(self.body).hexdigest()


def quarantine_limit() -> int:
    """At so many rows a hearer stops and waits for a person (`QUARANTINE_LIMIT`)."""
    return settings.number("QUARANTINE_LIMIT", 1000)


def set_aside(database: Database, queue: str, poison: Sequence[Poison]) -> None:
    """Stores each with its reason and marks it as handled, in one transaction."""
    def effect(work: Work) -> None:
        seen_at = now()
        keys = [f"{queue}|{each.key}" for each in poison]
        known = set(work.get_many("inbox", keys))
        for key, each in zip(keys, poison, strict=True):
            work.update("quarantine", {"_id": key}, {
                "$set": {"queue": queue, "reason": each.reason[:1000], "body": each.body[:LARGEST_BODY],
                         "last_seen_at": seen_at},
                "$setOnInsert": {"first_seen_at": seen_at}, "$inc": {"times": 1}}, upsert=True)
            if key not in known:
                known.add(key)
                work.insert("inbox", {"_id": key, "handled_at": seen_at})

    database.transact(effect)
    metrics.QUARANTINED.labels(queue).inc(len(poison))
    for each in poison:
        log().error("an event is quarantined", queue=queue, event_id=each.key, reason=each.reason[:200])


def release(database: Database, key: str, send: Callable[[bytes], object]) -> None:
    """Sends one row's body again and takes it out of quarantine; raises KeyError when it is unknown.

    The row goes last, or what could not be sent would be lost; it stays when the event came back meanwhile.
    """
    row = database.reading().get("quarantine", key)
    if row is None:
        raise KeyError(key)
    database.transact(lambda work: work.delete("inbox", {"_id": key}))
    send(bytes(row["body"]))
    database.transact(lambda work: work.delete("quarantine", {"_id": key, "times": row["times"]}))
