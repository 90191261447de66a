"""The one shape behind which every board's format stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.jobs.feeds.domain.raw import RawPosting

JSON, XML, PAGE = "json", "xml", "page"


class FeedUnreadable(Exception):
    """Nothing more can be read of the file; the text says why and is shown to whoever sent it."""


@dataclass(frozen=True)
class Context:
    """What an adapter may know besides the item: the feed's country, and the address that was read."""

    country: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Format:
    """A board's format. `items` says where they stand: a member of the object at the top (None for a list at the
    top), a tag, a type. `read` makes one of them a raw posting, or raises NotAPosting. `described` tells
    whoever sent another file what is expected."""

    name: str
    kind: str
    items: str | None
    read: Callable[[Any, Context], RawPosting]
    described: str
