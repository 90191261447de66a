"""What learning shows of what it keeps; the shapes are in `contracts/calls/learning.py`."""

from typing import Any

from libranet.clock import rfc3339
from services.learning.domain.courses import Course
from services.learning.domain.enrolments import Enrolment

HELD = {
    "patrons": "That you are a patron of your library, and keyed numbers of your accounts at learning platforms.",
    "accounts": "Which learning platforms' accounts your library says are yours, as keyed numbers.",
    "enrolments": "The courses you take part in, and whether you completed them.",
    "awaited": "Which reports of learning platforms would complete a course of yours, as keyed numbers.",
    "statements": "What learning platforms said that you did.",
}
"""What a person is told of each collection that is about them."""


def shown_course(course: Course) -> dict[str, Any]:
    stated = {"provider": course.provider, "url": course.url, "language": course.language, "level": course.level}
    return {"id": course.id, "owner": course.owner, "title": course.title, "activity_iri": course.activity_iri,
            "teaches": course.teaches, "offered_at": rfc3339(course.offered_at),
            **{name: value for name, value in stated.items() if value is not None}}


def shown_enrolment(enrolment: Enrolment) -> dict[str, Any]:
    return {"id": enrolment.id, "patron": enrolment.patron, "course": enrolment.course,
            "enrolled_at": rfc3339(enrolment.enrolled_at), "completed": enrolment.is_completed}
