"""What a platform takes back: statements that are voided, courses that are failed after all, whichever comes first."""

import itertools
from typing import Any
from uuid import uuid4

import orjson
import pytest

from libranet.problems import Refusal
from tests.services.learning_desk import (
    ACCOUNT,
    CONSORTIUM,
    LAKESIDE,
    PATRON,
    RIVERSIDE,
    SPREADSHEETS,
    Desk,
    desk,
    enrolled,
    sample,
)

__all__ = ["desk", "enrolled"]
VERBS = "http://adlnet.gov/expapi/verbs/"
COURSE = {"id": SPREADSHEETS, "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}
PROCTORED = "https://courses.example.org/xapi/extensions/proctored"


def said(verb: str = "passed", at: str = "2026-11-20T10:00:00Z", **members: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "actor": {"account": ACCOUNT}, "verb": {"id": f"{VERBS}{verb}"}, "object": COURSE,
            "timestamp": at, **members}


def voiding(statement: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "actor": {"mbox": "mailto:admin@example.org"}, "verb": {"id": f"{VERBS}voided"},
            "object": {"objectType": "StatementRef", "id": statement["id"]}, **members}


def facts(desk: Desk) -> list[tuple[str, int]]:
    return [(each.short_type, each.sequence) for each in desk.work.events if each.short_type.startswith("course-comp")]


def refused(desk: Desk, **query: str) -> Refusal:
    with pytest.raises(Refusal) as reason:
        desk.read(**query)
    return reason.value


# voiding

def test_a_voided_statement_withdraws_the_completion_and_says_by_what(enrolled: Desk) -> None:
    passed = said()
    enrolled.post(passed)
    voided = voiding(passed, timestamp="2026-11-20T12:00:00Z")
    enrolled.post(voided)
    assert facts(enrolled) == [("course-completed", 1), ("course-completion-withdrawn", 2)]
    completed, withdrawn = enrolled.work.events[-2:]
    assert withdrawn.subject == completed.subject
    assert {name: withdrawn.data[name] for name in ("statement", "rule", "withdrawn_at")} == {
        "statement": voided["id"], "rule": "voided", "withdrawn_at": "2026-11-20T12:00:00.000Z"}


def test_the_real_statement_of_open_edx_can_be_voided(desk: Desk) -> None:
    passed = sample("openedx_course_passed")
    desk.register()
    desk.enrol(desk.offer(passed["object"]["id"]), account=passed["actor"]["account"])
    desk.post(passed)
    desk.post(voiding(passed))
    assert facts(desk) == [("course-completed", 1), ("course-completion-withdrawn", 2)]


def test_a_statement_that_was_voided_before_it_came_completes_nothing(enrolled: Desk) -> None:
    passed = said()
    enrolled.post(voiding(passed))
    enrolled.post(passed)
    assert facts(enrolled) == []


def test_both_in_one_array_complete_nothing_in_either_order(enrolled: Desk) -> None:
    for order in (1, -1):
        passed = said()
        enrolled.post([passed, voiding(passed)][::order])
    assert facts(enrolled) == []


def test_a_voiding_that_is_sent_again_tells_nothing_again(enrolled: Desk) -> None:
    passed = said()
    voided = voiding(passed)
    for each in (passed, voided, voided, voiding(passed), passed):
        enrolled.post(each)
    assert facts(enrolled) == [("course-completed", 1), ("course-completion-withdrawn", 2)]


def test_a_completion_stands_while_another_statement_says_so(enrolled: Desk) -> None:
    first, second = said(), said("completed")
    enrolled.post([first, second])
    enrolled.post(voiding(first))
    assert facts(enrolled) == [("course-completed", 1)]
    enrolled.post(voiding(second))
    assert facts(enrolled) == [("course-completed", 1), ("course-completion-withdrawn", 2)]


def test_a_completion_that_comes_again_is_told_again_with_its_whole_state(enrolled: Desk) -> None:
    first, second = said(), said(at="2026-11-21T07:00:00Z", result={"score": {"scaled": 0.9}})
    enrolled.post(first)
    enrolled.post(voiding(first))
    enrolled.post(second)
    assert facts(enrolled)[2:] == [("course-completion-retold", 3)]
    assert enrolled.work.events[-1].data["attempts"] == [{
        "statement": second["id"], "rule": "course-passed", "completed_at": "2026-11-21T07:00:00.000Z", "score": 0.9}]


def test_an_enrolment_tells_whether_it_is_completed_now(enrolled: Desk) -> None:
    passed, course = said(), next(iter(enrolled.state["courses"]))
    enrolled.post(passed)
    assert enrolled.enrol(course).body["completed"]
    enrolled.post(voiding(passed))
    assert not enrolled.enrol(course).body["completed"]
    assert facts(enrolled) == [("course-completed", 1), ("course-completion-withdrawn", 2)]


def test_an_enrolment_after_a_voiding_finds_nothing_completed(desk: Desk) -> None:
    passed = said()
    desk.post([passed, voiding(passed)])
    desk.register()
    assert not desk.enrol(desk.offer()).body["completed"]
    assert facts(desk) == []


@pytest.mark.parametrize("who", [LAKESIDE, CONSORTIUM])
def test_only_who_sent_a_statement_voids_it(enrolled: Desk, who: Any) -> None:
    passed = said()
    enrolled.post(passed)
    enrolled.post(voiding(passed), who)
    assert facts(enrolled) == [("course-completed", 1)]
    assert enrolled.read(statementId=passed["id"]).body


def test_a_voiding_statement_is_never_voided(enrolled: Desk) -> None:
    passed = said()
    voided = voiding(passed)
    for each in (passed, voided, voiding(voided)):
        enrolled.post(each)
    assert facts(enrolled)[-1] == ("course-completion-withdrawn", 2)
    assert enrolled.read(statementId=voided["id"]).body


def test_a_voided_statement_is_read_by_its_own_parameter_alone(enrolled: Desk) -> None:
    passed, other = said(), said("progressed")
    enrolled.post([passed, other])
    assert refused(enrolled, voidedStatementId=passed["id"]).status == 404
    enrolled.post(voiding(passed))
    assert refused(enrolled, statementId=passed["id"]).status == 404
    assert orjson.loads(enrolled.read(voidedStatementId=passed["id"]).body)["id"] == passed["id"]
    listed = [each["id"] for each in orjson.loads(enrolled.read().body)["statements"]]
    assert passed["id"] not in listed
    assert len(listed) == 2


def test_an_erasure_leaves_nothing_of_what_was_voided(enrolled: Desk) -> None:
    passed = said()
    enrolled.post(passed)
    enrolled.post(voiding(passed))
    enrolled.erase()
    assert enrolled.state["voidings"] == {}
    enrolled.post([said(), voiding(said())])
    assert facts(enrolled) == [("course-completed", 1), ("course-completion-withdrawn", 2)]


# failed after all, or un-completed

UNCOMPLETED = {"id": "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted"}


@pytest.mark.parametrize(("back", "rule"), [
    (said("failed", "2026-11-20T11:00:00Z"), "failed"),
    ({**said(at="2026-11-20T11:00:00Z"), "verb": UNCOMPLETED}, "course-un-completed")])
def test_what_is_taken_back_later_withdraws_the_completion(enrolled: Desk, back: dict[str, Any], rule: str) -> None:
    enrolled.post(said())
    enrolled.post(back)
    assert facts(enrolled) == [("course-completed", 1), ("course-completion-withdrawn", 2)]
    assert enrolled.work.events[-1].data["rule"] == rule


def test_passing_after_failing_completes(enrolled: Desk) -> None:
    enrolled.post(said("failed", "2026-11-20T09:00:00Z"))
    enrolled.post(said("passed", "2026-11-20T10:00:00Z"))
    assert facts(enrolled) == [("course-completed", 1)]


def test_a_failure_of_a_part_takes_nothing_back(enrolled: Desk) -> None:
    enrolled.post(said())
    unit = {"id": SPREADSHEETS, "definition": {"type": "http://adlnet.gov/expapi/activities/assessment"}}
    enrolled.post(said("failed", "2026-11-20T11:00:00Z", object=unit))
    assert facts(enrolled) == [("course-completed", 1)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_end_is_the_same_in_whatever_order_statements_come(enrolled: Desk, order: tuple[int, ...]) -> None:
    acts = [said("passed", "2026-11-20T09:00:00Z"), said("failed", "2026-11-20T10:00:00Z"),
            said("passed", "2026-11-20T11:00:00Z")]
    for each in order:
        enrolled.post(acts[each])
    course = next(iter(enrolled.state["courses"]))
    assert enrolled.enrol(course).body["completed"]
    [row] = enrolled.state["enrolments"].values()
    assert [each["statement"] for each in row["completion"]["sources"]] == [acts[2]["id"]]


def test_a_voided_failure_lets_the_completion_stand_again(enrolled: Desk) -> None:
    failed = said("failed", "2026-11-20T11:00:00Z")
    enrolled.post([said(), failed])
    enrolled.post(voiding(failed))
    assert facts(enrolled) == [("course-completed", 1)]


def test_what_was_taken_back_before_the_enrolment_is_not_completed(desk: Desk) -> None:
    desk.post([said(), said("failed", "2026-11-20T11:00:00Z")])
    desk.register()
    assert not desk.enrol(desk.offer()).body["completed"]


# circumstances

def how(proctored: object = None, duration: str | None = None, part: str = "result") -> dict[str, Any]:
    watched = {} if proctored is None else {"extensions": {PROCTORED: proctored}}
    took = {} if duration is None else {"duration": duration}
    return {"result": {**took, **watched}} if part == "result" else {"context": watched, "result": took}


@pytest.mark.parametrize(("members", "told"), [
    (how(True, "PT12H30M"), {"proctored": True, "hours": 12.5}),
    (how(False, part="context"), {"proctored": False}),
    (how(True, part="context"), {"proctored": True}),
    ({**how(True), **how(False, part="context"), "result": how(True)["result"]}, {"proctored": False}),
    (how("yes", "P2D"), {"hours": 48.0}),
    (how(duration="P1M"), {}),
    (how(duration="P2W"), {"hours": 336.0}),
    (how(duration="PT0S"), {"hours": 0.0}),
    (how(duration="PT1,5H"), {"hours": 1.5}),
    (how(duration="PT" + "9" * 90 + "H"), {}),
])
def test_a_completion_tells_how_where_its_statement_does(
        enrolled: Desk, members: dict[str, Any], told: dict[str, Any]) -> None:
    enrolled.post(said(**members))
    [fact] = enrolled.completions()
    assert {name: fact[name] for name in ("proctored", "hours") if name in fact} == told


def test_a_later_attempt_under_somebodys_eyes_is_told_too_and_the_same_again_is_not(enrolled: Desk) -> None:
    enrolled.post(said())
    watched = said(at="2026-11-20T11:00:00Z", **how(True))
    enrolled.post([watched, said(at="2026-11-20T12:00:00Z", **how(True))])
    assert facts(enrolled) == [("course-completed", 1), ("course-completion-retold", 2)]
    attempts = enrolled.work.events[-1].data["attempts"]
    assert [each.get("proctored") for each in attempts] == [None, True]
    enrolled.post(voiding(watched))
    assert facts(enrolled)[2:] == []


def test_what_was_said_before_the_enrolment_is_told_with_all_its_attempts(desk: Desk) -> None:
    desk.post([said(), said(at="2026-11-20T11:00:00Z", **how(True, "PT3H"))])
    desk.register(PATRON)
    desk.enrol(desk.offer(who=RIVERSIDE))
    [fact] = desk.completions()
    assert [each.get("hours") for each in fact["attempts"]] == [None, 3.0]
