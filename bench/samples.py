"""The events that flow through the benchmarks: about 190 bytes of data in the platform's envelope."""

from collections.abc import Callable
from typing import Any

import orjson

from libranet.clock import now
from libranet.cloudevent import Event, to_json
from libranet.ids import new_id

OFFERED = "org.libranet.learning.course-offered.v1"
COMPLETED = "org.libranet.learning.course-completed.v1"
ENROLLED = "org.libranet.learning.enrolled.v1"
ISSUED = "org.libranet.credentials.credential-issued.v1"


def offered() -> Event:
    """A course that is offered."""
    course = new_id()
    return _event(OFFERED, course, {
        "course": course, "title": "Spreadsheets for work", "language": "en",
        "activity_iri": "https://courses.example.org/spreadsheets", "teaches": [{"label": "spreadsheets"}]})


def completed() -> Event:
    """A course that a patron completed."""
    completion = new_id()
    return _event(COMPLETED, completion, {
        "completion": completion, "patron": new_id(), "course": new_id(), "course_title": "Spreadsheets for work",
        "activity_iri": "https://courses.example.org/spreadsheets", "completed_at": "2026-11-21T09:30:00.000Z",
        "statement": new_id(), "rule": "openedx-course-passed", "teaches": [{"label": "spreadsheets"}]})


def enrolled() -> Event:
    """A patron who enrolled: the one fact of learning that exactly one queue hears."""
    enrolment = new_id()
    return _event(ENROLLED, enrolment, {
        "enrolment": enrolment, "patron": new_id(), "course": new_id(), "enrolled_at": "2026-11-21T09:30:00.000Z"})


def _event(type_name: str, subject: str, data: dict[str, object]) -> Event:
    return Event(
        id=new_id(), type=type_name, source=type_name.split(".")[2], subject=subject, time=now(),
        owner="demo.riverside", actor=new_id(), sequence=1, correlation_id=new_id(), causation_id=new_id(), data=data)


def as_dict(event: Event) -> dict[str, Any]:
    """The event as a peer's own serialiser gets it: the same members that ours writes."""
    document: dict[str, Any] = orjson.loads(to_json(event))
    return document


def bodies(make: Callable[[], Event], count: int) -> list[bytes]:
    """So many events as they lie in a queue."""
    return [to_json(make()) for _ in range(count)]
