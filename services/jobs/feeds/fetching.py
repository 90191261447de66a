"""Asks a feed's address and makes an import of what it gives: in a greenthread, for at most FETCH_SECONDS."""

from typing import Any

import eventlet
from pymongo.errors import PyMongoError

from contracts.calls.job_feeds import MAX_FILE_BYTES
from libranet.blobs import Blob, Blobs, BlobTooLarge
from libranet.clock import now
from libranet.ids import new_id
from libranet.logs import log
from libranet.uploads import BLOB_DAYS
from libranet.work import Work
from services.jobs.feeds.adapters import web
from services.jobs.feeds.adapters.web import FetchFailed, Reply
from services.jobs.feeds.domain.feed import FAILED, IMPORTED, UNCHANGED, Feed, fetched
from services.jobs.feeds.domain.imports import Import
from services.jobs.feeds.keeping import own_cause
from services.jobs.feeds.store import FeedStore

FETCH_SECONDS = 180
OUR_FAULT = "a fault of ours, which is logged"


def fetch(database: Any, blobs: Blobs, feed: Feed) -> None:
    """Saves what came of it: an import that waits, or why there is none. Raises when the database does not answer."""
    assert feed.url is not None
    blob, reply, why_not = None, None, None
    too_long = FetchFailed(f"it took longer than {FETCH_SECONDS} seconds")
    try:
        with eventlet.Timeout(FETCH_SECONDS, too_long), web.fetch(feed.url, feed.etag, feed.last_modified) as reply:
            blob = None if reply.unchanged else blobs.store(reply.read, feed.owner, BLOB_DAYS, MAX_FILE_BYTES)
    except FetchFailed as reason:
        why_not = str(reason)
    except BlobTooLarge:
        why_not = f"the file is larger than {MAX_FILE_BYTES // 2**20} MiB"
    except PyMongoError:
        raise
    except Exception:  # noqa: BLE001 - or the board would be asked again and again for what we do wrong
        log().exception("a feed could not be fetched", feed=feed.id)
        why_not = OUR_FAULT
    database.transact(lambda unit: _save(unit, feed, why_not, blob, reply))


def _save(unit: Work, feed: Feed, why_not: str | None, blob: Blob | None, reply: Reply | None) -> None:
    store = FeedStore(unit)
    current = store.find(feed.id)
    if current is None or current.url != feed.url:
        return  # removed or changed meanwhile: what was fetched is nobody's, and is swept
    if why_not or reply is None:
        store.save(fetched(current, FAILED, now(), why_not))
        return
    outcome = IMPORTED if blob else UNCHANGED
    store.save(fetched(current, outcome, now(), etag=reply.etag, last_modified=reply.last_modified))
    if blob is not None:
        cause = own_cause()
        store.save_import(Import(
            id=new_id(), feed=feed.id, owner=feed.owner, blob=blob.id, bytes_total=blob.bytes, created_at=now(),
            actor=cause.actor, correlation_id=cause.correlation_id, format=current.format, url=reply.url, fetched=True))
