"""Why somebody gets a credential: what it remembers for good, and what its id follows from.

In each, `id` is that of what earned it, `owner` the patron's library, which issues what is not `Recognised`,
`completed_at` RFC 3339, and `event` the event or the request that told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from contracts.places import is_within
from services.credentials.domain.achievements import Achievement


@dataclass(frozen=True)
class Completion:
    """A course completed: with the score (-1 to 1), whether somebody watched, and the hours that it took, where these
    were told."""

    id: str
    patron: str
    course: str
    owner: str
    completed_at: str
    event: str
    score: float | None = None
    proctored: bool | None = None
    hours: float | None = None
    rule: ClassVar[str] = "course-completed"


@dataclass(frozen=True)
class Assessed:
    """Evidence that evaluators found to reach what is required, and its learner accepted. `evaluated_at` is the node at
    which they judge and `evaluators` what people call it, `levels` what they found by each criterion (`criterion`,
    `level`).

    `evidence` is as evidence.without_blobs gave it, or evidence.withheld where it is secret.
    """

    id: str
    patron: str
    owner: str
    completed_at: str
    event: str
    evaluated_at: str
    evaluators: str
    levels: list[dict[str, str]]
    evidence: list[dict[str, Any]]
    is_secret: bool = False
    rule: ClassVar[str] = "assessed"


@dataclass(frozen=True)
class Stacked:
    """Credentials of the same learner, enough of those that earn another one."""

    id: str
    patron: str
    owner: str
    completed_at: str
    event: str
    credentials: list[str]
    rule: ClassVar[str] = "stacked"


@dataclass(frozen=True)
class BatchAward:
    """A row of a list of awards that the library sent; `note` is whatever it says besides."""

    id: str
    patron: str
    owner: str
    completed_at: str
    event: str
    batch: str
    note: str | None = None
    rule: ClassVar[str] = "awarded-by-list"


@dataclass(frozen=True)
class Recognised:
    """What a college's recognition awards, once it is granted, and once whatever versions of it are reached. `issuer`
    is the college, `reached` by what it knows who reached this version of its recognition; `counted` are the
    credentials by which they did."""

    id: str
    patron: str
    owner: str
    completed_at: str
    event: str
    issuer: str
    reached: str
    recognition: str
    recognition_version: int
    counted: list[str]
    rule: ClassVar[str] = "recognised"


Earning = Completion | Assessed | Stacked | BatchAward | Recognised
EARNINGS: dict[str, type[Earning]] = {
    each.rule: each for each in (Completion, Assessed, Stacked, BatchAward, Recognised)}


def kept(earning: Earning) -> dict[str, Any]:
    """As it stays with a credential, and with what waits for consent."""
    return {"rule": earning.rule, **{name: each for name, each in vars(earning).items() if each is not None}}


def read(document: dict[str, Any]) -> Earning:
    """What `kept` made."""
    members = {name: each for name, each in document.items() if name != "rule"}
    return EARNINGS[document["rule"]](**members)


def issuer_of(earning: Earning) -> str:
    """The node that issues what was earned so."""
    return earning.issuer if isinstance(earning, Recognised) else earning.owner


def rests_on(because: Mapping[str, Any]) -> list[str]:
    """The credentials of the same learner by which this was earned, if any were needed."""
    return [*because.get("credentials", ()), *because.get("counted", ())]


def is_for(achievement: Achievement, library: str) -> bool:
    """Whether the library's patrons may earn it: it was defined there, or at a node above."""
    return is_within(library, achievement.owner)
