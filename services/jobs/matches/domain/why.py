"""Why a job is shown, in words that the person it is about would use."""

from collections.abc import Sequence
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
    required = [each.label for each in missing if each.required]
    wished = [each.label for each in missing if not each.required]
    known: dict[str, list[str]] = {}
    for each in matched:
        known.setdefault(_strongest(each.bases), []).append(each.label)
    said = [_first(sum(each.required for each in matched), len(required))]
    if goal:
        said.append(f"It fits what you hope for: {goal}.")
    said += [SAID[basis].format(_named(known[basis])) for basis in STRONGEST if basis in known]
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


def _strongest(bases: Sequence[str]) -> str:
    if DEMONSTRATED in bases:
        return DEMONSTRATED
    return TAUGHT if TAUGHT in bases else CLAIMED


def _named(labels: Sequence[str]) -> str:
    more = len(labels) - NAMED
    return ", ".join(labels[:NAMED]) + (f" and {more} more" if more > 0 else "")
