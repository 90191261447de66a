"""Enrolments: which patron takes which course, under which accounts statements speak of them, and how it ended.

Accounts belong to the patron within their library: what one enrolment names finds all of the patron's courses there.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from libranet.ids import keyed_id
from services.learning.domain.courses import Course
from services.learning.domain.refusals import AccountTaken

MAX_SOURCES = 20
"""A platform that repeats itself for years must not make a document that cannot be stored."""


@dataclass(frozen=True, slots=True)
class Source:
    """One statement that says the course was finished, the rule that read it so, and how it was finished: the scaled
    score, whether it was proctored, the hours that it took. Those of the first version do not tell when."""

    statement: str
    rule: str
    score: float | None = None
    proctored: bool | None = None
    hours: float | None = None
    occurred_at: datetime | None = field(default=None, compare=False)

    @property
    def circumstances(self) -> tuple[float | None, bool | None, float | None]:
        return self.score, self.proctored, self.hours


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A statement that takes back what was finished until then, and the rule that read it so."""

    statement: str
    rule: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Completion:
    """A course finished by a patron: one, however many statements say it, and withdrawn while none does. `occurred_at`
    is what the first of them said; `sequence` counts what was told of it."""

    id: str
    occurred_at: datetime
    recorded_at: datetime
    sources: tuple[Source, ...]
    sequence: int = 1


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
    taken_back: TakenBack | None = None

    @property
    def is_completed(self) -> bool:
        return bool(self.completion and self.completion.sources)

    @property
    def circumstances(self) -> set[tuple[float | None, bool | None, float | None]]:
        """In which the course was finished, each once; none where it is not finished."""
        return {each.circumstances for each in self.completion.sources} if self.completion else set()

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
    """The enrolment as finished; a further statement about a finished one only adds itself to the sources. What was
    taken back since is not finished."""
    done, source = enrolment.completion, replace(source, occurred_at=occurred_at)
    if enrolment.taken_back and enrolment.taken_back.occurred_at >= occurred_at:
        return enrolment
    if done is None:
        identity = keyed_id("completion", enrolment.patron, enrolment.course)
        return replace(enrolment, completion=Completion(identity, occurred_at, at, (source,)))
    if not done.sources:
        return replace(enrolment, completion=replace(done, occurred_at=occurred_at, sources=(source,)))
    if source in done.sources:
        return enrolment
    return replace(enrolment, completion=replace(done, sources=(*_with_room(done.sources, source), source)))


def take_back(enrolment: Enrolment, taken_back: Iterable[TakenBack], voided: Collection[str]) -> Enrolment:
    """The enrolment without what these statements take back and without the voided ones."""
    known = [*taken_back, *([enrolment.taken_back] if enrolment.taken_back else [])]
    newest = max((each for each in known if each.statement not in voided),
                 key=lambda each: each.occurred_at, default=None)
    changed = enrolment if newest == enrolment.taken_back else replace(enrolment, taken_back=newest)
    done = enrolment.completion
    if done is None:
        return changed
    left = tuple(each for each in done.sources if each.statement not in voided and (
        newest is None or newest.occurred_at < (each.occurred_at or done.occurred_at)))
    return changed if left == done.sources else replace(changed, completion=replace(done, sources=left))


def _with_room(sources: tuple[Source, ...], coming: Source) -> tuple[Source, ...]:
    """These, without one where they are as many as may be: the last that repeats another, else the lowest score."""
    if len(sources) < MAX_SOURCES:
        return sources
    how_often = Counter(each.circumstances for each in (*sources, coming))
    repeated = (each for each in reversed(sources) if how_often[each.circumstances] > 1)
    dropped = next(repeated, None) or min(sources, key=lambda each: (each.score is not None, each.score or 0))
    return tuple(each for each in sources if each is not dropped)
