"""Runs imports, schedules and expiry in the jobs process: one replica at a time, by a lease.

Several imports go on side by side, a chunk of each in turn, so that a long one does not hold up a short one; those of
one feed come one after the other. What a stop or a kill interrupts, the next holder of the lease goes on with.
"""

import time
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider
from pymongo.errors import PyMongoError

from libranet.aside import Aside
from libranet.background import Background
from libranet.blobs import Blobs
from libranet.clock import now
from libranet.health import HEALTH
from libranet.lease import Lease
from libranet.logs import log, words_of
from libranet.mongo import Database, is_duplicate, is_outage
from services.jobs.feeds import keeping
from services.jobs.feeds.domain.feed import Feed
from services.jobs.feeds.fetching import fetch
from services.jobs.feeds.importer import Means, NoLongerOurs, Run
from services.jobs.feeds.store import FeedStore
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.keeper import LexiconKeeper, extract

POLL_SECONDS = 0.25
"""How long an import may wait that another replica took; this process's own wake the worker at once."""
SCHEDULE_SECONDS = 5
CLOSING_SECONDS = 600
SWEEP_SECONDS = 3600
MOST_RUNS = 4
MOST_FETCHES = 4
OUR_FAULT = "It stopped for a fault of ours, which is logged. What was imported stays."


class FeedWorker(Background, DependencyProvider):
    """Service methods get it as `self.feed_worker`, to wake it after a commit.

    A stop ends after the chunk in hand and gives the lease back. Imports wait while a newer taxonomy is being loaded.
    """

    database = Database()
    keeper = LexiconKeeper()
    part = "feeds"
    trouble = "the database does not answer the feeds' worker"

    def setup(self) -> None:
        super().setup()
        self._runs: dict[str, Run] = {}
        self._fetching: set[str] = set()
        self._waits = False
        self._next_at = dict.fromkeys(("schedule", "closing", "sweep"), 0.0)
        self._lease = Lease(self.database, "feeds")

    def start(self) -> None:
        self._blobs = Blobs(self.database)
        self._means = Means(self.database, self._blobs, extract, self.keeper.revision, Aside("feeds").run,
                            self._lease.is_held)
        super().start()

    def get_dependency(self, _context: Any) -> "FeedWorker":
        return self

    def failed(self, error: Exception) -> None:
        """What the database has of the imports is what counts: they are taken up from there."""
        self._drop_runs()
        super().failed(error)

    def serve(self) -> None:
        self.database.prepare()
        while not self.stopping:
            self._turn()
        self._drop_runs()
        self._lease.give_back()

    def _turn(self) -> None:
        if not self._lease.is_held():
            self._drop_runs()
            HEALTH.well("feeds")
            self.rest(POLL_SECONDS)
            return
        self._take_up()
        self._keep()
        goes_on = self._may_import()
        for run in list(self._runs.values()) if goes_on else ():
            if self.stopping or not self._lease.is_held():
                return
            self._step(run)
        HEALTH.well("feeds")
        if not (self._runs and goes_on):
            self._tell_demand()
            self.rest(POLL_SECONDS)

    def _may_import(self) -> bool:
        """Whether this process knows the newest taxonomy and corrections: by others no posting is kept."""
        is_current = not self._runs or self.keeper.is_current()
        if not is_current and not self._waits:
            log().info("imports wait until the newest taxonomy and corrections are loaded", imports=len(self._runs))
        self._waits = not is_current
        return is_current

    def _take_up(self) -> None:
        """The oldest import of each feed, up to MOST_RUNS."""
        if len(self._runs) >= MOST_RUNS:
            return
        store = FeedStore(self.database.reading())
        busy = {run.work.feed for run in self._runs.values()}
        for work in store.open_imports():
            if len(self._runs) < MOST_RUNS and work.feed not in busy:
                busy.add(work.feed)
                feed = store.find(work.feed)
                run = Run(self._means, work, feed or Feed(work.feed, work.owner, "", work.created_at))
                if feed is None:
                    run.fail("The feed was removed.")
                else:
                    self._runs[work.id] = run

    def _step(self, run: Run) -> None:
        try:
            ended = run.step()
        except PyMongoError as error:
            if is_outage(error):
                raise
            ended = is_duplicate(error) or self._give_up(run)  # a rival's chunk: taken up again from where it is
        except NoLongerOurs:
            ended = True
        except Exception:  # noqa: BLE001 - one import's fault must not stop the others
            ended = self._give_up(run)
        if ended:
            run.close()
            self._runs.pop(run.work.id, None)
            log().info("an import left the worker", job_import=run.work.id, feed=run.work.feed, state=run.work.state,
                       read=run.work.report.read, rejected=run.work.report.rejected)

    def _give_up(self, run: Run) -> bool:
        log().exception("an import stopped", job_import=run.work.id, feed=run.work.feed)
        run.fail(OUR_FAULT)
        return True

    def _keep(self) -> None:
        if self._is_time("schedule", SCHEDULE_SECONDS):
            for feed in FeedStore(self.database.reading()).due(now()):
                if feed.removed:
                    if not keeping.remove(self.database, feed.id, feed.owner):
                        self._next_at["schedule"] = 0.0
                elif len(self._fetching) < MOST_FETCHES and feed.id not in self._fetching:
                    self._fetching.add(feed.id)
                    eventlet.spawn(self._fetch, feed)
        if self._is_time("closing", CLOSING_SECONDS) and keeping.close(self.database, now()):
            self._next_at["closing"] = 0.0
        if self._is_time("sweep", SWEEP_SECONDS):
            self._blobs.sweep(now())

    def _is_time(self, what: str, seconds: int) -> bool:
        """Whether it is due; it is due again `seconds` later."""
        if time.monotonic() < self._next_at[what]:
            return False
        self._next_at[what] = time.monotonic() + seconds
        return True

    def _fetch(self, feed: Feed) -> None:
        try:
            fetch(self.database, self._blobs, feed)
        except Exception as error:  # noqa: BLE001 - it stays due and is asked again
            log().warning("a feed could not be fetched", feed=feed.id, error=words_of(error))
        finally:
            self._fetching.discard(feed.id)
            self.wake()

    def _tell_demand(self) -> None:
        for owner, change in PostingStore(self.database.reading()).demands_due().items():
            keeping.tell_demand(self.database, owner, change)

    def _drop_runs(self) -> None:
        for run in self._runs.values():
            run.close()
        self._runs.clear()
