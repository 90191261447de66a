"""Reads the rule table: does this statement finish a course, and which rule says so?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.learning.domain.completion_rules import COURSE_TYPES, RULES, Rule


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rule` names the row of the table that decided, for finishing and ignored statements alike."""

    finishes: bool
    rule: str
    takes_back: bool = False


@dataclass(frozen=True, slots=True)
class _Traits:
    object_kind: str
    actor_kind: str
    verb: str
    type: str | None
    within_course: bool
    completion: bool | None
    success: bool | None


def judge(statement: dict[str, Any]) -> Verdict:
    """The verdict of the first rule that fits a valid statement."""
    traits = _traits(statement)
    for rule in RULES:
        if _fits(rule, traits):
            return Verdict(rule.finishes, rule.name, rule.takes_back)
    raise AssertionError("the last rule of the table fits every statement")


def schemeless(iri: str) -> str:
    """`http://a/b` and `https://a/b` become one spelling, `a/b`."""
    return iri.removeprefix("https://").removeprefix("http://")


def _fits(rule: Rule, traits: _Traits) -> bool:
    return (
        (not rule.verbs or traits.verb in rule.verbs)
        and (not rule.objects or traits.object_kind in rule.objects)
        and (not rule.actors or traits.actor_kind in rule.actors)
        and (not rule.types or traits.type in rule.types)
        and (rule.untyped is None or (traits.type is None) is rule.untyped)
        and (rule.within_course is None or traits.within_course is rule.within_course)
        and (rule.completion is None or traits.completion is rule.completion)
        and (rule.success is None or traits.success is rule.success)
    )


def _traits(statement: dict[str, Any]) -> _Traits:
    target, result = statement["object"], statement.get("result", {})
    return _Traits(
        object_kind=target.get("objectType", "Activity"),
        actor_kind=statement["actor"].get("objectType", "Agent"),
        verb=schemeless(statement["verb"]["id"]),
        type=_type_of(target),
        within_course=any(_type_of(activity) in COURSE_TYPES for activity in _surroundings(statement)),
        completion=result.get("completion"),
        success=result.get("success"),
    )


def _type_of(activity: dict[str, Any]) -> str | None:
    stated = activity.get("definition", {}).get("type")
    return schemeless(stated) if stated else None


def _surroundings(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    around = statement.get("context", {}).get("contextActivities", {})
    for name in ("parent", "grouping"):
        listed = around.get(name, [])
        yield from listed if isinstance(listed, list) else [listed]
