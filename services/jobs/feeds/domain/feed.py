"""A job feed, and when its address is asked again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.jobs.feeds.domain.dates import MDY
from services.jobs.feeds.domain.shaping import Origin

IMPORTED, UNCHANGED, FAILED = "imported", "unchanged", "failed"
AFTER_FAILURES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=16), timedelta(days=1))
"""A board that is down is not asked more often for it; the last one stays."""


@dataclass(frozen=True)
class Fetch:
    """What came of asking the address. `failures` counts those in a row."""

    at: datetime
    outcome: str
    detail: str | None = None
    failures: int = 0


@dataclass(frozen=True)
class Feed:
    """`every_hours` is None for a feed whose files are sent to us. `etag` and `last_modified` are the board's own words
    for what was read last, given back to it so that it need not send the same again."""

    id: str
    owner: str
    name: str
    created_at: datetime
    format: str | None = None
    url: str | None = None
    every_hours: int | None = None
    date_order: str = MDY
    country: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    next_fetch_at: datetime | None = None
    last_fetch: Fetch | None = None
    last_import: str | None = None
    removed: bool = False

    @property
    def origin(self) -> Origin:
        return Origin(self.id, self.owner, self.date_order, self.country)


def scheduled(feed: Feed, at: datetime) -> Feed:
    """A feed that was made or changed: its address is asked at once, and for the whole."""
    asked_at = at if feed.url and feed.every_hours else None
    return replace(feed, next_fetch_at=asked_at, etag=None, last_modified=None)


def fetched(feed: Feed, outcome: str, at: datetime, detail: str | None = None, etag: str | None = None,
            last_modified: str | None = None) -> Feed:
    """The feed after its address was asked, with the time when it is asked again."""
    if outcome == FAILED:
        failures = (feed.last_fetch.failures if feed.last_fetch else 0) + 1
        wait = AFTER_FAILURES[min(failures, len(AFTER_FAILURES)) - 1]
        return replace(feed, last_fetch=Fetch(at, FAILED, detail, failures), next_fetch_at=at + wait)
    asked_at = at + timedelta(hours=feed.every_hours) if feed.every_hours else None
    done = replace(feed, last_fetch=Fetch(at, outcome, detail), next_fetch_at=asked_at)
    return done if outcome == UNCHANGED else replace(done, etag=etag, last_modified=last_modified)
