"""Asks a feed's address and makes an import of what it gives. Blocks for as long as the board takes."""

from dataclasses import replace
from typing import Any

from contracts.calls.job_feeds import MAX_FILE_BYTES
from libranet.blobs import Blob, Blobs, BlobTooLarge
from libranet.clock import now
from libranet.ids import new_id
from libranet.uploads import BLOB_DAYS
from libranet.work import Work
from services.jobs.feeds.adapters import web
from services.jobs.feeds.adapters.web import FetchFailed, Reply
from services.jobs.feeds.domain.feed import FAILED, IMPORTED, UNCHANGED, Feed, fetched
from services.jobs.feeds.domain.imports import Import
from services.jobs.feeds.keeping import own_cause
from services.jobs.feeds.store import FeedStore


def fetch(database: Any, blobs: Blobs, feed: Feed) -> None:
    """Saves what came of it: an import that waits, or why there is none."""
    assert feed.url is not None
    try:
        with web.fetch(feed.url, feed.etag, feed.last_modified) as reply:
            blob = None if reply.unchanged else blobs.store(reply.read, feed.owner, BLOB_DAYS, MAX_FILE_BYTES)
            outcome, detail = (UNCHANGED, None) if blob is None else (IMPORTED, None)
    except FetchFailed as reason:
        blob, reply, outcome, detail = None, None, FAILED, str(reason)
    except BlobTooLarge:
        blob, reply, outcome, detail = None, None, FAILED, f"the file is larger than {MAX_FILE_BYTES // 2**20} MiB"
    database.transact(lambda unit: _save(unit, feed, outcome, detail, blob, reply))


def _save(unit: Work, feed: Feed, outcome: str, detail: str | None, blob: Blob | None, reply: Reply | None) -> None:
    store = FeedStore(unit)
    current = store.find(feed.id)
    if current is None or current.url != feed.url:
        return  # removed or changed meanwhile: what was fetched is nobody's, and is swept
    seen = {"etag": reply.etag, "last_modified": reply.last_modified} if reply else {}
    store.save(replace(fetched(current, outcome, now(), detail, **seen)))
    if blob is not None and reply is not None:
        cause = own_cause()
        store.save_import(Import(
            id=new_id(), feed=feed.id, owner=feed.owner, blob=blob.id, bytes_total=blob.bytes, created_at=now(),
            actor=cause.actor, correlation_id=cause.correlation_id, format=current.format, url=reply.url, fetched=True))
