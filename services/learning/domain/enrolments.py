"""Enrolments: which patron takes which course, under which accounts statements speak of them, and how it ended.

Accounts belong to the patron within their library: what one enrolment names finds all of the patron's courses there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from libranet.ids import keyed_id
from services.learning.domain.courses import Course
from services.learning.domain.refusals import AccountTaken

MAX_SOURCES = 20
"""A platform that repeats itself for years must not make a document that cannot be stored."""


@dataclass(frozen=True, slots=True)
class Source:
    """One statement that says the course was finished, the rule that read it so, and the scaled score it gives."""

    statement: str
    rule: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A course finished by a patron: one, however many statements say it. `occurred_at` is what the first one said."""

    id: str
    occurred_at: datetime
    recorded_at: datetime
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`owner` is the patron's library; `actors` are the keys of the patron's accounts."""

    id: str
    owner: str
    patron: str
    course: str
    activity_iri: str
    actors: tuple[str, ...]
    enrolled_at: datetime
    completion: Completion | None = None

    @property
    def awaited_keys(self) -> set[str]:
        """Under which statements find it: one for each account."""
        return {awaited_key(actor, self.activity_iri) for actor in self.actors}


def awaited_key(actor: str, activity_iri: str) -> str:
    """Under which a statement finds the enrolments that wait for it."""
    return keyed_id("awaited", actor, activity_iri)


def belong_to(holder: str | None, patron: str) -> None:
    """Raises AccountTaken when the account is bound to another patron of the same library."""
    if holder is not None and holder != patron:
        raise AccountTaken("Statements of this account are another patron's: check the account, or erase that patron.",
                           "/account")


def enrol(patron: str, owner: str, course: Course, actors: Iterable[str], at: datetime) -> Enrolment:
    """A new enrolment; its id follows from patron and course, so there is one."""
    return Enrolment(
        id=keyed_id("enrolment", patron, course.id), owner=owner, patron=patron, course=course.id,
        activity_iri=course.activity_iri, actors=tuple(dict.fromkeys(actors)), enrolled_at=at,
    )


def complete(enrolment: Enrolment, source: Source, occurred_at: datetime, at: datetime) -> Enrolment:
    """The enrolment as finished; a further statement about a finished one only adds itself to the sources."""
    done = enrolment.completion
    if done is None:
        identity = keyed_id("completion", enrolment.patron, enrolment.course)
        return replace(enrolment, completion=Completion(identity, occurred_at, at, (source,)))
    if source in done.sources or len(done.sources) >= MAX_SOURCES:
        return enrolment
    return replace(enrolment, completion=replace(done, sources=(*done.sources, source)))
