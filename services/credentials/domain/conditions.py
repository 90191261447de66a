"""What the completion of a course has to be like to earn an achievement, and what one lacks for that.

What a platform does not tell is not met: nobody is credited with what nobody said.
"""

from collections.abc import Sequence
from typing import Any

from services.credentials.domain import earning
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Completion

MINIMUM_SCORE, PROCTORED, MINIMUM_HOURS = "minimum_score", "proctored", "minimum_hours"
Lack = dict[str, Any]
"""`condition`, as `earned_by` names it, and `reason`, for people."""


def is_of(achievement: Achievement, completion: Completion) -> bool:
    """Whether the achievement asks for the course, and was defined by the patron's library or a node above it."""
    return achievement.course == completion.course and earning.is_for(achievement, completion.owner)


def lacks(achievement: Achievement, completion: Completion) -> list[Lack]:
    """Why a completion of the course does not earn the achievement; nothing where it does."""
    found = []
    if _is_below(completion.score, achievement.minimum_score):
        found.append(_lack(MINIMUM_SCORE, f"It takes a score of {achievement.minimum_score:g}",
                           "no score" if completion.score is None else f"a score of {completion.score:g}"))
    if achievement.proctored and not completion.proctored:
        found.append(_lack(PROCTORED, "It takes an assessment that somebody watched",
                           "nothing of that" if completion.proctored is None else "that nobody watched this one"))
    if _is_below(completion.hours, achievement.minimum_hours):
        found.append(_lack(MINIMUM_HOURS, f"It takes {achievement.minimum_hours:g} hours",
                           "no duration" if completion.hours is None else f"{completion.hours:g} hours"))
    return found


def earning_one(achievement: Achievement, attempts: Sequence[Completion]) -> Completion | None:
    """The first of several attempts at the course that earns the achievement by itself."""
    return next((each for each in attempts if not lacks(achievement, each)), None)


def least_lacks(achievement: Achievement, attempts: Sequence[Completion]) -> list[Lack]:
    """What the attempt lacks that came nearest."""
    return min((lacks(achievement, each) for each in attempts), key=len)


def _is_below(told: float | None, wanted: float | None) -> bool:
    return wanted is not None and (told is None or told < wanted)


def _lack(condition: str, wanted: str, told: str) -> Lack:
    return {"condition": condition, "reason": f"{wanted}; the learning platform told {told}."}
