"""Keeps feeds, takes files, and says how far their imports are. The importing itself is `importer.py`'s."""

from dataclasses import replace
from typing import Any, Protocol

from contracts.calls import job_feeds as calls
from contracts.calls.job_feeds import REJECTED_SHOWN
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.ids import new_id
from services.jobs.domain.cursors import cursor_after, place_of
from services.jobs.feeds import views
from services.jobs.feeds.adapters.web import check_address
from services.jobs.feeds.domain.feed import Feed, scheduled
from services.jobs.feeds.domain.imports import Import
from services.jobs.feeds.domain.refusals import FeedsFull, FeedUnknown, FileEmpty, ImportUnknown
from services.jobs.feeds.store import FeedStore, has_ended
from services.jobs.feeds.worker import FeedWorker

MOST_PER_NODE = 500


class Stores(Protocol):
    """What these calls need of jobs' store."""

    feeds: FeedStore


class FeedCalls:
    feed_worker: FeedWorker

    @answers(calls.ADD_JOB_FEED)
    def add_job_feed(self, request: CallRequest, store: Stores) -> Answer:
        owner = request.principal.node
        if store.feeds.count_of(owner) >= MOST_PER_NODE:
            raise FeedsFull(f"A node has at most {MOST_PER_NODE} job feeds; remove one that you do not need.")
        check_address(request.body.get("url"))
        feed = scheduled(Feed(id=new_id(), owner=owner, created_at=now(), **request.body), now())
        store.feeds.save(feed)
        self._wake_after(store)
        return Answer(views.feed(feed), headers={"Location": f"/v1/job-feeds/{feed.id}"})

    @answers(calls.LIST_JOB_FEEDS)
    def list_job_feeds(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        limit = request.query["limit"]
        found = store.feeds.all_of(request.principal.sees, place_of(request.query.get("cursor")), limit + 1)
        more = cursor_after(found[limit - 1].id) if len(found) > limit else None
        return {"items": [views.feed(each) for each in found[:limit]], "next": more}

    @answers(calls.GET_JOB_FEED)
    def get_job_feed(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        return views.feed(_feed(request, store))

    @answers(calls.CHANGE_JOB_FEED)
    def change_job_feed(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        """Settings that are left out go back to what they are without them."""
        before = _feed(request, store)
        check_address(request.body.get("url"))
        fresh = Feed(id=before.id, owner=before.owner, created_at=before.created_at, last_fetch=before.last_fetch,
                     last_import=before.last_import, **request.body)
        feed = scheduled(fresh, now())
        store.feeds.save(feed)
        self._wake_after(store)
        return views.feed(feed)

    @answers(calls.REMOVE_JOB_FEED)
    def remove_job_feed(self, request: CallRequest, store: Stores) -> None:
        """Unknown from now on; the worker lets its postings expire."""
        store.feeds.save(replace(_feed(request, store), removed=True, next_fetch_at=None))
        self._wake_after(store)

    @answers(calls.IMPORT_JOBS)
    def import_jobs(self, request: CallRequest, store: Stores) -> Answer:
        """Takes the file; short work is answered with its report."""
        feed = _feed(request, store)
        if request.blob is None or not request.blob.bytes:
            raise FileEmpty
        work = Import(
            id=new_id(), feed=feed.id, owner=feed.owner, blob=request.blob.id, bytes_total=request.blob.bytes,
            created_at=now(), actor=request.cause.actor, correlation_id=request.cause.correlation_id,
            format=feed.format, whole=request.query.get("whole"), url=request.query.get("url") or feed.url)
        store.feeds.save_import(work)
        self._wake_after(store)
        headers = {"Location": f"/v1/job-imports/{work.id}"}

        def done(reading: Any) -> Answer | None:
            now_is = FeedStore(reading).find_import(work.id)
            return Answer(_shown(now_is, FeedStore(reading)), 201, headers) if now_is and has_ended(now_is) else None

        return Answer(views.job_import(work, ()), headers=headers, later=done)

    @answers(calls.GET_JOB_IMPORT)
    def get_job_import(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        work = store.feeds.find_import(request.path["job_import"])
        if work is None or not request.principal.sees(work.owner):
            raise ImportUnknown
        return _shown(work, store.feeds)

    def _wake_after(self, store: Stores) -> None:
        store.feeds.after_commit(self.feed_worker.wake)


def _feed(request: CallRequest, store: Stores) -> Feed:
    """The feed that the path names; unknown when it is another node's."""
    feed = store.feeds.find(request.path["feed"])
    if feed is None or not request.principal.sees(feed.owner):
        raise FeedUnknown
    return feed


def _shown(work: Import, feeds: FeedStore) -> dict[str, Any]:
    return views.job_import(work, feeds.rejected(work, REJECTED_SHOWN))
