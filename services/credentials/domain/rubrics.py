"""By what a competency is judged: criteria with levels from the lowest to the highest, one of them required."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from libranet.ids import keyed_id
from services.credentials.domain import alignments
from services.credentials.domain.refusals import RubricUnsound

Criterion = dict[str, Any]
"""As contracts/calls/achievements.py has it."""
KEPT_IDS = 10_000
"""All who earn one achievement share the ids of its rubric."""


def check(rubric: Sequence[Criterion]) -> None:
    """Raises RubricUnsound where two criteria, or two levels of one, have the same name, or where the required level is
    none of them."""
    for place, criterion in enumerate(rubric):
        names = [each["name"] for each in criterion["levels"]]
        if criterion["name"] in [each["name"] for each in rubric[:place]]:
            raise RubricUnsound("Give each criterion a name of its own.", f"/rubric/{place}/name")
        for number, name in enumerate(names):
            if name in names[:number]:
                raise RubricUnsound("Give each level a name of its own.", f"/rubric/{place}/levels/{number}/name")
        if criterion["required_level"] not in names:
            raise RubricUnsound("Name one of the criterion's levels.", f"/rubric/{place}/required_level")


def rank(criterion: Criterion, level: str) -> int:
    """How high the level of this name is, from 0. Raises ValueError for none of them."""
    return [each["name"] for each in criterion["levels"]].index(level)


def lowest(criterion: Criterion, levels: Sequence[str]) -> str:
    return min(levels, key=lambda level: rank(criterion, level))


def is_met(rubric: Sequence[Criterion], levels: Mapping[str, str]) -> bool:
    """Whether every criterion was reached; `levels` are level by criterion, by name."""
    return bool(rubric) and all(criterion["name"] in levels
               and rank(criterion, levels[criterion["name"]]) >= rank(criterion, criterion["required_level"])
               for criterion in rubric)


def by_criterion(found: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Level by criterion, of pairs as they are kept: a name may not be one that a database could have for a member."""
    return {each["criterion"]: each["level"] for each in found}


def descriptions(rubric: Sequence[Criterion], achievement: str, version: int) -> list[dict[str, Any]]:
    """The ResultDescriptions of Open Badges 3.0 (B.1.18)."""
    return [{
        "id": _criterion_id(achievement, version, criterion["name"]),
        "type": ["ResultDescription"],
        "name": criterion["name"],
        "resultType": "RubricCriterionLevel",
        "requiredLevel": _level_id(achievement, version, criterion["name"], criterion["required_level"]),
        "rubricCriterionLevel": [_level(each, place, achievement, version, criterion["name"])
                                 for place, each in enumerate(criterion["levels"], 1)],
    } for criterion in rubric]


def results(rubric: Sequence[Criterion], levels: Mapping[str, str], achievement: str,
            version: int) -> list[dict[str, Any]]:
    """The Results of Open Badges 3.0 (B.1.17): the level that was reached by each criterion that was judged."""
    return [{
        "type": ["Result"],
        "resultDescription": _criterion_id(achievement, version, criterion["name"]),
        "achievedLevel": _level_id(achievement, version, criterion["name"], levels[criterion["name"]]),
    } for criterion in rubric if criterion["name"] in levels]


def _level(level: dict[str, Any], place: int, achievement: str, version: int, criterion: str) -> dict[str, Any]:
    document = {"id": _level_id(achievement, version, criterion, level["name"]), "type": ["RubricCriterionLevel"],
                "name": level["name"], "level": str(place)}
    if "description" in level:
        document["description"] = level["description"]
    if "points" in level:
        document["points"] = str(level["points"])
    if "alignments" in level:
        document["alignment"] = alignments.documents(level["alignments"])
    return document


@lru_cache(maxsize=KEPT_IDS)
def _criterion_id(achievement: str, version: int, criterion: str) -> str:
    return f"urn:uuid:{keyed_id('criterion', achievement, str(version), criterion)}"


@lru_cache(maxsize=KEPT_IDS)
def _level_id(achievement: str, version: int, criterion: str, level: str) -> str:
    return f"urn:uuid:{keyed_id('level', achievement, str(version), criterion, level)}"
