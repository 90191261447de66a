"""From the gateway's answer to the last event: who asked, in which conversation, by which request, because of what."""

import json
import uuid

import pytest

from demo import statements
from libranet.cloudevent import Event
from tests.collector import Collector
from tests.journeys.insides import archived
from tests.journeys.stage import ISSUE, XAPI_VERSION, Keys, Stage, whole_lines
from tests.patience import until

pytestmark = pytest.mark.real
TRACE, ABOVE = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


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
    patron, answered = completed(stage, brought | {"traceparent": f"00-{TRACE}-{ABOVE}-00"})
    assert (answered["x-request-id"], answered["x-correlation-id"]) == tuple(brought.values())
    events = events_of(stage, patron)
    completion, credential = events["course-completed"], events["credential-issued"]
    assert completion.causation_id == brought["X-Request-Id"]
    assert completion.correlation_id == credential.correlation_id == brought["X-Correlation-Id"]
    assert {str(each.traceparent).split("-")[1] for each in (completion, credential)} == {TRACE}


def test_a_trace_that_the_caller_samples_leads_from_the_gateway_to_every_hearer(stage: Stage, spans: Collector) -> None:
    patron, _ = completed(stage, {"traceparent": f"00-{TRACE}-{ABOVE}-01"})
    path = [("gateway", "POST /xAPI/statements"), ("learning", "store_statements"),
            ("credentials", "credentials.completions process")]
    last = {"analytics.facts process", "deliveries.facts process", "profiles.signals process"}
    until(lambda: {*path} <= {*spans.of(TRACE)} and last <= {name for _, name in spans.of(TRACE)}, what="every span")
    gateway, call, issuing = (spans.of(TRACE)[each] for each in path)
    assert (gateway.above, call.above, issuing.above) == (ABOVE, gateway.id, call.id)
    assert {each.above for each in spans.spans if each.name in last and each.attributes[
        "cloudevents.event_type"].endswith("credential-issued.v1")} == {issuing.id}
    assert patron not in str([each for each in spans.spans if each.trace == TRACE])
    assert gateway.attributes["http.response.status_code"] == 200


def test_nothing_is_recorded_for_others(stage: Stage, spans: Collector) -> None:
    completed(stage, {})
    completed(stage, {"traceparent": f"00-{TRACE}-{ABOVE}-00"})
    assert {each.trace for each in list(spans.spans)} <= {TRACE}


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
