"""What a completion lacks for an achievement, and by which of several attempts it is earned."""

from dataclasses import replace
from typing import Any

import pytest

from services.credentials.domain import conditions
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Completion

COURSE = "0190b3a0-2222-7222-8222-222222222222"
PLAIN = Completion("c", "p", COURSE, "demo.riverside", "2026-11-20T18:00:00.000Z", "e")


def asking(**conditions_of_it: Any) -> Achievement:
    return Achievement("a", "demo.riverside", "Name", "Description.", "Criteria.", "engagement", COURSE,
                       **conditions_of_it)


@pytest.mark.parametrize(("asked", "told", "lacking"), [
    ({}, {}, []),
    ({"minimum_score": 0.8}, {"score": 0.8}, []),
    ({"minimum_score": 0.8}, {"score": 0.79}, ["minimum_score"]),
    ({"minimum_score": 0.8}, {}, ["minimum_score"]),
    ({"proctored": True}, {"proctored": True}, []),
    ({"proctored": True}, {"proctored": False}, ["proctored"]),
    ({"proctored": True}, {}, ["proctored"]),
    ({}, {"proctored": False}, []),
    ({"minimum_hours": 10}, {"hours": 10.0}, []),
    ({"minimum_hours": 10}, {"hours": 9.99}, ["minimum_hours"]),
    ({"minimum_hours": 10}, {"hours": 0}, ["minimum_hours"]),
    ({"minimum_hours": 10, "proctored": True}, {"hours": 12}, ["proctored"]),
])
def test_each_condition_is_met_or_lacking(asked: dict[str, Any], told: dict[str, Any], lacking: list[str]) -> None:
    found = conditions.lacks(asking(**asked), replace(PLAIN, **told))
    assert [each["condition"] for each in found] == lacking
    assert all(each["reason"].endswith(".") for each in found)


def test_one_attempt_has_to_meet_all_and_the_first_that_does_counts() -> None:
    achievement = asking(minimum_score=0.8, proctored=True)
    high, watched = replace(PLAIN, score=0.9), replace(PLAIN, score=0.5, proctored=True)
    both = replace(PLAIN, score=0.85, proctored=True)
    assert conditions.earning_one(achievement, [high, watched]) is None
    assert conditions.earning_one(achievement, [high, both, replace(both, score=1)]) is both


def test_what_is_said_to_be_lacking_is_of_the_attempt_that_came_nearest() -> None:
    achievement = asking(minimum_score=0.8, proctored=True)
    [lack] = conditions.least_lacks(achievement, [PLAIN, replace(PLAIN, score=0.5, proctored=True)])
    assert lack["reason"] == "It takes a score of 0.8; the learning platform told a score of 0.5."
