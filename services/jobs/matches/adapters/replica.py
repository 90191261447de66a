"""This replica's index of open postings: built from the database at the start, then following the trail of changes.

It is built in two steps: what matching needs, then the texts for searching. Until each is done, its callers are told to
come again; from the first on changes are followed. A change is seen within a second: the trail is read every
POLL_SECONDS. Building runs in a native thread, reading and small changes on the hub. What a changed taxonomy means for
postings comes by the trail too, once they were looked through again. Readiness waits for both steps, so that those who
can search go on doing it while a new release starts.
"""

import gc
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import eventlet
from nameko.extensions import DependencyProvider, SharedExtension
from prometheus_client import Gauge

from libranet.background import Background
from libranet.clock import now
from libranet.health import HEALTH
from libranet.logs import log
from libranet.mongo import Database
from libranet.offhub import off_hub
from services.jobs.courses.store import CourseStore
from services.jobs.matches.adapters.ahead import ahead
from services.jobs.matches.adapters.index import Index
from services.jobs.matches.domain.trail import Trail, id_before
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.keeper import LexiconKeeper
from services.jobs.skills.domain.lexicon import Lexicon

POLL_SECONDS = 0.3
CHUNK = 500
KEPT_CHANGES, FORGET_SECONDS = timedelta(minutes=4), 30
"""How long changes are kept for replicas to follow; one that was away for half of that builds its index anew."""
STEP = 50
"""Postings that the hub takes in one turn: a millisecond."""
CHANGES_A_READ = 200
Item = TypeVar("Item")
ChangesAfter = Callable[[str, int], list[tuple[str, list[str]]]]
POSTINGS = Gauge("libranet_index_postings", "Open postings in this replica's index")
BUILD_SECONDS = Gauge("libranet_index_build_seconds", "How long this replica took at its start until it could match")


def built(lexicon: Lexicon, work: Any) -> Index:
    """The index of what the database has now; it matches, and cannot search yet."""
    index = off_hub(Index, lexicon)
    index.teach(CourseStore(work).all_courses())
    for lot in ahead(PostingStore(work).all_open()):
        off_hub(index.build, lot)
    off_hub(index.board.settle)
    gc.freeze()  # a million objects that stay: a full collection need not look at them again, a third of a second each
    return index


def read_texts(index: Index, work: Any, meanwhile: Callable[[], None] = lambda: None) -> set[str]:
    """Reads what is searched, and calls `meanwhile` again and again. Gives the ids of postings that are open and not on
    the board, or the other way round: they changed just now, or were stored before wordings were kept."""
    found: set[str] = set()
    for lot in ahead(PostingStore(work).all_texts()):
        found |= off_hub(index.read, lot)
        meanwhile()
    off_hub(index.texts.commit)
    index.searchable = True
    return found ^ index.board.ids()


class IndexKeeper(Background, SharedExtension):
    """One for all that runs in the process."""

    database = Database()
    keeper = LexiconKeeper()
    part = "matches"
    trouble = "the index of postings cannot be read"

    def setup(self) -> None:
        super().setup()
        self.index: Index | None = None
        self._followed_at = now()
        self._forgot_at = time.monotonic()
        self._unwritten: set[str] = set()

    def serve(self) -> None:
        while not self.stopping:
            self._turn()
            self.rest(POLL_SECONDS)

    def _turn(self) -> None:
        if self.keeper.loaded and (self.index is None or not self.index.searchable or self._is_left_behind()):
            self._start(self.keeper.lexicon)
        elif self.index is not None:
            self._renew(self.index)
            self._follow(self.index)
            HEALTH.well(self.part)
            self._forget()

    def _start(self, lexicon: Lexicon) -> None:
        """An index of what is there now; calls know it as soon as it helps them more than what they have."""
        started, self._followed_at = time.monotonic(), now()
        self._trails = {each: Trail(self._followed_at) for each in ("postings", "courses")}
        index = built(lexicon, self.database.reading())
        took = time.monotonic() - started
        if len(index.board) and (self.index is None or not self.index.searchable):
            self.index = index
        self._unwritten.clear()
        doubtful = read_texts(index, self.database.reading(), lambda: self._follow(index))
        self._put(index, doubtful | self._unwritten)
        self._keep_wordings(doubtful)
        self.index = index
        BUILD_SECONDS.set(took)
        POSTINGS.set(len(index.board))
        log().info("the index of postings is built", postings=len(index.board), seconds=round(took, 2),
                   with_texts_seconds=round(time.monotonic() - started, 2))

    def _renew(self, index: Index) -> None:
        lexicon = self.keeper.lexicon
        if lexicon is not index.lexicon or index.board.is_worn():
            self.index = off_hub(index.renewed, lexicon)

    def _follow(self, index: Index) -> None:
        work, moment = self.database.reading(), now()
        postings, courses = PostingStore(work), CourseStore(work)
        changes, fresh = self._unseen("courses", courses.changes_after)
        if fresh:
            index.teach(courses.get_many(fresh).values())
        self._followed("courses", changes, moment)
        changes, fresh = self._unseen("postings", postings.changes_after)
        if fresh:
            self._put(index, fresh)
            POSTINGS.set(len(index.board))
        self._followed("postings", changes, moment)
        self._followed_at = moment

    def _put(self, index: Index, ids: set[str]) -> None:
        """As they are stored now: open ones are added or replaced, others removed. While all texts are being read,
        theirs wait until after that."""
        postings = PostingStore(self.database.reading())
        for some in chunks(iter(sorted(ids)), CHUNK):
            found = list(postings.open_with_text(some).values())
            index.remove(set(some) - {each.id for each in found})
            for few in chunks(iter(off_hub(index.prepared, found)), STEP):
                index.board.put(few)
                index.board.settle()
                eventlet.sleep(0)  # calls wait meanwhile
            if index.searchable:
                off_hub(index.write, found)
        if index.searchable:
            off_hub(index.texts.commit)
        else:
            self._unwritten |= ids

    def _keep_wordings(self, ids: set[str]) -> None:
        for some in chunks(iter(sorted(ids)), CHUNK):
            self.database.transact(lambda work, some=some: PostingStore(work).keep_wordings(some))  # type: ignore[misc]

    def _unseen(self, name: str, changes_after: ChangesAfter) -> tuple[set[str], set[str]]:
        """Changes that this replica has not followed yet, and the ids that they name."""
        trail, fresh, ids = self._trails[name], set[str](), set[str]()
        place = trail.since
        while changes := changes_after(place, CHANGES_A_READ):
            unseen = trail.unseen(change for change, _ in changes)
            fresh |= unseen
            ids.update(each for change, some in changes if change in unseen for each in some)
            place = changes[-1][0]
            if len(changes) < CHANGES_A_READ:
                break
        return fresh, ids

    def _is_left_behind(self) -> bool:
        """Changes may have been forgotten that this replica did not see."""
        return now() - self._followed_at > KEPT_CHANGES / 2

    def _forget(self) -> None:
        """Every replica does it now and then; it bears being done twice."""
        if time.monotonic() - self._forgot_at > FORGET_SECONDS:
            self._forgot_at = time.monotonic()
            before = id_before(now() - KEPT_CHANGES)
            for store in (PostingStore, CourseStore):
                self.database.transact(lambda work, store=store: store(work).forget_changes(before))  # type: ignore[misc]

    def _followed(self, name: str, changes: set[str], moment: datetime) -> None:
        self._trails[name].saw(changes)
        self._trails[name].move_to(moment)


class KnownJobs(DependencyProvider):
    """Gives a service's methods the index of the moment, None until the first is built."""

    keeper = IndexKeeper()

    def get_dependency(self, _worker_ctx: Any) -> Index | None:
        return self.keeper.index


def chunks(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    while some := list(islice(items, size)):
        yield some
