"""What happens at the same moment, on a real database: whichever comes second sees the first."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from libranet.local import Platform
from libranet.mongo import Database
from libranet.outbox import events_of
from libranet.problems import NotYet, Refusal
from libranet.testing import a_request, an_event
from libranet.work import Work
from services.learning.service import PATRON_ERASED, PATRON_REGISTERED, Learning
from services.learning.store import COLLECTIONS, LearningStore

pytestmark = pytest.mark.real
ROUNDS = 12
ACTIVITY = "https://courses.example.org/course/1"
PASSED = {
    "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
    "object": {"id": ACTIVITY, "definition": {"type": "http://adlnet.gov/expapi/activities/course"}},
}
PROGRESSED = {**PASSED, "verb": {"id": "http://adlnet.gov/expapi/verbs/progressed"}}


def said(patron: str, what: dict[str, Any]) -> dict[str, Any]:
    """A request that stores what the patron's account did."""
    actor = {"account": {"homePage": "https://courses.example.org", "name": patron}}
    return {"raw": orjson.dumps({"actor": actor, **what}), "headers": {"X-Experience-API-Version": "1.0.3"}}


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Path(tmp_path_factory.mktemp("database"))
    with Platform(home=home, gateway_port=0, parts=("database",)) as platform:
        platform.start()
        yield platform.environment("operator")["MONGO_URI"]


class Replica:
    """One process's view: its own connection and writers."""

    def __init__(self, name: str) -> None:
        self.database = Database().connect("learning", COLLECTIONS, name=name)
        self.database.prepare()
        self.service = Learning()

    def call(self, method: str, **kwargs: Any) -> None:
        request = a_request(**kwargs)
        try:
            self.database.transact(lambda work: getattr(self.service, method)(request, LearningStore(work)))
        except (Refusal, NotYet):
            return

    def hear(self, type_name: str, data: dict[str, Any]) -> None:
        event = an_event(type_name, data, subject=data["patron"])
        self.database.transact(lambda work: self.service.patrons([event], LearningStore(work)))

    def register(self, patron: str) -> None:
        self.hear(PATRON_REGISTERED, {"patron": patron, "registered_at": "2026-11-21T09:00:00.000Z"})

    def erase(self, patron: str) -> None:
        self.hear(PATRON_ERASED, {
            "patron": patron, "erasure": str(uuid4()), "requested_at": "2026-11-21T09:00:00.000Z"})

    def enrol(self, patron: str, course: str) -> None:
        account = {"homePage": "https://courses.example.org", "name": patron}
        self.call("enrol", body={"patron": UUID(patron), "account": account}, path={"course": course})

    def post(self, patron: str, what: dict[str, Any] = PASSED) -> None:
        self.call("store_statements", **said(patron, what))

    def told(self, short_type: str) -> list[str]:
        rows = self.database.database.outbox.find()
        return [each.subject for row in rows for each in events_of(row) if each.short_type == short_type]


@pytest.fixture
def replicas(uri: str, monkeypatch: pytest.MonkeyPatch) -> list[Replica]:
    monkeypatch.setitem(os.environ, "MONGO_URI", uri)
    name = f"learning_{uuid4().hex[:8]}"
    return [Replica(name) for _ in range(3)]


def at_once(*steps: Callable[[], None]) -> None:
    """Runs the steps in threads of their own; raises what one of them raised."""
    failures: list[BaseException] = []

    def run(step: Callable[[], None]) -> None:
        try:
            step()
        except BaseException as error:  # noqa: BLE001 - shown by the thread that asks
            failures.append(error)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def offered(replica: Replica) -> str:
    replica.call("offer_course", body={"title": "Spreadsheets", "activity_iri": ACTIVITY, "teaches": []})
    return str(replica.database.database.courses.find_one()["_id"])  # type: ignore[index]


def test_a_statement_and_its_enrolment_at_the_same_moment_complete_once(replicas: list[Replica]) -> None:
    first, second, third = replicas
    course = offered(first)
    patrons = [str(uuid4()) for _ in range(ROUNDS)]
    for patron in patrons:
        first.register(patron)
        at_once(lambda p=patron: first.enrol(p, course), lambda p=patron: second.post(p),  # type: ignore[misc]
                lambda p=patron: third.post(p))  # type: ignore[misc]
    completed = first.told("course-completed")
    assert len(completed) == len(set(completed)) == ROUNDS
    assert first.database.database.statements.count_documents({}) == ROUNDS


@pytest.mark.parametrize("is_failed", [False, True])
def test_a_completion_and_what_takes_it_back_at_the_same_moment_leave_none(
        replicas: list[Replica], is_failed: bool) -> None:
    first, second, third = replicas
    course = offered(first)
    for _ in range(ROUNDS):
        patron, statement = str(uuid4()), str(uuid4())
        back = {**PASSED, "verb": {"id": "http://adlnet.gov/expapi/verbs/failed"}} if is_failed else {
            "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
            "object": {"objectType": "StatementRef", "id": statement}}
        passed = {**PASSED, "id": statement, "timestamp": "2026-11-20T10:00:00Z"}
        first.register(patron)
        at_once(lambda p=patron: first.enrol(p, course),  # type: ignore[misc]
                lambda p=patron, s=passed: second.post(p, s),  # type: ignore[misc]
                lambda p=patron, s=back: third.post(p, s))  # type: ignore[misc]
    done = [row["completion"] for row in first.database.database.enrolments.find() if row["completion"]]
    assert all(each["sources"] == [] for each in done)
    assert sorted(first.told("course-completed")) == sorted(first.told("course-completion-withdrawn"))


def test_an_enrolment_at_the_moment_of_an_erasure_leaves_nothing(replicas: list[Replica]) -> None:
    first, second, _ = replicas
    course = offered(first)
    for _ in range(ROUNDS):
        patron = str(uuid4())
        first.register(patron)
        at_once(lambda p=patron: first.enrol(p, course), lambda p=patron: second.erase(p))  # type: ignore[misc]
    state = first.database.database
    assert [state[name].count_documents({}) for name in ("patrons", "accounts", "enrolments", "awaited")] == [0] * 4


def test_a_statement_at_the_moment_of_an_erasure_is_not_kept(replicas: list[Replica]) -> None:
    """Whichever comes first: the erasure finds the statement, or the statement finds that the account is gone."""
    first, second, third = replicas
    course = offered(first)
    for _ in range(ROUNDS):
        patron = str(uuid4())
        first.register(patron)
        first.enrol(patron, course)
        at_once(lambda p=patron: first.erase(p), lambda p=patron: second.post(p),  # type: ignore[misc]
                lambda p=patron: third.post(p, PROGRESSED))  # type: ignore[misc]
    state = first.database.database
    assert [state[name].count_documents({}) for name in ("accounts", "statements", "awaited")] == [0] * 3


def test_a_statement_that_began_before_the_erasure_and_ends_after_it_is_not_kept(replicas: list[Replica]) -> None:
    first, second, _ = replicas
    patron = str(uuid4())
    first.register(patron)
    first.enrol(patron, offered(first))
    tries: list[LearningStore] = []

    def store_while_it_is_erased(work: Work) -> None:
        tries.append(LearningStore(work))
        first.service.store_statements(a_request(**said(patron, PROGRESSED)), tries[-1])
        if len(tries) == 1:
            second.erase(patron)

    first.database.transact(store_while_it_is_erased)
    assert len(tries) == 2
    assert first.database.database.statements.count_documents({}) == 0


def test_a_course_that_is_offered_twice_at_the_same_moment_is_offered_once(replicas: list[Replica]) -> None:
    at_once(*(lambda r=replica: offered(r) for replica in replicas))  # type: ignore[misc]
    assert len(replicas[0].told("course-offered")) == 1
