"""An import: what it has read so far, what becomes of each item, and what may expire when it ends.

Of two items with the same id the later one counts, and the earlier one is reported as rejected: so in every report
`read` is the sum of added, updated, unchanged and rejected. `expired` stands beside that sum: postings that ended by
this import, because they vanished from the board or because their closing time has passed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.jobs.feeds.domain.raw import Item, RawPosting, Rejected
from services.jobs.feeds.domain.shaping import Origin, closing_time, fingerprint, is_unclosed, posting_id
from services.jobs.postings.domain.posting import EXPIRED, OPEN, Mark

WAITING, READING, EXPIRING, DONE, FAILED = "waiting", "reading", "expiring", "done", "failed"
ENDED = (DONE, FAILED)
UNCLOSED_NAMED = 10
"""Positions that the note of unreadable closing times names."""
BIG_FEED = 20
"""From so many open postings on, losing more than half of them at once is taken for a fault of the board."""


@dataclass(frozen=True)
class Report:
    """The counts that callers see."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    expired: int = 0
    rejected: int = 0

    def plus(self, other: "Report") -> "Report":
        return Report(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def good(self) -> int:
        return self.added + self.updated + self.unchanged

    @property
    def changed(self) -> bool:
        return bool(self.added + self.updated + self.expired)


@dataclass(frozen=True)
class Import:
    """One file on its way into a feed. `position` items are settled, in `chunks` rows. `whole` says whether the file is
    all of the feed: None where nobody said it. `fetched` ones come from the feed's own address. `open_before` counts
    the feed's open postings from before it began. `unclosed` are the first positions whose closing time cannot be
    read."""

    id: str
    feed: str
    owner: str
    blob: str
    bytes_total: int
    created_at: datetime
    actor: str
    correlation_id: str
    state: str = WAITING
    format: str | None = None
    whole: bool | None = None
    url: str | None = None
    fetched: bool = False
    bytes_read: int = 0
    open_before: int = 0
    position: int = 0
    chunks: int = 0
    report: Report = Report()
    unclosed: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    ended_at: datetime | None = None

    def past(self, chunk: "Candidates", report: Report) -> "Import":
        """The import when the chunk is settled, and has come to this."""
        return replace(self, position=chunk.last_position, chunks=self.chunks + 1, report=self.report.plus(report),
                       unclosed=(*self.unclosed, *chunk.unclosed)[:UNCLOSED_NAMED + 1])

    def noted(self, note: str) -> "Import":
        return replace(self, notes=(*self.notes, note))


@dataclass(frozen=True)
class Candidate:
    """A posting that the file holds."""

    id: str
    position: int
    raw: RawPosting
    fingerprint: str
    state: str


@dataclass(frozen=True)
class Candidates:
    """One chunk of a file, by id, with what was rejected of it."""

    read: int
    last_position: int
    by_id: dict[str, Candidate]
    rejected: list[Rejected]
    unclosed: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Settled:
    """What a chunk comes to: `fresh` are to be added, `changed` (with their sequence) to be replaced."""

    fresh: list[Candidate] = field(default_factory=list)
    changed: list[tuple[Candidate, int]] = field(default_factory=list)
    report: Report = Report()


def candidates(items: Iterable[Item], origin: Origin, last_of: Mapping[str, int], at: datetime) -> Candidates:
    """The chunk's postings and what is rejected of it. `last_of` says where each id stands last in the file."""
    by_id: dict[str, Candidate] = {}
    rejected: list[Rejected] = []
    unclosed: list[int] = []
    read = last = 0
    for position, item in items:
        read, last = read + 1, position
        if isinstance(item, Rejected):
            rejected.append(item)
            continue
        source_id = item.source_id or ""
        if last_of.get(source_id, position) != position:
            rejected.append(Rejected(position, f"same id as position {last_of[source_id]}"))
            continue
        identity = posting_id(origin.feed, source_id)
        closes_at = closing_time(item, origin)
        state = EXPIRED if closes_at is not None and closes_at <= at else OPEN
        by_id[identity] = Candidate(identity, position, item, fingerprint(item, origin), state)
        if is_unclosed(item, origin):
            unclosed.append(position)
    return Candidates(read, last, by_id, rejected, unclosed)


def settle(chunk: Candidates, known: Mapping[str, Mark]) -> Settled:
    """What is new, what changed, and what is as it was."""
    found = Settled()
    unchanged = expired = 0
    for identity, each in chunk.by_id.items():
        stored = known.get(identity)
        if stored is None:
            found.fresh.append(each)
        elif (stored.fingerprint, stored.state) == (each.fingerprint, each.state):
            unchanged += 1
        else:
            found.changed.append((each, stored.sequence + 1))
        expired += each.state == EXPIRED and (stored is None or stored.state == OPEN)
    return replace(found, report=Report(
        chunk.read, len(found.fresh), len(found.changed), unchanged, expired, len(chunk.rejected)))


def unclosed_note(work: Import) -> str | None:
    """What is to be said of postings whose closing time cannot be read; None where there are none."""
    if not work.unclosed:
        return None
    named = ", ".join(map(str, work.unclosed[:UNCLOSED_NAMED])) + (" and more" * (len(work.unclosed) > UNCLOSED_NAMED))
    return (f"The closing time at position {named} cannot be read: what stands there is imported, and stays open until "
            "the board drops it.")


def why_nothing_expires(work: Import, vanished: int) -> str | None:
    """Why the feed's open postings that are not in the file stay; None when they may expire.

    A caller who says that the file is the whole feed is believed.
    """
    if work.whole is False:
        return "The file is a part of the feed, so what is not in it stays."
    is_empty = work.whole and not work.report.read
    if not work.report.good and not is_empty:
        return "No posting could be read, so none expires."
    if work.whole is None and work.open_before >= BIG_FEED and vanished * 2 > work.open_before:
        return (f"{vanished} of {work.open_before} postings are not in the file: taken for a fault of the board, none "
                "expires. Send the file with whole=true if it is right.")
    return None
