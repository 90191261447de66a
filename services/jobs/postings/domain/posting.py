"""The shape of a job posting, whatever board it came from. Not: where it came from, or whom it suits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

OPEN, EXPIRED = "open", "expired"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the work is done: `label` as the board writes it, the rest as far as the board tells it apart.
    `country` is two letters (ISO 3166-1) where it is known."""

    label: str
    country: str | None = None
    region: str | None = None
    locality: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Pay:
    """Stated pay; `text` is what the board wrote. `currency` is ISO 4217, `period` one of hour, day, week, month, year.
    Pay that a board only predicts is none."""

    text: str
    minimum: float | None = None
    maximum: float | None = None
    currency: str | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class FoundSkill:
    """A skill that the text asks for: `required`, or only wished; `words` are the text's own."""

    uri: str
    label: str
    required: bool
    words: str


Extractor = Callable[[str, str, str, str], tuple[FoundSkill, ...]]
"""The skills of a posting by its title, its plain text, its owner and its id (curators correct for an owner, or in one
posting): safe to run in another thread."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One job posting. `owner` is the node whose feed brought it, `source_id` its id at the board, `requisition` the
    employer's own number. `description_html` is clean, `text` the same without marks. `fingerprint` changes whenever
    what the board says changes, `sequence` counts the states from 1."""

    id: str
    owner: str
    feed: str
    source_id: str
    title: str
    employer: str | None = None
    requisition: str | None = None
    description_html: str = ""
    text: str = ""
    url: str | None = None
    places: tuple[Place, ...] = ()
    remote: bool = False
    posted_at: datetime | None = None
    closes_at: datetime | None = None
    pay: Pay | None = None
    employment_type: str | None = None
    language: str | None = None
    skills: tuple[FoundSkill, ...] = ()
    fingerprint: str = ""
    state: str = OPEN
    sequence: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """What an import needs of a posting that is there already."""

    fingerprint: str
    state: str
    sequence: int
