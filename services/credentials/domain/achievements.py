"""What can be earned, and by what: taking part (`engagement`) and being able (`competency`) are kept apart
by rules."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from contracts.calls.achievements import COMPETENCY, ENGAGEMENT, KINDS, TYPES_OF_KIND
from services.credentials.domain import alignments, rubrics
from services.credentials.domain.alignments import Alignment
from services.credentials.domain.guard import UNWRITABLE
from services.credentials.domain.refusals import (
    CompetencyWithoutAssessment,
    KindUnfit,
    RubricUnsound,
    TextUnsuitable,
)
from services.credentials.domain.rubrics import Criterion

MOST_PARTS = 55
"""Levels, criteria (each with its result) and alignments of a competency together: with ten pieces of evidence, an
image and the proofs, a credential has about as many types as our own verification reads (guard.MOST_TYPES)."""
KIND_OF_TYPE = {each: kind for kind in KINDS for each in TYPES_OF_KIND[kind]}


@dataclass(frozen=True)
class Achievement:
    """One version of what can be earned. `owner` is the node that defined it; `course` the one whose completion earns
    it, if any; `language` BCP 47; `validity` the days after which its credentials expire, None for never; `image` the
    path of its picture. Kind and type follow from each other where one is not given. `second_readings` is how many
    submissions in a hundred two evaluators read; `secret_evidence` those alone ever see. `minimum_score`,
    `proctored` and `minimum_hours` are those of the course's completion. A stack is earned by `at_least` so many of
    other achievements, its `components`."""

    id: str
    owner: str
    name: str
    description: str
    criteria: str
    kind: str = ""
    course: str | None = None
    language: str | None = None
    validity: int | None = None
    achievement_type: str = ""
    tags: tuple[str, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    rubric: tuple[Criterion, ...] = ()
    secret_evidence: bool = False
    second_readings: int = 0
    minimum_score: float | None = None
    proctored: bool = False
    minimum_hours: float | None = None
    components: tuple[str, ...] = ()
    at_least: int = 0
    version: int = 1
    image: str | None = None

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", KIND_OF_TYPE.get(self.achievement_type, ""))
        if not self.achievement_type and self.kind:
            object.__setattr__(self, "achievement_type", _usual_type(self.kind, self.course))

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Achievement":
        """The achievement in a stored document, whatever else stands in that."""
        return cls.of(document["_id"], document)

    @classmethod
    def of(cls, own_id: str, members: dict[str, Any]) -> "Achievement":
        """The achievement that these members make; those that it does not have are passed over."""
        names = {each.name for each in fields(cls)} - {"id"}
        given: dict[str, Any] = {
            name: tuple(each) if isinstance(each, list) else each for name, each in members.items() if name in names}
        return cls(id=own_id, **given)

    def end_after(self, moment: datetime) -> datetime | None:
        """When a credential of it expires that is signed at this moment."""
        return None if self.validity is None else moment + timedelta(days=self.validity)

    def members(self) -> dict[str, Any]:
        """As it is stored, without its id; what is not given is left out."""
        given = {name: list(each) if isinstance(each, tuple) else each for name, each in asdict(self).items()}
        return {name: each for name, each in given.items() if name != "id" and each}


def define_achievement(achievement: Achievement) -> Achievement:
    """The achievement, if it may be defined.

    Raises KindUnfit, CompetencyWithoutAssessment, AlignmentUnfit, RubricUnsound or TextUnsuitable, with the field. A
    competency is never earned by a completion or by other achievements alone; it is judged by a rubric. Taking part is
    judged by nobody, and shows no competency.
    """
    _check_kind(achievement)
    if achievement.kind == COMPETENCY:
        _check_competency(achievement)
    else:
        _check_engagement(achievement)
    alignments.check(achievement.alignments)
    rubrics.check(achievement.rubric)
    check_texts(achievement.members())
    return achievement


def next_version(current: Achievement, wanted: Achievement) -> Achievement:
    """What follows the current version; the current one itself where nothing is wanted otherwise.

    Raises KindUnfit where the kind would change: those who hold a credential of it were told what it says.
    """
    if wanted.kind != current.kind:
        raise KindUnfit(f"It stays an achievement of the kind '{current.kind}'. Define another one for "
                        f"'{wanted.kind}'.", "/kind")
    wanted = replace(wanted, version=current.version)
    return current if wanted == current else replace(wanted, version=current.version + 1)


def check_texts(value: Any, place: str = "") -> None:
    """Raises TextUnsuitable for a text that no credential can have, wherever it stands."""
    if isinstance(value, str) and UNWRITABLE.search(value):
        raise TextUnsuitable("Remove the control characters; line breaks and tabs may stay.", field=place)
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            check_texts(each, f"{place}/{name}")


def _usual_type(kind: str, course: str | None) -> str:
    if kind == COMPETENCY:
        return "Competency"
    return "CertificateOfCompletion" if course else "Badge"


def _check_kind(achievement: Achievement) -> None:
    if not achievement.kind:
        raise KindUnfit(f"Say what it shows: {' or '.join(KINDS)}.", "/kind")
    if KIND_OF_TYPE.get(achievement.achievement_type, achievement.kind) != achievement.kind:
        raise KindUnfit(
            f"'{achievement.achievement_type}' is not of the kind '{achievement.kind}'. For that there are "
            f"{', '.join(TYPES_OF_KIND[achievement.kind])}.", "/achievement_type")


def _check_competency(achievement: Achievement) -> None:
    if achievement.components:
        raise CompetencyWithoutAssessment(
            "Holding others is no evidence that somebody judged. Use kind 'engagement' for what they earn together, or "
            "let evaluators judge it, with the credentials as evidence.", field="/earned_by")
    if achievement.course is not None:
        raise CompetencyWithoutAssessment(
            "Completing a course shows that somebody took part, not what they can do. Use kind 'engagement' for what "
            "this course earns, or leave 'course' out and award the competency after an assessment.",
            field="/kind",
        )
    if not achievement.rubric:
        raise CompetencyWithoutAssessment(
            "A competency is judged by a rubric. Name its criteria, their levels and the level that is required, or "
            f"use kind '{ENGAGEMENT}'.", field="/rubric")
    parts = sum(2 + len(each["levels"]) for each in achievement.rubric) + len(achievement.alignments)
    if parts > MOST_PARTS:
        raise RubricUnsound(
            "No credential could show it all. Twice the criteria, all their levels and the alignments are together "
            f"{parts}; leave some out, down to {MOST_PARTS}.", "/rubric")


def _check_engagement(achievement: Achievement) -> None:
    if achievement.rubric:
        raise KindUnfit("Taking part has no levels. Leave the rubric out, or define a competency.", "/rubric")
    for name in ("secret_evidence", "second_readings"):
        if getattr(achievement, name):
            raise KindUnfit("Taking part is judged by nobody. Leave this out, or define a competency.", f"/{name}")
    alignments.check_no_competency(achievement.alignments)
