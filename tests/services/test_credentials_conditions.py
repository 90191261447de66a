"""What a course's completion has to be like to earn an achievement; the library sees why one does not earn it."""

from typing import Any

import pytest

from contracts.calls import credentials as calls
from tests.services.credentials_stage import (
    COURSE,
    Platform,
    completed,
    consent,
    erased,
    platform,
    retold,
    withdrawn,
)

__all__ = ["platform"]


def watched(platform: Platform, **conditions: Any) -> dict[str, Any]:
    """An achievement that asks for these of its course's completion, and a patron who agrees to credentials."""
    platform.hear("consents", consent())
    return platform.defined(course=None, earned_by={"course": COURSE, **(conditions or {"proctored": True})})


def reasons(platform: Platform) -> list[str]:
    return [each["reason"] for row in platform.listed()["not_earned"] for each in row["lacks"]]


def test_an_achievement_says_what_it_asks_of_a_completion(platform: Platform) -> None:
    made = watched(platform, proctored=True, minimum_hours=10, minimum_score=0.5)
    assert made["earned_by"] == {"course": COURSE, "proctored": True, "minimum_hours": 10, "minimum_score": 0.5}
    assert calls.Achievement().load(made)


def test_what_meets_all_conditions_earns_it_and_is_remembered(platform: Platform) -> None:
    watched(platform, proctored=True, minimum_hours=10)
    platform.hear("completions", completed(proctored=True, hours=10))
    listed = platform.listed()
    assert calls.IssuedCredentialList().load(listed)
    [earned] = listed["items"]
    assert (earned["because"]["proctored"], earned["because"]["hours"]) == (True, 10)
    assert listed["not_earned"] == []


@pytest.mark.parametrize(("told", "reason"), [
    ({}, "It takes an assessment that somebody watched; the learning platform told nothing of that."),
    ({"proctored": False},
     "It takes an assessment that somebody watched; the learning platform told that nobody watched this one.")])
def test_an_unproctored_completion_does_not_earn_it_and_the_library_sees_why(
        platform: Platform, told: dict[str, Any], reason: str) -> None:
    made = watched(platform)
    platform.hear("completions", completed(**told))
    listed = platform.listed()
    assert listed["items"] == []
    assert calls.IssuedCredentialList().load(listed)
    assert listed["not_earned"] == [{
        "achievement": made["id"], "achievement_name": made["name"], "achievement_version": 1, "course": COURSE,
        "completed_at": "2026-11-20T18:00:00.000Z", "lacks": [{"condition": "proctored", "reason": reason}]}]


@pytest.mark.parametrize(("told", "said"), [
    ({}, ["no score", "no duration"]),
    ({"score": 0.6, "hours": 7.5}, ["a score of 0.6", "7.5 hours"]), ({"score": 0.9, "hours": 7.5}, ["7.5 hours"])])
def test_score_and_hours_are_held_against_what_is_asked(
        platform: Platform, told: dict[str, Any], said: list[str]) -> None:
    watched(platform, minimum_score=0.8, minimum_hours=8)
    platform.hear("completions", completed(**told))
    assert [each.rpartition(" told ")[2] for each in reasons(platform)] == [f"{each}." for each in said]


def test_a_later_proctored_attempt_earns_it_and_nothing_is_lacking_any_more(platform: Platform) -> None:
    watched(platform)
    platform.hear("completions", completed())
    platform.hear("completions", retold(attempts=({}, {"proctored": True})))
    listed = platform.listed()
    assert len(listed["items"]) == 1
    assert listed["not_earned"] == []


def test_two_attempts_are_not_added_up(platform: Platform) -> None:
    watched(platform, proctored=True, minimum_score=0.8)
    platform.hear("completions", completed(score=0.9), retold(attempts=(
        {"score": 0.9}, {"score": 0.5, "proctored": True})))
    assert platform.listed()["items"] == []
    assert len(reasons(platform)) == 1


def test_what_was_lacking_is_said_once_however_often_it_is_told(platform: Platform) -> None:
    watched(platform)
    for _ in range(2):
        platform.hear("completions", completed())
    assert len(platform.listed()["not_earned"]) == 1
    platform.hear("completions", withdrawn())
    assert platform.listed()["not_earned"] == []


def test_nothing_stays_of_it_after_an_erasure_and_nothing_comes_back(platform: Platform) -> None:
    watched(platform)
    platform.hear("completions", completed())
    platform.hear("patrons", erased())
    platform.hear("completions", completed(6), retold(7), withdrawn(8))
    assert not platform.state["not_earned"]
    assert not platform.state["completions"]
    assert not platform.state["reconsiderations"]


def test_another_librarys_achievement_is_nobodys_to_lack(platform: Platform) -> None:
    platform.defined("demo.hillside", course=None, earned_by={"course": COURSE, "proctored": True})
    platform.hear("completions", completed())
    assert platform.listed()["not_earned"] == []
