"""A completion as learning tells it: what earns by it now, whatever was told before.

Each event tells the whole state of its completion. What is older than what was heard changes nothing, so that a replay
and a wrong order come to the same end.
"""

from dataclasses import dataclass
from typing import Any

from libranet.cloudevent import Cause, Event
from services.credentials.domain.earning import Completion

WITHDRAWN = "course-completion-withdrawn"
FIRST = 1
"""The sequence of what is told first; nothing is kept of a completion until more is told."""
OF_ATTEMPTS = ("completed_at", "score", "proctored", "hours")


@dataclass(frozen=True)
class Told:
    """`attempts` are those that hold, none where the completion was withdrawn: then `by` is the statement that did it,
    `rule` how that was read, and `at` when (RFC 3339)."""

    completion: str
    sequence: int
    patron: str
    course: str
    attempts: tuple[Completion, ...]
    cause: Cause
    by: str | None = None
    rule: str | None = None
    at: str | None = None

    def row(self) -> dict[str, Any]:
        """What is kept of it."""
        return {"_id": self.completion, "patron": self.patron, "sequence": self.sequence,
                "is_withdrawn": not self.attempts}


def read(event: Event) -> Told:
    data = event.data
    about = data["completion"], event.sequence, data["patron"], data["course"]
    if event.short_type == WITHDRAWN:
        return Told(*about, (), event.cause, data["statement"], data["rule"], data["withdrawn_at"])
    attempts = data.get("attempts") or [data]
    return Told(*about, tuple(_completion(event, each) for each in attempts), event.cause)


def _completion(event: Event, attempt: dict[str, Any]) -> Completion:
    return Completion(id=event.data["completion"], patron=event.data["patron"], course=event.data["course"],
                      owner=event.owner, event=event.id,
                      **{name: attempt[name] for name in OF_ATTEMPTS if name in attempt})
