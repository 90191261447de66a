"""Signals that say what a patron can do: which skills an event gives a basis, and where from."""

from libranet.clock import parse_rfc3339
from libranet.cloudevent import Event
from services.profiles.patrons.domain.skills import DEMONSTRATED, TAUGHT, Basis, Mention, said_by_others

COURSE_COMPLETED = "org.libranet.learning.course-completed.v1"
CREDENTIAL_ISSUED = "org.libranet.credentials.credential-issued.v1"
COMPETENCY = "competency"


def read(event: Event) -> tuple[list[Mention], Basis] | None:
    """None for a credential of taking part: that shows no skill beyond what the course taught."""
    data = event.data
    if event.type == COURSE_COMPLETED:
        return _mentions(data["teaches"]), Basis(TAUGHT, data["course"], parse_rfc3339(data["completed_at"]))
    if data["kind"] != COMPETENCY:
        return None
    shown = data.get("skills") or [{"label": data["achievement_name"]}]
    return _mentions(shown), Basis(DEMONSTRATED, data["credential"], parse_rfc3339(data["issued_at"]))


def _mentions(skills: list[dict[str, str]]) -> list[Mention]:
    return [said_by_others(each["label"], each.get("uri")) for each in skills]
