"""The learning service as callers and other services meet it: calls and events in, answers, facts and state out."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from contracts.principal import Principal
from libranet.calls import Answer
from libranet.problems import NotYet
from libranet.testing import MemoryWork, a_principal, a_request, an_event
from services.learning.service import PATRON_ERASED, PATRON_REGISTERED, Learning
from services.learning.store import COLLECTIONS, LearningStore

FIXTURES = Path(__file__).parents[1] / "fixtures" / "xapi"
RIVERSIDE = a_principal("demo.riverside")
LAKESIDE = a_principal("demo.lakeside", actor="client-2")
CONSORTIUM = a_principal("demo", actor="client-3")
ACCOUNT = {"homePage": "https://courses.example.org", "name": "5b0c2d34-6a1f-4c57-9d8e-0f3a7be21c90"}
MOODLE = {"homePage": "https://moodle.lakeside.example", "name": "207"}
SPREADSHEETS = "https://courses.example.org/course/course-v1:Riverside+SPR101+2026"
FOOD_SAFETY = "https://moodle.lakeside.example/course/view.php?id=14"
PATRON, OTHER = str(uuid4()), str(uuid4())


def sample(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


class Desk:
    """The service with its state, spoken to as the gateway and the broker do."""

    def __init__(self) -> None:
        self.work = MemoryWork(COLLECTIONS, "learning")
        self.service = Learning()

    @property
    def state(self) -> dict[str, dict[str, Any]]:
        return self.work.state

    @property
    def told(self) -> list[str]:
        return [event.short_type for event in self.work.events]

    def completions(self) -> list[dict[str, Any]]:
        return [event.data for event in self.work.events if event.short_type == "course-completed"]

    def call(self, method: str, who: Principal = RIVERSIDE, **kwargs: Any) -> Answer:
        try:
            return getattr(self.service, method)(a_request(principal=who, **kwargs), LearningStore(self.work))
        except NotYet as reason:  # the core would ask again for a moment, then refuse
            raise reason.refusal from None

    def hear(self, *events: Any) -> None:
        self.service.patrons(list(events), LearningStore(self.work))

    def register(self, patron: str = PATRON, owner: str = "demo.riverside") -> None:
        data = {"patron": patron, "registered_at": "2026-11-21T09:00:00.000Z"}
        self.hear(an_event(PATRON_REGISTERED, data, subject=patron, owner=owner))

    def erase(self, patron: str = PATRON, owner: str = "demo.riverside") -> None:
        data = {"patron": patron, "erasure": str(uuid4()), "requested_at": "2026-11-21T10:00:00.000Z"}
        self.hear(an_event(PATRON_ERASED, data, subject=patron, owner=owner))

    def offer(self, iri: str = SPREADSHEETS, who: Principal = RIVERSIDE) -> str:
        body = {"title": "Spreadsheets", "activity_iri": iri, "teaches": [{"label": "use spreadsheets"}]}
        return str(self.call("offer_course", who, body=body).body["id"])

    def enrol(self, course: str, patron: str = PATRON, who: Principal = RIVERSIDE, **identifier: Any) -> Answer:
        body = {"patron": UUID(patron), **(identifier or {"account": ACCOUNT})}
        return self.call("enrol", who, body=body, path={"course": course})

    def post(self, body: Any, who: Principal = RIVERSIDE, version: str = "1.0.3") -> Answer:
        return self.call("store_statements", who, raw=orjson.dumps(body), headers={"X-Experience-API-Version": version})

    def read(self, who: Principal = RIVERSIDE, **query: str) -> Answer:
        return self.call("get_statements", who, query=query, headers={"X-Experience-API-Version": "1.0.3"})


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def enrolled(desk: Desk) -> Desk:
    desk.register()
    desk.enrol(desk.offer())
    return desk
