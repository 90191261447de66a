"""Why somebody gets a credential: what it remembers for good, and what its id follows from.

In each, `id` is that of what earned it, `owner` the patron's library, `completed_at` RFC 3339, and `event` the event or
the request that told.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from services.credentials.domain.achievements import Achievement


@dataclass(frozen=True)
class Completion:
    """A course completed, with the score (-1 to 1) where one was told."""

    id: str
    patron: str
    course: str
    owner: str
    completed_at: str
    event: str
    score: float | None = None
    rule: ClassVar[str] = "course-completed"


Earning = Completion
EARNINGS: dict[str, type[Earning]] = {each.rule: each for each in (Completion,)}


def kept(earning: Earning) -> dict[str, Any]:
    """As it stays with a credential, and with what waits for consent."""
    return {"rule": earning.rule, **{name: each for name, each in asdict(earning).items() if each is not None}}


def read(document: dict[str, Any]) -> Earning:
    """What `kept` made."""
    members = {name: each for name, each in document.items() if name != "rule"}
    return EARNINGS[document["rule"]](**members)


def may_earn(achievement: Achievement, earning: Earning) -> bool:
    """Whether it was defined by the patron's library or a node above it."""
    return earning.owner == achievement.owner or earning.owner.startswith(achievement.owner + ".")
