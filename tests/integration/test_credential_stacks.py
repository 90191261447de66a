"""Completions that earn a stack, while the service is killed in the middle: each is issued once, the stack once a
learner."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from contracts import topology
from libranet import broker
from libranet.clock import now, rfc3339
from libranet.cloudevent import Event, to_json
from libranet.ids import new_id
from libranet.local import Platform
from libranet.mongo import Database
from libranet.work import Work
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.consents import PURPOSE, Consent
from services.credentials.store import COLLECTIONS, CredentialStore
from tests.patience import until

pytestmark = pytest.mark.real
LIBRARY = "test.riverside"
COMPLETED = "org.libranet.learning.course-completed.v1"
PARTS = 2
COMPLETIONS = int(os.environ.get("STACK_COMPLETIONS", "400"))
"""10,000 take some minutes; `STACK_COMPLETIONS=10000` asks for them."""
KILLS = 3
AT_ONCE = 200


@pytest.fixture
def database(parts: Platform) -> Iterator[Database]:
    """The service's own. It is gone with the parts; to drop what 10,000 left takes minutes."""
    made = Database().connect("credentials", COLLECTIONS, holder="a test's own")
    yield made
    made.client.close()


class Replicas:
    """Two of the service; each can be killed, and comes back."""

    def __init__(self, parts: Platform) -> None:
        own = parts.environment("credentials")
        self._environments = [
            {**own, "LIBRANET_INSTANCE": f"credentials-{number}", "LISTEN": parts.environment(spare)["LISTEN"]}
            for number, spare in enumerate(("credentials", "learning"))]
        self._processes = [self._started(each) for each in self._environments]

    def kill(self, number: int) -> None:
        self._processes[number].kill()
        self._processes[number].wait(10)
        self._processes[number] = self._started(self._environments[number])

    def close(self) -> None:
        for each in self._processes:
            each.terminate()
            each.wait(25)

    def _started(self, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "libranet.runner", "credentials"], env=environment)


@pytest.fixture
def replicas(parts: Platform) -> Iterator[Replicas]:
    made = Replicas(parts)
    yield made
    made.close()


def an_achievement(**members: Any) -> Achievement:
    return Achievement(id=new_id(), owner=LIBRARY, name="A part", description="d", criteria="c", kind="engagement",
                       **members)


def prepare(database: Database, patrons: list[str], courses: list[str]) -> Achievement:
    """The parts that the courses earn, the stack of all, and the patrons' consents; gives the stack."""
    parts = [an_achievement(course=course) for course in courses]
    stack = an_achievement(components=tuple(each.id for each in parts), at_least=len(parts))

    def define(work: Work) -> None:
        for each in (*parts, stack):
            CredentialStore(work).save_achievement(each, now())

    def agree(work: Work, some: list[str]) -> None:
        for patron in some:
            CredentialStore(work).save_consent(Consent(patron, PURPOSE, LIBRARY, True, 1))

    database.transact(define)
    for start in range(0, len(patrons), AT_ONCE):
        database.transact(partial(agree, some=patrons[start:start + AT_ONCE]))
    return stack


def completed(patron: str, course: str) -> Event:
    completion = new_id()
    return Event(
        id=new_id(), type=COMPLETED, source="learning", subject=completion, time=datetime.now(UTC), owner=LIBRARY,
        actor="a-platform", sequence=1, correlation_id="c", causation_id="r", data={
            "completion": completion, "patron": patron, "course": course, "course_title": "Spreadsheets",
            "activity_iri": "https://courses.example.org/1", "completed_at": rfc3339(now()), "statement": new_id(),
            "rule": "course-passed", "teaches": []})


def test_kills_lose_no_completion_and_double_no_stack(database: Database, replicas: Replicas) -> None:
    patrons, courses = [new_id() for _ in range(COMPLETIONS // PARTS)], [new_id() for _ in range(PARTS)]
    stack = prepare(database, patrons, courses)
    link = broker.Link()
    publisher = broker.Publisher(link)
    credentials = database.database.credentials
    total = COMPLETIONS + len(patrons)
    for patron in patrons:
        for event in [completed(patron, course) for course in courses]:
            for _ in range(2):  # as a broker may deliver it
                publisher.publish(to_json(event), topology.EXCHANGE, event.type, event.id)
    assert publisher.wait() == []
    for number in range(KILLS):
        share = total * (number + 1) // (KILLS + 1)
        until(lambda share=share: credentials.count_documents({}) >= share, 60 + COMPLETIONS / 10)
        replicas.kill(number % 2)
    until(lambda: credentials.count_documents({}) == total, 60 + COMPLETIONS / 10)
    time.sleep(2)
    issued = Counter((row["patron"], row["achievement"] == stack.id) for row in credentials.find({}))
    assert issued == Counter({(patron, is_stack): 1 if is_stack else PARTS
                              for patron in patrons for is_stack in (True, False)})
    whole = credentials.find_one({"achievement": stack.id})
    assert whole is not None
    assert len(whole["because"]["credentials"]) == PARTS
    link.drop()
