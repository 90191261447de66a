"""What a service keeps: each collection with its retention, its indexes and its schema version.

A collection without a retention cannot be declared; `Retention.forever` has to say why no clock ends it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from libranet.ids import keyed_id

Document = dict[str, Any]
INBOX_DAYS = 36
"""Longer than the archive keeps events (35 days), so that no replay finds an inbox row gone."""
ARCHIVE_DAYS = 35
IDEMPOTENCY_DAYS = 2
AUDIT_DAYS = 730


@dataclass(frozen=True)
class Retention:
    """How long a collection's documents are kept: for days after the time in `field`, or as `why` says."""

    why: str
    days: int | None = None
    field: str | None = None

    @classmethod
    def of_days(cls, days: int, field: str, why: str) -> "Retention":
        return cls(why, days, field)

    @classmethod
    def forever(cls, why: str) -> "Retention":
        """No clock ends it; `why` says what does (an erasure, the end of a contract), or why nothing may."""
        return cls(why)


@dataclass(frozen=True)
class Index:
    """Ascending keys, in order."""

    keys: tuple[str, ...]
    unique: bool = False

    def __init__(self, *keys: str, unique: bool = False) -> None:
        object.__setattr__(self, "keys", keys)
        object.__setattr__(self, "unique", unique)


@dataclass(frozen=True)
class Collection:
    """A collection with its retention. `upgrade` turns a document of version N-1 into the present one.

    Processes of the release before work beside it: they read what was upgraded, and what they put in a document's
    place says their version, with the newer members or without. So an upgrade adds what is missing and nothing else
    (`{**added, **document}`); what has the present form stays as it is. A member that nobody needs any more is taken
    away by the release after. A document may come with only some of its members.
    """

    name: str
    retention: Retention
    indexes: tuple[Index, ...] = ()
    schema_version: int = 1
    upgrade: Callable[[Document], Document] | None = None
    personal: bool = False

    def read(self, document: Document) -> Document:
        """The document in its present form."""
        if self.upgrade is not None and document.get("schema_version", 1) < self.schema_version:
            document = {**self.upgrade(document), "schema_version": self.schema_version}
        return document


def _with_keyed_subject(document: Document) -> Document:
    """Entries of the first version had no kind and named the person; what is sealed never does."""
    if "kind" in document or "subject" not in document:
        return document
    return {**document, "kind": "", "subject": keyed_id("audit", document["subject"])}


AUDIT = Collection("audit", Retention.forever("until they are sealed into a block, about a second later"),
                   schema_version=2, upgrade=_with_keyed_subject)
CORE_COLLECTIONS = (
    Collection("outbox", Retention.forever("until the broker has confirmed it; then it moves to the archive")),
    Collection("archive", Retention.of_days(ARCHIVE_DAYS, "recorded_at", "replays feed new and restored hearers"),
               (Index("recorded_at"),)),
    Collection("inbox", Retention.of_days(INBOX_DAYS, "handled_at", "longer than a replay reaches back")),
    Collection("quarantine", Retention.of_days(90, "last_seen_at", "time to repair and replay"),
               (Index("queue"),)),
    Collection("leases", Retention.forever("one small row per lease")),
    Collection("writers", Retention.of_days(7, "started_at", "transactions of dead processes are ended by these")),
    Collection("idempotency", Retention.of_days(IDEMPOTENCY_DAYS, "answered_at", "clients retry within hours"),
               (Index("about"),), personal=True),
    AUDIT,
    Collection("audit_blocks", Retention.of_days(AUDIT_DAYS, "sealed_at", "two years, as library record laws expect "
                                                 "an answer; ids and keyed ids only"), (Index("subjects"),)),
    Collection("audit_heads", Retention.forever("one row: the newest block of the chain")),
)
