"""Why a job is shown, in words that the person it is about would use."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from services.jobs.matches.domain.teaching import Course

CLAIMED, TAUGHT, DEMONSTRATED = "claimed", "taught", "demonstrated"
STRONGEST = (DEMONSTRATED, TAUGHT, CLAIMED)
SAID = {DEMONSTRATED: "A credential shows: {}.", TAUGHT: "You completed a course on: {}.",
        CLAIMED: "You said you can: {}."}
NAMED = 5
"""Skills that one sentence names; the rest is counted."""


class Matched(NamedTuple):
    uri: str
    label: str
    bases: tuple[str, ...]
    required: bool


class Missing(NamedTuple):
    uri: str
    label: str
    required: bool
    courses: tuple[Course, ...] = ()


class Comparison:
    """What somebody holds (bases by skill URI) beside what postings want. A skill is looked up once, however many of an
    answer's postings want it."""

    def __init__(self, held: Mapping[str, tuple[str, ...]], label_of: Callable[[str], str],
                 courses_of: Callable[[str], Sequence[Course]]) -> None:
        self._held = held
        self._matched = cache(lambda uri, required: Matched(uri, label_of(uri), held[uri], required))
        self._missing = cache(lambda uri, required: Missing(uri, label_of(uri), required, tuple(courses_of(uri))))

    def of(self, wants: Iterable[tuple[str, bool]]) -> tuple[list[Matched], list[Missing]]:
        """Of one posting's wants: (skill URI, whether it is required)."""
        matched, missing = [], []
        for uri, required in wants:
            if uri in self._held:
                matched.append(self._matched(uri, required))
            else:
                missing.append(self._missing(uri, required))
        return matched, missing


def sentences(matched: Sequence[Matched], missing: Sequence[Missing], goal: str | None) -> list[str]:
    """The case for the job, then what is still open; `goal` only where the job fits it."""
    required = [each.label for each in missing if each.required]
    wished = [each.label for each in missing if not each.required]
    said = [_first(len([each for each in matched if each.required]), len(required))]
    if goal:
        said.append(f"It fits what you hope for: {goal}.")
    by_basis = [(basis, [each.label for each in matched if _strongest(each.bases) == basis]) for basis in STRONGEST]
    said += [SAID[basis].format(_named(labels)) for basis, labels in by_basis if labels]
    if required:
        said.append(f"It also requires: {_named(required)}.")
    said += [f"The course “{each.courses[0].title}” teaches {each.label}." for each in missing if each.courses][:NAMED]
    if wished:
        said.append(f"Welcome, but not required: {_named(wished)}.")
    return said


def _first(there: int, missing: int) -> str:
    asked = there + missing
    if not asked:
        return "It requires nothing by name; you have part of what it wishes for."
    if not missing:
        return "You have everything that this job requires." if asked > 1 else "You have what this job requires."
    return f"You have {there} of the {asked} skills that this job requires."


@cache
def _strongest(bases: tuple[str, ...]) -> str:
    if DEMONSTRATED in bases:
        return DEMONSTRATED
    return TAUGHT if TAUGHT in bases else CLAIMED


def _named(labels: Sequence[str]) -> str:
    more = len(labels) - NAMED
    return ", ".join(labels[:NAMED]) + (f" and {more} more" if more > 0 else "")
