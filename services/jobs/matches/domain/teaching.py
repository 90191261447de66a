"""Which courses on offer teach a skill, by the skill's URI: what closes a gap."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_COURSES = 5
"""Shown for a missing skill."""


@dataclass(frozen=True, slots=True)
class Course:
    """A course as far as matching needs it."""

    id: str
    owner: str
    title: str


class Teaching:
    """Courses by what they teach; the newest state of a course takes the place of its former one."""

    def __init__(self) -> None:
        self._by_skill: dict[str, dict[str, Course]] = {}
        self._taught: dict[str, tuple[str, ...]] = {}

    def put(self, course: Course, skills: Iterable[str]) -> None:
        for uri in self._taught.pop(course.id, ()):
            self._by_skill[uri].pop(course.id, None)
        self._taught[course.id] = tuple(skills)
        for uri in self._taught[course.id]:
            self._by_skill.setdefault(uri, {})[course.id] = course

    def teaching(self, uri: str, shares: Callable[[str], bool]) -> list[Course]:
        """Courses of owners that the caller shares, by title."""
        courses = [course for course in self._by_skill.get(uri, {}).values() if shares(course.owner)]
        return sorted(courses, key=lambda course: (course.title, course.id))[:MOST_COURSES]
