"""From the gateway's answer to the last event: who asked, in which conversation, by which request, because of what."""

import json
import uuid

import pytest

from demo import statements
from libranet.cloudevent import Event
from tests.journeys.insides import archived
from tests.journeys.stage import ISSUE, XAPI_VERSION, Keys, Stage, whole_lines
from tests.patience import until

pytestmark = pytest.mark.real
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def events_of(stage: Stage, patron: str) -> dict[str, Event]:
    """By short type, once they are archived."""
    return {each.short_type: each for each in archived(stage.mongo) if each.data.get("patron") == patron}


def completed(stage: Stage, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A patron whose completion was reported with these headers, and the answer's headers."""
    course, account, patron = stage.course(), stage.account(), stage.patron(ISSUE)
    stage.enrol(patron, course, account)
    answer = stage.learning_platform.raw("POST", "/xAPI/statements", statements.openedx_course_passed(
        str(uuid.uuid4()), account, course["activity_iri"], course["title"]), XAPI_VERSION | headers)
    assert answer.status == 200
    until(lambda: {"course-completed", "credential-issued"} <= set(events_of(stage, patron)), what="the events")
    return patron, {name.lower(): value for name, value in answer.headers.items()}


def test_a_credential_leads_back_to_the_request_that_caused_it(stage: Stage, keys: Keys) -> None:
    patron, answered = completed(stage, {})
    events = events_of(stage, patron)
    completion, credential = events["course-completed"], events["credential-issued"]
    assert completion.causation_id == answered["x-request-id"]
    assert credential.causation_id == completion.id
    assert completion.correlation_id == credential.correlation_id == answered["x-correlation-id"]
    assert completion.actor == credential.actor == keys["test.riverside"]["platform_key"].partition(".")[0]


def test_ids_that_the_caller_brings_are_kept_to_the_last_event(stage: Stage) -> None:
    brought = {"X-Request-Id": f"request-{uuid.uuid4()}", "X-Correlation-Id": f"talk-{uuid.uuid4()}"}
    patron, answered = completed(stage, brought | {"traceparent": TRACEPARENT})
    assert (answered["x-request-id"], answered["x-correlation-id"]) == tuple(brought.values())
    events = events_of(stage, patron)
    completion, credential = events["course-completed"], events["credential-issued"]
    assert completion.causation_id == brought["X-Request-Id"]
    assert completion.correlation_id == credential.correlation_id == brought["X-Correlation-Id"]
    assert completion.traceparent == credential.traceparent == TRACEPARENT


def test_a_consent_that_comes_later_is_the_cause_of_what_it_releases(stage: Stage) -> None:
    course, account, patron = stage.course(), stage.account(), stage.patron()
    stage.enrol(patron, course, account)
    stage.report(stage.passed(account, course))
    until(lambda: "course-completed" in events_of(stage, patron))
    talk = {"X-Correlation-Id": f"talk-{uuid.uuid4()}"}
    stage.library.ask("PUT", f"/v1/patrons/{patron}/consents/{ISSUE}/{stage.library_node}", {"granted": True}, talk)
    until(lambda: {"consent-given", "credential-issued"} <= set(events_of(stage, patron)), what="the events")
    events = events_of(stage, patron)
    assert events["credential-issued"].causation_id == events["consent-given"].id
    assert events["credential-issued"].correlation_id == talk["X-Correlation-Id"]


def test_an_erasure_is_one_conversation(stage: Stage) -> None:
    patron, talk = stage.patron(ISSUE), {"X-Correlation-Id": f"talk-{uuid.uuid4()}"}
    erasure = stage.library.ask("DELETE", f"/v1/patrons/{patron}", headers=talk)["id"]
    until(lambda: stage.library.ask("GET", f"/v1/erasures/{erasure}")["complete"])
    until(lambda: stage.outbox_rows() == 0)
    told = [each for each in archived(stage.mongo) if each.data.get("erasure") == erasure]
    assert len(told) == 5
    assert {each.correlation_id for each in told} == set(talk.values())
    asked = next(each for each in told if each.short_type == "patron-erased")
    assert {each.causation_id for each in told if each is not asked} == {asked.id}


def test_the_gateways_log_tells_of_the_request_by_its_ids(stage: Stage) -> None:
    brought = {"X-Request-Id": f"request-{uuid.uuid4()}", "X-Correlation-Id": f"talk-{uuid.uuid4()}"}
    stage.library.raw("POST", "/v1/patrons", {}, brought)

    def told() -> list[str]:
        return [each for each in whole_lines(stage.platform.log("gateway")) if brought["X-Request-Id"] in each]

    until(lambda: bool(told()))  # the line is written once the answer has left
    [line] = map(json.loads, told())
    assert line["correlation_id"] == brought["X-Correlation-Id"]
    assert (line["route"], line["method"], line["status"]) == ("/v1/patrons", "POST", 201)
