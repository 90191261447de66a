"""One import from its file to its report, in chunks of one transaction each.

A chunk's postings and the progress commit together, so a killed import goes on after its last chunk and doubles
nothing. The file is read twice: first to know where each id stands last and which postings are gone, then to import
it. What computes (reading, cleaning, finding skills) runs aside, not in the event loop. Knows no nameko.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from libranet.blobs import BlobGone, Blobs
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.work import Work
from services.jobs.feeds.adapters.shape import PAGE, Context, FeedUnreadable
from services.jobs.feeds.domain import facts
from services.jobs.feeds.domain.feed import Feed
from services.jobs.feeds.domain.imports import (
    DONE,
    ENDED,
    EXPIRING,
    FAILED,
    READING,
    WAITING,
    Candidate,
    Candidates,
    Import,
    Report,
    Settled,
    candidates,
    settle,
    unclosed_note,
    why_nothing_expires,
)
from services.jobs.feeds.domain.raw import Item, Rejected
from services.jobs.feeds.domain.shaping import posting_id, shape
from services.jobs.feeds.feed_file import FeedFile
from services.jobs.feeds.store import FeedStore
from services.jobs.postings.domain.posting import Extractor, Mark, Posting
from services.jobs.postings.store import PostingStore
from services.jobs.skills.store import SkillStore

CHUNK_ITEMS = 100
COPIED_BYTES = 2**18
KEPT = "What was imported until then stays, as the report counts it."
LOOKED_AT = 2000
"""Items that are looked at in one piece, so that the imports beside it go on."""


@dataclass(frozen=True)
class Means:
    """What an import works with; tests bring their own. `extract` finds skills by the taxonomy and corrections of
    `revision`, `aside` runs what computes, `held` says whether the import is still ours, and has to be asked every
    second or so."""

    database: Any
    blobs: Blobs
    extract: Extractor
    revision: Callable[[], int]
    aside: Callable[[Callable[[], Any]], Any]
    held: Callable[[], bool]


class NoLongerOurs(Exception):
    """Another process goes on with the import."""


class FormerSkills(Exception):
    """Taxonomy or corrections have changed since a chunk's skills were found."""


class Run:
    """An import in hand. `step` does its next piece; the caller sees to it that nobody else does the same."""

    def __init__(self, means: Means, work: Import, feed: Feed) -> None:
        self.work, self._means, self._feed = work, means, feed
        self._opened: FeedFile | None = None
        self._all_known = False
        self._vanished: list[str] | None = None
        self._in_hand: tuple[list[Item], FeedUnreadable | None] | None = None

    def step(self) -> bool:
        """Does the next piece; says whether the import has ended."""
        try:
            if self.work.state in ENDED:
                return True
            if self._opened is None:
                self._open()
            elif not self._all_known:
                self._all_known = self._means.aside(lambda: self._file.look_ahead(LOOKED_AT))
            elif self.work.state == EXPIRING:
                self._expire_on()
            elif (left := self.work.position - self._file.passed) > 0:
                self._means.aside(lambda: self._file.pass_over(min(LOOKED_AT, left)))
            else:
                self._read_on()
        except FeedUnreadable as reason:
            read = self.work.position
            self._give_up(f"The file {f'breaks off after {read} items' if read else 'cannot be read'}: {reason}.")
        except BlobGone:
            self._give_up("The file is gone; send it again.")
        return self.work.state in ENDED

    def fail(self, note: str) -> None:
        """Ends it for a reason that is not the file's."""
        self._end(FAILED, note)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _give_up(self, note: str) -> None:
        self._end(FAILED, f"{note} {KEPT}" if self.work.report.changed else note)

    @property
    def _file(self) -> FeedFile:
        assert self._opened is not None
        return self._opened

    def _open(self) -> None:
        """The file comes to a local disk, where it can be read in another thread and sought."""
        self._opened = FeedFile(Context(self._feed.country, self.work.url))
        with self._means.blobs.open(self.work.blob) as source:
            while piece := source.read(COPIED_BYTES):
                self._file.add(piece)
                self._hold()
        open_before = self.work.open_before
        if self.work.state == WAITING:
            open_before = len(PostingStore(self._means.database.reading()).open_ids_of(self.work.feed))
        form = self._means.aside(lambda: self._file.told_format(self.work.format))
        whole = False if form.kind == PAGE and not self.work.fetched and self.work.whole is None else self.work.whole
        self.work = replace(self.work, format=form.name, whole=whole, open_before=open_before,
                            state=READING if self.work.state == WAITING else self.work.state)

    def _hold(self) -> None:
        """Between the parts of a long step."""
        if not self._means.held():
            raise NoLongerOurs

    def _read_on(self) -> None:
        """The next chunk, or once more the one whose skills are not the newest any more."""
        items, broken_off = self._in_hand = self._in_hand or self._means.aside(lambda: self._file.chunk(CHUNK_ITEMS))
        if items:
            try:
                self._save(items)
            except FormerSkills:
                return
        self._in_hand = None
        if broken_off is not None:
            raise broken_off
        if not items:
            self._weigh_expiry()

    def _save(self, items: list[Item]) -> None:
        at, revision = now(), self._means.revision()
        chunk = self._means.aside(lambda: candidates(items, self._feed.origin, self._file.last_of, at))
        known = PostingStore(self._means.database.reading()).marks(chunk.by_id)
        chunk, settled, postings = self._means.aside(lambda: self._shaped(chunk, known, at))
        work = replace(self.work.past(chunk, settled.report),
                       bytes_read=min(self._file.bytes_read, self.work.bytes_total))
        self._means.database.transact(partial(self._write, work, chunk, settled, postings, revision))
        self.work = work

    def _shaped(self, chunk: Candidates, known: dict[str, Mark],
                at: datetime) -> tuple[Candidates, Settled, dict[str, Posting]]:
        """The chunk's new and changed postings. One that cannot be made is rejected and holds up no other."""
        settled, postings = settle(chunk, known), {}
        due: list[tuple[Candidate, int]] = [*((each, 1) for each in settled.fresh), *settled.changed]
        for each, sequence in due:
            try:
                postings[each.id] = shape(each.raw, self._feed.origin, each.id, self._means.extract, at, sequence)
            except Exception as error:  # noqa: BLE001 - of a hundred thousand strange texts one finds a fault
                del chunk.by_id[each.id]
                reason = f"it could not be made a posting ({type(error).__name__})"
                chunk.rejected.append(Rejected(each.position, reason))
        return chunk, settle(chunk, known), postings

    def _write(self, work: Import, chunk: Candidates, settled: Settled, postings: dict[str, Posting],
               revision: int, unit: Work) -> None:
        """One after a newer taxonomy would not be seen by the walk that follows it."""
        store = PostingStore(unit)
        store.add(postings[each.id] for each in settled.fresh)
        store.replace(postings[each.id] for each, _ in settled.changed)
        store.tell(postings)
        FeedStore(unit).add_chunk(work, work.chunks - 1, chunk.rejected)
        FeedStore(unit).save_import(work)
        if postings and not SkillStore(unit).stays_at(revision):
            raise FormerSkills

    def _weigh_expiry(self) -> None:
        """All is read: what of the feed is open and was not in the file?"""
        self._vanished = [] if self.work.whole is False else self._gone()
        why_not = why_nothing_expires(self.work, len(self._vanished)) if self._vanished else None
        if why_not or not self._vanished:
            self._end(DONE, why_not)
            return
        self.work = replace(self.work, state=EXPIRING, bytes_read=self.work.bytes_total)
        self._means.database.transact(lambda unit: FeedStore(unit).save_import(self.work))

    def _gone(self) -> list[str]:
        kept = self._means.aside(lambda: {posting_id(self.work.feed, each) for each in self._file.last_of})
        self._hold()
        open_ids = PostingStore(self._means.database.reading()).open_ids_of(self.work.feed)
        self._hold()
        return [each for each in open_ids if each not in kept]

    def _expire_on(self) -> None:
        if self._vanished is None:
            self._vanished = self._gone()
        some, rest = self._vanished[:CHUNK_ITEMS], self._vanished[CHUNK_ITEMS:]
        work = replace(self.work, report=self.work.report.plus(Report(expired=len(some))))

        def expire(unit: Work) -> None:
            PostingStore(unit).expire(some)
            PostingStore(unit).tell(some)
            FeedStore(unit).save_import(work)

        if some:
            self._means.database.transact(expire)
            self.work = work
        self._vanished = rest
        if not rest:
            self._end(DONE)

    def _end(self, state: str, note: str | None = None) -> None:
        """The report, the fact, and the demand that changed, in one transaction; the file is not needed any more."""
        work = replace(self.work, state=state, ended_at=now(), bytes_read=self._read_in_all(state))
        for each in filter(None, (note, unclosed_note(work))):
            work = work.noted(each)

        def end(unit: Work) -> None:
            feeds = FeedStore(unit)
            feeds.save_import(work)
            feed = feeds.find(work.feed)
            if feed is not None:
                feeds.save(replace(feed, last_import=work.id))
            if work.report.changed:
                PostingStore(unit).demand_changed(work.owner)
            feeds.save_facts([facts.feed_imported(work)], Cause(work.actor, work.correlation_id, work.id))

        self._means.database.transact(end)
        self.work = work
        self._means.blobs.delete(work.blob)

    def _read_in_all(self, state: str) -> int:
        return self.work.bytes_total if state == DONE else self.work.bytes_read
