"""From what an adapter gave to a posting: dates and pay read, HTML cleaned, an id and a fingerprint given."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from libranet.ids import keyed_id
from services.jobs.feeds.domain import dates, markup, pays
from services.jobs.feeds.domain.raw import RawPosting
from services.jobs.postings.domain.posting import EXPIRED, OPEN, Extractor, Posting

VERSION = 2
"""Part of every fingerprint: raise it when what follows from the same raw posting changes, or nothing will."""


@dataclass(frozen=True)
class Origin:
    """Whose feed it is, and how its board writes."""

    feed: str
    owner: str
    date_order: str = dates.MDY
    country: str | None = None


def posting_id(feed: str, source_id: str) -> str:
    """The same for the same item of the same feed, so an import that is done twice makes no twin."""
    return keyed_id("posting", feed, source_id)


def fingerprint(raw: RawPosting, origin: Origin) -> str:
    """Told from the raw posting, so that what did not change need not be cleaned."""
    told = f"{VERSION}|{origin.date_order}|{origin.country}|{origin.owner}|{raw.digest}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def closing_time(raw: RawPosting, origin: Origin) -> datetime | None:
    return dates.first(raw.closes, origin.date_order, end_of_day=True)


def is_unclosed(raw: RawPosting, origin: Origin) -> bool:
    """Whether a closing time is given that can neither be read nor says that there is none: such a posting stays open
    until its board drops it."""
    given = [each for each in (raw.closes if isinstance(raw.closes, tuple) else (raw.closes,)) if each]
    is_said = any(dates.NO_END.search(str(each)) for each in given)
    return bool(given) and not is_said and closing_time(raw, origin) is None


def shape(raw: RawPosting, origin: Origin, identity: str, extract: Extractor, at: datetime,
          sequence: int = 1) -> Posting:
    """The posting; expired from the start where its closing time has passed. The costly part of an import."""
    cleaned = markup.clean(markup.unescaped(raw.description, raw.escaped))
    text = markup.plain(cleaned)
    closes_at = closing_time(raw, origin)
    title = raw.title or ""
    return Posting(
        id=identity, owner=origin.owner, feed=origin.feed, source_id=raw.source_id or "", title=title,
        employer=raw.employer, requisition=raw.requisition, description_html=cleaned, text=text, url=raw.url,
        places=raw.places, remote=raw.remote, posted_at=dates.first(raw.posted, origin.date_order),
        closes_at=closes_at, pay=pays.pay_of(raw.pay), employment_type=raw.employment_type, language=raw.language,
        skills=extract(title, text, origin.owner, identity), fingerprint=fingerprint(raw, origin),
        state=EXPIRED if closes_at is not None and closes_at <= at else OPEN, sequence=sequence)
