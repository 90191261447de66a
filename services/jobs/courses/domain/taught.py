"""Which skill is taught by which course: the other way round of what courses say they teach.

A skill is here what a course calls it, label and URI together; telling that two of them mean the same is the
taxonomy's business, which does not exist yet.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SORTED_CHARACTERS = 60
"""Of the label, in front of a skill's key: pages come in the order of labels, and a key stays short enough to be a
cursor."""


@dataclass(frozen=True, slots=True)
class Skill:
    """As a course names it; `uri` is its place in a taxonomy where the course gives one."""

    label: str
    uri: str | None = None

    @property
    def key(self) -> str:
        """The same for labels that differ only in case or blanks; sorts by label."""
        folded = " ".join(self.label.casefold().split())
        digest = hashlib.sha256(f"{folded}\n{self.uri or ''}".encode()).hexdigest()[:16]
        return f"{folded[:SORTED_CHARACTERS]}|{digest}"


@dataclass(frozen=True, slots=True)
class Course:
    """The newest known state of a course on offer; `sequence` counts its states."""

    id: str
    owner: str
    title: str
    teaches: tuple[Skill, ...]
    sequence: int


@dataclass(frozen=True, slots=True)
class TaughtSkill:
    """A skill with the courses that teach it: id to (owner, title)."""

    skill: Skill
    courses: dict[str, tuple[str, str]] = field(default_factory=dict)


def newest(heard: Iterable[Course], known: Mapping[str, Course]) -> dict[str, Course]:
    """By id, the newest state of each course heard of, where it is newer than the known one."""
    fresh: dict[str, Course] = {}
    for course in heard:
        before = fresh.get(course.id) or known.get(course.id)
        if before is None or course.sequence > before.sequence:
            fresh[course.id] = course
    return fresh


def touched(fresh: Mapping[str, Course], known: Mapping[str, Course]) -> set[str]:
    """The keys of the skills that these courses teach or taught."""
    return {skill.key for courses in (fresh, known) for course_id, course in courses.items() if course_id in fresh
            for skill in course.teaches}


def teach(fresh: Mapping[str, Course], skills: Mapping[str, TaughtSkill]) -> dict[str, TaughtSkill]:
    """The touched skills by key, as the fresh courses leave them; one that no course teaches has no courses."""
    left = {key: TaughtSkill(each.skill, {course: place for course, place in each.courses.items()
                                          if course not in fresh}) for key, each in skills.items()}
    for course in fresh.values():
        for skill in course.teaches:
            taught = left.setdefault(skill.key, TaughtSkill(skill))
            taught.courses[course.id] = (course.owner, course.title)
    return left
