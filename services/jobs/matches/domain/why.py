"""Why a job is shown, in words that the person it is about would use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.jobs.matches.domain.teaching import Course

CLAIMED, TAUGHT, DEMONSTRATED = "claimed", "taught", "demonstrated"
STRONGEST = (DEMONSTRATED, TAUGHT, CLAIMED)
SAID = {DEMONSTRATED: "A credential shows: {}.", TAUGHT: "You completed a course on: {}.",
        CLAIMED: "You said you can: {}."}
NAMED = 5
"""Skills that one sentence names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Matched:
    uri: str
    label: str
    bases: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Missing:
    uri: str
    label: str
    required: bool
    courses: tuple[Course, ...] = ()


def sentences(matched: Sequence[Matched], missing: Sequence[Missing], goal: str | None) -> list[str]:
    """The case for the job, then what is still open; `goal` only where the job fits it."""
    required = [each for each in missing if each.required]
    said = [_first(matched, required)]
    if goal:
        said.append(f"It fits what you hope for: {goal}.")
    said += [SAID[basis].format(_named(each.label for each in matched if _strongest(each) == basis))
             for basis in STRONGEST if any(_strongest(each) == basis for each in matched)]
    if required:
        said.append(f"It also requires: {_named(each.label for each in required)}.")
    said += [f"The course “{each.courses[0].title}” teaches {each.label}." for each in missing if each.courses][:NAMED]
    wished = [each.label for each in missing if not each.required]
    if wished:
        said.append(f"Welcome, but not required: {_named(wished)}.")
    return said


def _first(matched: Sequence[Matched], missing: Sequence[Missing]) -> str:
    asked = sum(each.required for each in matched) + len(missing)
    if not asked:
        return "It requires nothing by name; you have part of what it wishes for."
    if not missing:
        return "You have everything that this job requires." if asked > 1 else "You have what this job requires."
    return f"You have {asked - len(missing)} of the {asked} skills that this job requires."


def _strongest(skill: Matched) -> str:
    return next((basis for basis in STRONGEST if basis in skill.bases), CLAIMED)


def _named(labels: Iterable[str]) -> str:
    named = list(labels)
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" and {more} more" if more > 0 else "")
