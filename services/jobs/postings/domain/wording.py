"""What a replica's index needs of a posting, and the short text in which it is kept beside the posting.

A hundred thousand of those texts are read at each start, in a tenth of the time that whole postings take.
"""

from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from typing import NamedTuple

import orjson

from services.jobs.postings.domain.posting import Place, Posting


class Prose(NamedTuple):
    """What is searched of a posting, and when it was posted, by which it is put in order."""

    id: str
    title: str
    employer: str | None
    posted_at: datetime | None
    text: str


class Wording(NamedTuple):
    """Skills by URI; when it was posted, and its plain text, where it is to be searched. A tuple, because a hundred
    thousand are made at each start."""

    id: str
    owner: str
    title: str
    employer: str | None
    places: tuple[Place, ...]
    remote: bool
    url: str | None
    required: tuple[str, ...]
    wished: tuple[str, ...]
    closes_at: datetime | None
    posted_at: datetime | None = None
    text: str = ""

    @property
    def prose(self) -> Prose:
        return Prose(self.id, self.title, self.employer, self.posted_at, self.text)


def packed(posting: Posting) -> str:
    """The text for `unpacked`: all but what only searching asks for."""
    required, wished = required_and_wished((each.uri, each.required) for each in posting.skills)
    return orjson.dumps([posting.title, posting.employer, [astuple(each) for each in posting.places], posting.remote,
                         posting.url, required, wished, posting.closes_at]).decode()


def unpacked(posting_id: str, owner: str, text: str) -> Wording:
    title, employer, places, remote, url, required, wished, closes_at = orjson.loads(text)
    return Wording(posting_id, owner, title, employer, tuple(Place(*each) for each in places), remote, url,
                   tuple(required), tuple(wished), datetime.fromisoformat(closes_at) if closes_at else None)


def required_and_wished(skills: Iterable[tuple[str, bool]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The URIs of (URI, whether it is required), in the same order."""
    required: list[str] = []
    wished: list[str] = []
    for uri, is_required in skills:
        (required if is_required else wished).append(uri)
    return tuple(required), tuple(wished)
