"""Courses of the catalogue: who offers what, and by which activity statements find it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libranet.ids import keyed_id


@dataclass(frozen=True, slots=True)
class Course:
    """`owner` is the node that offers it; `teaches` are skills as `{uri?, label}`, resolved elsewhere."""

    id: str
    owner: str
    title: str
    activity_iri: str
    provider: str | None
    url: str | None
    teaches: list[dict[str, Any]]
    language: str | None
    level: str | None
    offered_at: datetime
    sequence: int = 1


def course_id(owner: str, activity_iri: str) -> str:
    """One course per owner and activity: the id follows from both, so two at once cannot make twins."""
    return keyed_id("course", owner, activity_iri)


def offer(asked: dict[str, Any], owner: str, at: datetime) -> Course:
    """The course as it is asked for; whether it exists already is for the caller to look up by its id."""
    return Course(
        id=course_id(owner, asked["activity_iri"]),
        owner=owner,
        title=asked["title"],
        activity_iri=asked["activity_iri"],
        provider=asked.get("provider"),
        url=asked.get("url"),
        teaches=list(asked.get("teaches", ())),
        language=asked.get("language"),
        level=asked.get("level"),
        offered_at=at,
    )
