"""What learning decided, in the past tense, as its contracts in `contracts/events` ask."""

from datetime import datetime

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.learning.domain.courses import Course
from services.learning.domain.enrolments import Enrolment

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
    """The subject is the completion; told once, by the statement that decided it."""
    completion = enrolment.completion
    if completion is None:
        raise ValueError("only a finished enrolment has a completion to tell of")
    decided = completion.sources[0]
    return Fact(f"{PREFIX}course-completed.v1", completion.id, enrolment.owner, {
        "completion": completion.id, "patron": enrolment.patron, "course": course.id, "course_title": course.title,
        "activity_iri": course.activity_iri, "teaches": course.teaches,
        "completed_at": rfc3339(completion.occurred_at), "statement": decided.statement, "rule": decided.rule,
        **({"score": decided.score} if decided.score is not None else {}),
    })


def patron_data_erased(patron: str, owner: str, erasure: str, deleted: int, at: datetime) -> Fact:
    """The answer to patron-erased; the subject is the patron."""
    return Fact(f"{PREFIX}patron-data-erased.v1", patron, owner, {
        "patron": patron, "erasure": erasure, "erased_at": rfc3339(at), "deleted": deleted,
    })
