"""Signals that say what a patron can do: which skills an event gives a basis or takes it from, and where from."""

from collections.abc import Iterable

from libranet.clock import parse_rfc3339
from libranet.cloudevent import Event
from services.profiles.patrons.domain.patrons import Patron, Standing, judge, learn, unlearn
from services.profiles.patrons.domain.skills import DEMONSTRATED, TAUGHT, Basis, Mention, said_by_others

COURSE_COMPLETED = "org.libranet.learning.course-completed.v1"
COMPLETION_RETOLD = "org.libranet.learning.course-completion-retold.v1"
COMPLETION_WITHDRAWN = "org.libranet.learning.course-completion-withdrawn.v1"
CREDENTIAL_ISSUED = "org.libranet.credentials.credential-issued.v1"
CREDENTIAL_REVOKED = "org.libranet.credentials.credential-revoked.v1"
CREDENTIAL_SUSPENDED = "org.libranet.credentials.credential-suspended.v1"
CREDENTIAL_REINSTATED = "org.libranet.credentials.credential-reinstated.v1"
CREDENTIAL_EXPIRED = "org.libranet.credentials.credential-expired.v1"
CREDENTIAL_REVALIDATED = "org.libranet.credentials.credential-revalidated.v1"
COUNTS_AFTER = {CREDENTIAL_SUSPENDED: False, CREDENTIAL_REINSTATED: True, CREDENTIAL_EXPIRED: False,
                CREDENTIAL_REVALIDATED: True}
COMPLETION_COUNTS_AFTER = {COMPLETION_RETOLD: True, COMPLETION_WITHDRAWN: False}
COMPETENCY = "competency"


def applied(patron: Patron, event: Event) -> Patron:
    """The patron once the event was heard; the same object when it changes nothing."""
    if event.type in (CREDENTIAL_REVOKED, *COUNTS_AFTER):
        return _judged(patron, event) if event.data["kind"] == COMPETENCY else patron
    if event.type in COMPLETION_COUNTS_AFTER:
        counts = COMPLETION_COUNTS_AFTER[event.type]
        return judge(patron, Standing(event.data["course"], event.sequence, counts))
    signal = read(event)
    return learn(patron, *signal) if signal else patron


def _judged(patron: Patron, event: Event) -> Patron:
    """The patron once a competency credential does not count any more, or does again."""
    credential = event.data["credential"]
    if event.type == CREDENTIAL_REVOKED:
        return unlearn(patron, credential)
    return judge(patron, Standing(credential, event.sequence, COUNTS_AFTER[event.type]))


def uris(events: Iterable[Event]) -> list[str]:
    """Of the skills that these events name."""
    return [skill["uri"] for event in events for member in ("teaches", "skills")
            for skill in event.data.get(member, ()) if "uri" in skill]


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
