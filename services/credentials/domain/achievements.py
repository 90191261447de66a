"""What can be earned, and by what: taking part (`engagement`) and being able (`competency`) are kept apart
by rules."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from services.credentials.domain.guard import UNWRITABLE
from services.credentials.domain.refusals import CompetencyWithoutAssessment, TextUnsuitable

ENGAGEMENT = "engagement"
COMPETENCY = "competency"
KINDS = (ENGAGEMENT, COMPETENCY)


@dataclass(frozen=True)
class Achievement:
    """`owner` is the node that defined it; `course` the one whose completion earns it, if any; `language`
    BCP 47; `validity` the days after which its credentials expire, None for never; `image` the path of its picture."""

    id: str
    owner: str
    name: str
    description: str
    criteria: str
    kind: str
    course: str | None = None
    language: str | None = None
    validity: int | None = None
    image: str | None = None

    @property
    def achievement_type(self) -> str:
        """The member of Open Badges 3.0's AchievementType that says what was done."""
        if self.kind == COMPETENCY:
            return "Competency"
        return "CertificateOfCompletion" if self.course else "Badge"

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Achievement":
        """The achievement in a stored document, whatever else stands in that."""
        names = {each.name for each in fields(cls)} - {"id"}
        return cls(id=document["_id"], **{name: document[name] for name in names if name in document})


def define_achievement(achievement: Achievement) -> Achievement:
    """The achievement, if it may be defined. Raises CompetencyWithoutAssessment or TextUnsuitable.

    A competency is never earned by a completion alone, so it has no course.
    """
    if achievement.kind == COMPETENCY and achievement.course is not None:
        raise CompetencyWithoutAssessment(
            "Completing a course shows that somebody took part, not what they can do. Use kind 'engagement' for what "
            "this course earns, or leave 'course' out and award the competency after an assessment.",
            field="/kind",
        )
    for name in ("name", "description", "criteria"):
        if UNWRITABLE.search(getattr(achievement, name)):
            raise TextUnsuitable("Remove the control characters; line breaks and tabs may stay.", field=f"/{name}")
    return achievement


def check_award(
    achievement: Achievement,
    evidence: Sequence[object] = (),
    evaluator: str | None = None,
    result: object = None,
) -> None:
    """Raises CompetencyWithoutAssessment when a competency would be awarded without what shows it."""
    given = {"evidence": bool(evidence), "an evaluator": bool(evaluator), "a result": result is not None}
    missing = [name for name, is_there in given.items() if not is_there]
    if achievement.kind == COMPETENCY and missing:
        raise CompetencyWithoutAssessment(
            f"'{achievement.name}' is a competency and lacks {', '.join(missing)}. Have it assessed, then award it.",
            field="/kind",
        )
