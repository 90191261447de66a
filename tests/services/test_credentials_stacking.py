"""What is earned by a course with a score, or by several credentials together."""

from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.calls import credentials as calls
from libranet.clock import now
from libranet.problems import Refusal
from tests.services.credentials_stage import (
    COURSE,
    PATRON,
    WITHDRAWN,
    Platform,
    changed,
    completed,
    consent,
    definition,
    offered,
    platform,
    retold,
    withdrawn,
)
from tests.services.review_stage import changed as decided
from tests.services.review_stage import competency, judged, submitted

__all__ = ["platform"]
COURSES = [f"0190b3a0-2222-7222-8222-22222222222{number}" for number in range(2, 6)]


def stack(platform: Platform, *parts: dict[str, Any], node: str = "demo.riverside", **changes: Any) -> dict[str, Any]:
    earned_by = {"achievements": [each["id"] for each in parts], **changes}
    return platform.defined(node, name="All of it", course=None, earned_by=earned_by)


def parts_of(platform: Platform, number: int = 3) -> list[dict[str, Any]]:
    """Achievements of so many courses."""
    platform.hear("courses", *[offered(course, "demo") for course in COURSES])
    return [platform.defined(name=f"Part {course[-1]}", course=course) for course in COURSES[:number]]


def earned(platform: Platform) -> list[str]:
    return [each["achievement_name"] for each in platform.listed()["items"]]


def complete(platform: Platform, *numbers: int) -> None:
    for number in numbers:
        platform.hear("completions", completed(number, course=COURSES[number]))


@pytest.mark.parametrize(("score", "earns"), [(None, False), (0.69, False), (0.7, True), (1, True), (-1, False)])
def test_a_course_may_ask_for_a_score(platform: Platform, score: float | None, earns: bool) -> None:
    made = platform.defined(course=None, earned_by={"course": COURSE, "minimum_score": 0.7})
    assert made["earned_by"] == {"course": COURSE, "minimum_score": 0.7}
    platform.hear("consents", consent())
    platform.hear("completions", completed(**({} if score is None else {"score": score})))
    assert bool(earned(platform)) is earns
    if earns:
        assert platform.listed()["items"][0]["because"]["score"] == score


def test_all_parts_earn_the_stack_once(platform: Platform) -> None:
    parts = parts_of(platform)
    made = stack(platform, *parts)
    assert made["earned_by"] == {"achievements": [each["id"] for each in parts], "at_least": 3}
    assert calls.Achievement().load(made)
    platform.hear("consents", consent())
    complete(platform, 0, 1)
    assert "All of it" not in earned(platform)
    complete(platform, 2, 2, 0)
    assert earned(platform).count("All of it") == 1
    assert len(earned(platform)) == 4
    whole = next(each for each in platform.listed()["items"] if each["achievement_name"] == "All of it")
    assert whole["because"]["rule"] == "stacked"
    assert sorted(whole["because"]["credentials"]) == sorted(
        each["id"] for each in platform.listed()["items"] if each is not whole and each["id"] != whole["id"])


def test_some_of_the_parts_are_enough_where_it_says_so_and_more_earn_no_second(platform: Platform) -> None:
    parts = parts_of(platform, 4)
    stack(platform, *parts, at_least=2)
    platform.hear("consents", consent())
    complete(platform, 3)
    assert "All of it" not in earned(platform)
    complete(platform, 1, 0, 2)
    assert earned(platform).count("All of it") == 1


def test_parts_that_come_in_one_batch_earn_it_once(platform: Platform) -> None:
    stack(platform, *parts_of(platform))
    platform.hear("consents", consent())
    platform.hear("completions", *[completed(number, course=COURSES[number]) for number in (0, 1, 2, 1, 0)])
    assert earned(platform).count("All of it") == 1


def test_parts_that_waited_for_consent_earn_it_when_that_is_given(platform: Platform) -> None:
    stack(platform, *parts_of(platform))
    complete(platform, 0, 1, 2)
    assert earned(platform) == []
    platform.hear("consents", consent())
    assert earned(platform).count("All of it") == 1
    assert platform.listed()["waiting"] == []


def test_a_stack_may_earn_another_one(platform: Platform) -> None:
    parts = parts_of(platform)
    lower = stack(platform, *parts[:2])
    platform.defined(name="The top", course=None, earned_by={"achievements": [lower["id"], parts[2]["id"]]})
    platform.hear("consents", consent())
    complete(platform, 2, 1)
    assert "The top" not in earned(platform)
    complete(platform, 0)
    assert sorted(earned(platform)) == ["All of it", "Part 2", "Part 3", "Part 4", "The top"]


def test_a_competency_counts_as_a_part(platform: Platform) -> None:
    [part], skill = parts_of(platform, 1), competency(platform)
    stack(platform, part, skill)
    platform.hear("consents", consent())
    complete(platform, 0)
    submission = submitted(platform, skill)
    judged(platform, submission)
    decided(platform, submission, "accept_submission")
    assert sorted(earned(platform)) == ["All of it", "Part 2", "Spreadsheets"]


@pytest.mark.parametrize("what", ["revoke", "suspend"])
def test_a_part_that_is_not_good_now_does_not_count(platform: Platform, what: str) -> None:
    stack(platform, *parts_of(platform, 2))
    platform.hear("consents", consent())
    complete(platform, 0)
    changed(platform, platform.listed()["items"][0], what)
    complete(platform, 1)
    assert "All of it" not in earned(platform)


def all_but_suspended(platform: Platform) -> dict[str, Any]:
    """The part that was suspended while the other one was earned."""
    stack(platform, *parts_of(platform, 2))
    platform.hear("consents", consent())
    complete(platform, 0)
    part = changed(platform, platform.listed()["items"][0], "suspend")
    complete(platform, 1)
    assert "All of it" not in earned(platform)
    return part


def test_a_part_that_is_reinstated_earns_the_stack_once(platform: Platform) -> None:
    part = all_but_suspended(platform)
    for what in ("reinstate", "suspend", "reinstate"):
        changed(platform, part, what)
        assert earned(platform).count("All of it") == 1


def test_what_a_reinstated_part_earns_waits_where_consent_was_withdrawn(platform: Platform) -> None:
    part = all_but_suspended(platform)
    platform.hear("consents", consent(WITHDRAWN, 2))
    changed(platform, part, "reinstate")
    assert "All of it" not in earned(platform)
    assert [each["achievement_name"] for each in platform.listed()["waiting"]] == ["All of it"]
    platform.hear("consents", consent(sequence=3))
    assert earned(platform).count("All of it") == 1


@pytest.mark.parametrize("told_again", [True, False])
def test_a_part_whose_question_is_closed_earns_the_stack(platform: Platform, told_again: bool) -> None:
    platform.hear("courses", offered(COURSES[1], "demo"))
    stack(platform, platform.defined(), platform.defined(name="Part 3", course=COURSES[1]))
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    platform.hear("completions", withdrawn())
    [question] = platform.call("list_reconsiderations", query={"state": "open"}).body["items"]
    place = {"reconsideration": question["id"]}
    platform.call("decide_reconsideration", {"decision": "suspend", "reason": "We ask."}, **place)
    complete(platform, 1)
    assert "All of it" not in earned(platform)
    if told_again:
        platform.hear("completions", retold(sequence=3))
    else:
        platform.call("decide_reconsideration", {"decision": "keep", "reason": "We saw it done."}, **place)
    assert earned(platform).count("All of it") == 1


def test_an_expired_part_that_is_renewed_earns_the_stack(platform: Platform) -> None:
    platform.hear("courses", offered(COURSES[1], "demo"))
    stack(platform, platform.defined(validity=30), platform.defined(name="Part 3", course=COURSES[1]))
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    [row] = platform.state["credentials"].values()
    row["valid_until"] = now() - timedelta(days=1)
    complete(platform, 1)
    assert "All of it" not in earned(platform)
    platform.call("revalidate_credential", {"extend": True}, credential=row["_id"])
    assert earned(platform).count("All of it") == 1


def test_an_expired_competency_that_is_shown_again_earns_the_stack(platform: Platform) -> None:
    [part], skill = parts_of(platform, 1), competency(platform, validity=30)
    stack(platform, part, skill)
    platform.hear("consents", consent())
    for is_first in (True, False):
        assert "All of it" not in earned(platform)
        submission = submitted(platform, skill)
        judged(platform, submission)
        decided(platform, submission, "accept_submission")
        if is_first:
            [row] = platform.state["credentials"].values()
            row["valid_until"] = now() - timedelta(days=1)
            complete(platform, 0)
    assert sorted(earned(platform)) == ["All of it", "Part 2", "Spreadsheets"]


def test_a_stack_of_another_library_is_not_earned(platform: Platform) -> None:
    shared = [platform.defined("demo", name=f"Shared {number}") for number in range(2)]
    stack(platform, *shared, node="demo.hillside")
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    assert sorted(earned(platform)) == ["Shared 0", "Shared 1"]


def test_another_patrons_credentials_do_not_count(platform: Platform) -> None:
    stack(platform, *parts_of(platform, 2))
    other = PATRON.replace("1111", "1112")
    platform.hear("consents", consent(), consent(patron=other))
    platform.hear("completions", completed(0, course=COURSES[0]), completed(1, patron=other, course=COURSES[1]))
    assert earned(platform) == ["Part 2"]


def test_a_competency_is_not_earned_by_holding_others(platform: Platform) -> None:
    with pytest.raises(Refusal) as refused:
        competency(platform, earned_by={"achievements": [each["id"] for each in parts_of(platform, 2)]})
    assert refused.value.errors[0]["field"] == "/earned_by"


def test_a_stack_names_others_that_one_sees_each_once(platform: Platform) -> None:
    part, other = parts_of(platform, 1)[0], platform.defined("demo.hillside", course=None)
    made = stack(platform, part, platform.defined(name="Another"))
    for ids in ([part["id"], other["id"]], [part["id"], part["id"]], [part["id"], PATRON], [part["id"], made["id"]]):
        with pytest.raises(Refusal) as refused:
            platform.replaced(made["id"], course=None, earned_by={"achievements": ids})
        assert refused.value.errors[0]["field"] == "/earned_by/achievements/1"


@pytest.mark.parametrize(("earned_by", "field"), [
    ({}, "course"), ({"course": COURSE, "achievements": COURSES}, "course"),
    ({"achievements": COURSES, "minimum_score": 0.5}, "minimum_score"),
    ({"achievements": COURSES, "at_least": 5}, "at_least"), ({"achievements": COURSES[:1]}, "achievements"),
    ({"course": COURSE, "at_least": 1}, "at_least"), ({"course": COURSE, "minimum_score": 0}, "minimum_score"),
    ({"achievements": COURSES, "proctored": True}, "proctored"), ({"course": COURSE, "proctored": "yes"}, "proctored"),
    ({"achievements": COURSES, "minimum_hours": 3}, "minimum_hours"),
    ({"course": COURSE, "minimum_hours": 0}, "minimum_hours"), ({"course": COURSE, "hours": 3}, "hours"),
    ({"course": COURSE, "minimum_hours": "3"}, "minimum_hours")])
def test_what_earns_it_is_told_in_one_way(earned_by: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        definition(course=None, earned_by=earned_by)
    assert list(refused.value.messages_dict["earned_by"]) == [field]
