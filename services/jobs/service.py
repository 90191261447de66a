"""The jobs service: hears what courses teach, answers which skills are taught where."""

from typing import Any

from contracts.calls import jobs as calls
from libranet.calls import CallRequest, answers
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.service import Service
from services.jobs import views
from services.jobs.domain import taught
from services.jobs.domain.cursors import cursor_after, place_of
from services.jobs.domain.taught import Course, Skill
from services.jobs.store import COLLECTIONS, JobsStore


class Jobs(Service):
    name = "jobs"
    collections = COLLECTIONS
    store = JobsStore

    @answers(calls.LIST_TAUGHT_SKILLS)
    def list_taught_skills(self, request: CallRequest, store: JobsStore) -> dict[str, Any]:
        """Skills by label, each with the courses that the caller's node shares; skills of others are skipped."""
        limit, after = request.query["limit"], place_of(request.query.get("cursor"))
        items: list[dict[str, Any]] = []
        while rows := store.skills_after(after, limit + 1):
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
    def courses(self, events: list[Event], store: JobsStore) -> None:
        """Keeps the newest state of each course; an older one changes nothing."""
        known = store.courses(event.data["course"] for event in events)
        fresh = taught.newest(map(course_of, events), known)
        skills = store.skills(taught.touched(fresh, known))
        store.save(fresh.values(), taught.teach(fresh, skills))


def course_of(event: Event) -> Course:
    teaches = tuple(Skill(each["label"], each.get("uri")) for each in event.data["teaches"])
    return Course(event.data["course"], event.owner, event.data["title"], teaches, event.sequence)
