"""Recognitions, and how a patron's record stands to them, as contracts/calls/recognition.py shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.calls.recognition import GRANTED
from libranet.clock import rfc3339
from services.credentials.domain import life
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.reaches import Reach, counted
from services.credentials.domain.recognition import (
    BELOW_LEVEL,
    NOT_EARNED,
    REACHED,
    STATED,
    TOO_OLD,
    Finding,
    Recognition,
    Standing,
)

WAITING = "waiting"
Place = tuple[int, str, int]
"""How many credentials are still needed; the recognition and its version."""


def recognition(stated: Recognition) -> dict[str, Any]:
    """One version; what it leaves out does not stand there."""
    times = {name: stated[name] for name in ("stated_at", "ended_at") if stated[name]}
    return {"id": stated["_id"], "college": stated["owner"], "version": stated["version"],
            **{name: _plain(stated[name]) for name in STATED if stated[name] is not None}, **_plain(times)}


def recognisable(achievement: dict[str, Any]) -> dict[str, Any]:
    names = ("owner", "name", "description", "kind", "rubric", "version")
    return {"id": achievement["_id"], **{name: achievement[name] for name in names if name in achievement}}


def reach(kept: Reach) -> dict[str, Any]:
    """As its college sees it: nothing of whose it is but what the patron lets it know."""
    return {"id": kept["_id"], **{name: kept[name] for name in ("recognition", "version", "state")},
            "reached_at": rfc3339(kept["reached_at"]), "credentials": _counted(kept["credentials"]), **_answer(kept)}


@dataclass(frozen=True)
class Names:
    """What a patron's list tells besides: achievements by id; those that the patron earned and did not agree to, by
    id with how they agree; what colleges say that each credential corresponds to."""

    achievements: Mapping[str, Achievement]
    waiting: Mapping[str, str]
    corresponding: Mapping[str, Sequence[dict[str, Any]]]


def place(item: dict[str, Any]) -> Place:
    """Where an item stands in the order of nearness."""
    return item.get("still_needed", 0), item["recognition"], item["version"]


def nearest(items: list[dict[str, Any]], cursor: str | None, limit: int) -> dict[str, Any]:
    """A page in the order of nearness, after the place that the page before ended with."""
    if cursor:
        needed, own_id, version = cursor.split(".")
        items = [each for each in items if place(each) > (int(needed), own_id, int(version))]
    shown = sorted(items, key=place)[:limit]
    return {"items": shown, "next": ".".join(map(str, place(shown[-1]))) if len(items) > limit else None}


def reached(kept: Reach, patron: str, may_know: bool, names: Names) -> dict[str, Any]:
    """One that the patron reached, and what comes next."""
    return {**_offer(kept, kept["college"], kept["version"], kept["recognition"]), "standing": REACHED,
            "have": _own(kept["credentials"], kept["college"], names), "missing": [], "reached": kept["_id"],
            "reached_at": rfc3339(kept["reached_at"]), "college_was_told": kept["told"] is not None, **_answer(kept),
            "next_step": _after_reaching(kept, patron, may_know, names)}


def standing(stated: Recognition, found: Standing, patron: str, names: Names) -> dict[str, Any]:
    """How near the patron's record comes to one that they did not reach yet."""
    ends = {"applies_until": rfc3339(stated["applies_until"])} if stated["applies_until"] else {}
    missing = [_missing(each, patron, names) for each in found.missing] if found.still_needed else []
    return {**_offer(stated, stated["owner"], stated["version"], stated["_id"]), **ends, "standing": found.word,
            "have": _own(counted(found.have), stated["owner"], names), "missing": missing,
            "still_needed": found.still_needed,
            "next_step": missing[0]["next_step"] if missing else "Libranet is about to note that you reached it."}


def _offer(shown: dict[str, Any], college: str, version: int, own_id: str) -> dict[str, Any]:
    address = {"address": shown["address"]} if shown["address"] else {}
    return {"recognition": own_id, "version": version, "college": college, "title": shown["title"],
            "gives": shown["gives"], **address}


def _after_reaching(kept: Reach, patron: str, may_know: bool, names: Names) -> str:
    college = kept["college"]
    if kept["state"] == GRANTED and kept["gives"].get("awards") in names.waiting:
        return f"{college} grants it. Agree to a credential: {names.waiting[kept['gives']['awards']]}."
    if kept["answer"]:
        granted = kept["answer"]["answer"] == GRANTED
        return f"{college} grants it: ask there how you get it." if granted else f"Read why, and ask {college}."
    if not may_know:
        path = f"/v1/patrons/{patron}/consents/share-credentials/{college}"
        return f"Let {college} know: PUT {path} with granted true."
    return f"{college} knows, and will answer."


def _missing(finding: Finding, patron: str, names: Names) -> dict[str, Any]:
    achievement = names.achievements[finding.taken["achievement"]]
    lack = finding.lack or NOT_EARNED
    if lack == NOT_EARNED and achievement.id in names.waiting:
        lack = WAITING
    course = {"course": achievement.course} if achievement.course else {}
    return {"achievement": achievement.id, "achievement_name": achievement.name, "reason": lack, **course,
            "next_step": _next_step(lack, finding, achievement, patron, names)}


def _next_step(lack: str, finding: Finding, achievement: Achievement, patron: str, names: Names) -> str:
    earn = (f"Complete the course: GET /v1/courses/{achievement.course} tells where it is." if achievement.course
            else f"Ask {achievement.owner} how it is earned.")
    if lack == WAITING:
        return f"You earned it. Agree to a credential: {names.waiting[achievement.id]}."
    if lack == BELOW_LEVEL:
        wanted = ", ".join(f"{each['criterion']}: {each['level']}" for each in finding.taken["levels"])
        return f"You have it, and more is asked for ({wanted}). Have it assessed again: ask {achievement.owner}."
    if lack == TOO_OLD:
        return f"Yours is older than {finding.taken['within_days']} days. {earn}"
    if lack == life.SUSPENDED:
        return f"Yours is suspended; it counts again once it is reinstated. Ask {achievement.owner}."
    return earn


def _counted(credentials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without our own ids."""
    return [{name: value for name, value in each.items() if name != "credential"} for each in credentials]


def _own(credentials: list[dict[str, Any]], college: str, names: Names) -> list[dict[str, Any]]:
    """For the patron: with what this college says that each corresponds to."""
    said = [[one for one in names.corresponding.get(each["credential"], ()) if one["college"] == college]
            for each in credentials]
    return [{**shown, **({"corresponds_to": some} if some else {})}
            for shown, some in zip(_counted(credentials), said, strict=True)]


def _answer(kept: Reach) -> dict[str, Any]:
    if not kept["answer"]:
        return {}
    return {"answer": _plain({name: each for name, each in kept["answer"].items() if each is not None})}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value
