"""What an adapter gives for each item of a file: a `RawPosting`, or why there is none."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from services.jobs.feeds.domain.places import MOST_PLACES
from services.jobs.feeds.domain.values import MAX_LINE
from services.jobs.postings.domain.posting import Place

MAX_TITLE = 500
MAX_ID = 300
MAX_DESCRIPTION = 200_000
"""Characters before cleaning. The longest real posting known to us has a quarter of it."""


class NotAPosting(Exception):
    """Why an item of a file is no posting; the text is shown to whoever sent the file."""


@dataclass(frozen=True)
class Rejected:
    """An item that is not imported. `position` counts the items of the file from 1."""

    position: int
    reason: str


@dataclass(frozen=True)
class RawPay:
    """Pay as the board gives it: a `text`, or amounts. Never what a board only predicts."""

    text: str | None = None
    minimum: object = None
    maximum: object = None
    currency: str | None = None
    period: str | None = None


@dataclass(frozen=True)
class RawPosting:
    """One item as its board wrote it: dates and pay unread, HTML unclean. Of a tuple of dates the first that can be
    read counts.

    `escaped` says that the board writes its HTML as text (`&lt;p&gt;`). Raises NotAPosting for what no posting can do
    without, and for what is out of all measure.
    """

    source_id: str | None
    title: str | None
    description: str = ""
    escaped: bool = False
    employer: str | None = None
    requisition: str | None = None
    url: str | None = None
    places: tuple[Place, ...] = ()
    remote: bool = False
    posted: object = None
    closes: object = None
    pay: RawPay | None = None
    employment_type: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        if not self.source_id:
            raise NotAPosting("it has no id")
        if len(self.source_id) > MAX_ID:
            raise NotAPosting(f"its id is longer than {MAX_ID} characters")
        if not self.title:
            raise NotAPosting("it has no title")
        if len(self.title) > MAX_TITLE:
            raise NotAPosting(f"its title is longer than {MAX_TITLE} characters")
        if len(self.description) > MAX_DESCRIPTION:
            raise NotAPosting(f"its description is longer than {MAX_DESCRIPTION} characters")
        if len(self.places) > MOST_PLACES:
            raise NotAPosting(f"it has more than {MOST_PLACES} places")
        if len(self.employment_type or "") > MAX_LINE:
            raise NotAPosting(f"its employment type is longer than {MAX_LINE} characters")

    @cached_property
    def digest(self) -> str:
        """Changes whenever anything in it does."""
        return hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()


Item = tuple[int, RawPosting | Rejected]
"""What is read of a file, with its position."""
