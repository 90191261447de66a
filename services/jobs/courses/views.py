"""What callers are shown of courses: the bodies of answers, as contracts/calls/jobs.py describes them."""

from typing import Any

from contracts.principal import Principal
from services.jobs.courses.domain.taught import TaughtSkill


def skill(taught: TaughtSkill, principal: Principal) -> dict[str, Any]:
    """The skill with those of its courses that the principal's node shares; `courses` may be empty."""
    courses = [{"course": course, "title": title} for course, (owner, title) in taught.courses.items()
               if principal.shares(owner)]
    shown: dict[str, Any] = {"label": taught.skill.label, "courses": courses}
    return shown if taught.skill.uri is None else {**shown, "uri": taught.skill.uri}
