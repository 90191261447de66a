"""What learning decided, in the past tense, as its contracts in `contracts/events` ask."""

from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.learning.domain.courses import Course
from services.learning.domain.enrolments import Completion, Enrolment, Source, TakenBack

PREFIX = "org.libranet.learning."


def course_offered(course: Course) -> Fact:
    """The whole state of a course; its subject is the course."""
    stated = {"provider": course.provider, "url": course.url, "language": course.language, "level": course.level}
    return Fact(f"{PREFIX}course-offered.v1", course.id, course.owner, {
        "course": course.id, "title": course.title, "activity_iri": course.activity_iri, "teaches": course.teaches,
        **{name: value for name, value in stated.items() if value is not None},
    }, course.sequence)


def enrolled(enrolment: Enrolment) -> Fact:
    """Belongs to the patron's library, whoever offers the course."""
    return Fact(f"{PREFIX}enrolled.v1", enrolment.id, enrolment.owner, {
        "enrolment": enrolment.id, "patron": enrolment.patron, "course": enrolment.course,
        "enrolled_at": rfc3339(enrolment.enrolled_at),
    })


def course_completed(enrolment: Enrolment, course: Course) -> Fact:
    """The subject is the completion; told once, by the statement that decided it. Whatever else was said by then
    follows in `attempts`."""
    completion = _completion(enrolment)
    several = {"attempts": _attempts(completion)} if len(completion.sources) > 1 else {}
    return Fact(f"{PREFIX}course-completed.v1", completion.id, enrolment.owner, {
        **_about(enrolment, course), "activity_iri": course.activity_iri, "teaches": course.teaches,
        **_attempt(completion.sources[0], completion), **several,
    })


def course_completion_retold(enrolment: Enrolment, course: Course) -> Fact:
    """The whole state of a completion that is told again, after a withdrawal or with other circumstances."""
    completion = _completion(enrolment)
    return Fact(f"{PREFIX}course-completion-retold.v1", completion.id, enrolment.owner, {
        **_about(enrolment, course), "attempts": _attempts(completion),
    }, completion.sequence)


def course_completion_withdrawn(enrolment: Enrolment, course: Course, by: TakenBack) -> Fact:
    """Nothing says any more that the course was finished."""
    completion = _completion(enrolment)
    return Fact(f"{PREFIX}course-completion-withdrawn.v1", completion.id, enrolment.owner, {
        **_about(enrolment, course), "statement": by.statement, "rule": by.rule,
        "withdrawn_at": rfc3339(by.occurred_at),
    }, completion.sequence)


def _completion(enrolment: Enrolment) -> Completion:
    if enrolment.completion is None:
        raise ValueError("only an enrolment that was finished once has a completion to tell of")
    return enrolment.completion


def _about(enrolment: Enrolment, course: Course) -> dict[str, Any]:
    return {"completion": _completion(enrolment).id, "patron": enrolment.patron, "course": course.id,
            "course_title": course.title}


def _attempts(completion: Completion) -> list[dict[str, Any]]:
    """One for each of the circumstances, the first statement that told of them."""
    first: dict[Any, Source] = {}
    for each in completion.sources:
        first.setdefault(each.circumstances, each)
    return [_attempt(each, completion) for each in first.values()]


def _attempt(source: Source, completion: Completion) -> dict[str, Any]:
    circumstances = {"score": source.score, "proctored": source.proctored, "hours": source.hours}
    return {"statement": source.statement, "rule": source.rule,
            "completed_at": rfc3339(source.occurred_at or completion.occurred_at),
            **{name: told for name, told in circumstances.items() if told is not None}}


def patron_data_erased(patron: str, owner: str, erasure: str, deleted: int, at: datetime) -> Fact:
    """The answer to patron-erased; the subject is the patron."""
    return Fact(f"{PREFIX}patron-data-erased.v1", patron, owner, {
        "patron": patron, "erasure": erasure, "erased_at": rfc3339(at), "deleted": deleted,
    })
