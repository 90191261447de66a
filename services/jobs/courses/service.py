"""Hears what courses teach, answers which skills are taught where."""

from typing import Any, Protocol

from contracts.calls import jobs as calls
from libranet.calls import CallRequest, answers
from libranet.cloudevent import Event
from libranet.consume import hears
from services.jobs.courses import views
from services.jobs.courses.domain import taught
from services.jobs.courses.domain.taught import Course, Skill
from services.jobs.courses.store import CourseStore
from services.jobs.domain.cursors import cursor_after, place_of


class Stores(Protocol):
    """What these calls need of jobs' store."""

    courses: CourseStore


class CourseCalls:
    @answers(calls.LIST_TAUGHT_SKILLS)
    def list_taught_skills(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        """Skills by label, each with the courses that the caller's node shares; skills of others are skipped."""
        limit, after = request.query["limit"], place_of(request.query.get("cursor"))
        items: list[dict[str, Any]] = []
        while rows := store.courses.skills_after(after, limit + 1):
            for key, each in rows.items():
                shown = views.skill(each, request.principal)
                if shown["courses"] and len(items) == limit:
                    return {"items": items, "next": cursor_after(after)}
                if shown["courses"]:
                    items.append(shown)
                after = key
            if len(rows) <= limit:
                break
        return {"items": items, "next": None}

    @hears("org.libranet.learning.course-offered.v1", batch=100)
    def courses(self, events: list[Event], store: Stores) -> None:
        """Keeps the newest state of each course; an older one changes nothing."""
        known = store.courses.get_many(event.data["course"] for event in events)
        fresh = taught.newest(map(course_of, events), known)
        skills = store.courses.skills(taught.touched(fresh, known))
        store.courses.save(fresh.values(), taught.teach(fresh, skills))


def course_of(event: Event) -> Course:
    teaches = tuple(Skill(each["label"], each.get("uri")) for each in event.data["teaches"])
    return Course(event.data["course"], event.owner, event.data["title"], teaches, event.sequence)
