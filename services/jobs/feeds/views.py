"""What callers are shown of feeds and imports, as contracts/calls/job_feeds.py describes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from services.jobs.feeds.domain.feed import Feed
from services.jobs.feeds.domain.imports import Import
from services.jobs.feeds.domain.raw import Rejected


def feed(found: Feed) -> dict[str, Any]:
    """Members that are not set are left out."""
    last = found.last_fetch
    return _known({
        "id": found.id, "owner": found.owner, "name": found.name, "created_at": _time(found.created_at),
        "format": found.format, "url": found.url, "every_hours": found.every_hours, "date_order": found.date_order,
        "country": found.country, "next_fetch_at": _time(found.next_fetch_at), "last_import": found.last_import,
        "last_fetch": last and _known({
            "at": _time(last.at), "outcome": last.outcome, "detail": last.detail, "failures": last.failures})})


def job_import(work: Import, rejected: Sequence[Rejected]) -> dict[str, Any]:
    report = work.report
    return _known({
        "id": work.id, "feed": work.feed, "state": work.state, "format": work.format, "notes": list(work.notes),
        "created_at": _time(work.created_at), "ended_at": _time(work.ended_at),
        "progress": {"bytes_read": work.bytes_read, "bytes_total": work.bytes_total, "read": report.read},
        "report": {
            "read": report.read, "added": report.added, "updated": report.updated, "unchanged": report.unchanged,
            "expired": report.expired, "rejected_count": report.rejected,
            "rejected": [{"position": each.position, "reason": each.reason} for each in rejected]}})


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None


def _known(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
