"""Real processes are killed while 300 completions flow in; nothing is lost and nothing is doubled."""

import threading
import time
from collections import Counter
from typing import Any

import pytest

from tests.journeys.stage import ISSUE, SHARE, Stage
from tests.patience import is_done_within, until

pytestmark = [pytest.mark.chaos, pytest.mark.own_broker]
COMPLETIONS = 300
FLOW_SECONDS = 70
DEADLINE_SECONDS = 9
"""The gateway waits eight for a service."""
VICTIMS = ("profiles", "learning", "credentials", "deliveries", "broker", "analytics", "database", "jobs", "gateway")


class Flow(threading.Thread):
    """Posts the statements one by one over FLOW_SECONDS, each again until it is taken."""

    def __init__(self, stage: Stage, statements: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self.stage, self.statements = stage, statements
        self.failure: BaseException | None = None

    def run(self) -> None:
        started = time.monotonic()
        try:
            for number, statement in enumerate(self.statements):
                due = started + FLOW_SECONDS * number / len(self.statements)
                time.sleep(max(0.0, due - time.monotonic()))
                self.stage.report_until_taken(statement)
        except BaseException as failure:  # noqa: BLE001 - told to the test, which asserts on it
            self.failure = failure


def test_kills_of_every_part_lose_no_completion_and_double_none(stage: Stage) -> None:
    course = stage.course()
    receiver = stage.college_listens("credential-issued")
    patrons = {}
    for _ in range(COMPLETIONS):
        patron, account = stage.patron(ISSUE, SHARE), stage.account()
        stage.enrol(patron, course, account)
        patrons[patron] = account
    flow = Flow(stage, [stage.passed(account, course) for account in patrons.values()])
    flow.start()
    pause = FLOW_SECONDS / (len(VICTIMS) + 1)
    for victim in VICTIMS:
        time.sleep(pause)
        stage.platform.kill(victim)
    flow.join(FLOW_SECONDS + 240)
    assert not flow.is_alive()
    assert flow.failure is None, flow.failure
    stage.platform.wait_ready()

    credentials = stage.mongo["libranet_credentials"].credentials
    of_the_course = {"achievement": stage.achievement_of(course)}

    def issued() -> Counter[str]:
        return Counter(row["patron"] for row in credentials.find(of_the_course, {"patron": 1}))

    until(lambda: credentials.count_documents(of_the_course) >= COMPLETIONS, 180, "a credential for every completion")
    until(lambda: stage.outbox_rows() == 0, what="an empty outbox")
    time.sleep(2)
    assert issued() == Counter(dict.fromkeys(patrons, 1))

    def delivered() -> dict[str, set[str]]:
        ids: dict[str, set[str]] = {}
        for each in list(receiver.deliveries):
            assert each["verified"]
            ids.setdefault(each["body"]["data"]["public_id"], set()).add(each["headers"]["webhook-id"])
        return ids

    until(lambda: len(delivered()) >= COMPLETIONS, 180, "every webhook")
    assert len(delivered()) == COMPLETIONS
    assert all(len(ids) == 1 for ids in delivered().values()), "a webhook's id is stable over its repetitions"


def test_a_duplicate_and_a_second_report_of_one_completion_change_nothing(stage: Stage) -> None:
    course, account = stage.course(), stage.account()
    patron = stage.patron(ISSUE)
    stage.enrol(patron, course, account)
    first = stage.passed(account, course)
    stage.report(first)
    until(lambda: len(stage.credentials(patron)) == 1)
    stage.report(first)
    stage.report(stage.passed(account, course))
    stage.report([stage.passed(account, course), stage.passed(account, course)])
    time.sleep(1)
    assert len(stage.credentials(patron)) == 1


def test_with_the_broker_down_the_api_accepts_and_delivers_later(stage: Stage) -> None:
    course, account = stage.course(), stage.account()
    patron = stage.patron(ISSUE)
    stage.enrol(patron, course, account)
    time.sleep(0.5)
    stage.platform.halt("broker")
    try:
        stage.report(stage.passed(account, course))
        assert stage.patron()
        assert stage.credentials(patron) == []
    finally:
        stage.platform.resume("broker")
    until(lambda: len(stage.credentials(patron)) == 1)


def test_with_a_service_down_the_gateway_says_so_within_its_deadline(stage: Stage) -> None:
    def ask() -> None:
        response = stage.library.raw("POST", "/v1/patrons", {})
        assert response.status == 503
        assert response.headers["Content-Type"] == "application/problem+json"
        assert int(response.headers["Retry-After"]) > 0

    stage.platform.halt("profiles")
    try:
        assert is_done_within(DEADLINE_SECONDS, ask)
        assert stage.library.raw("GET", "/v1/courses").status == 200
    finally:
        stage.platform.resume("profiles")
        stage.platform.wait_ready()
