"""Completion statements in the shapes that Open edX and Moodle send (reference: their own exporters)."""

from datetime import UTC, datetime
from typing import Any

COURSE_TYPE = "http://adlnet.gov/expapi/activities/course"
CMI5_COURSE_TYPE = "https://w3id.org/xapi/cmi5/activitytype/course"


def openedx_course_passed(statement_id: str, account: dict[str, str], activity_iri: str, title: str) -> dict[str, Any]:
    """event-routing-backends, `edx.course.grade.passed.first_time`: verb passed, empty extensions, no result."""
    return {
        "id": statement_id,
        "version": "1.0.3",
        "actor": {"objectType": "Agent", "account": account},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/passed", "display": {"en": "passed"}},
        "object": {"objectType": "Activity", "id": activity_iri,
                   "definition": {"type": COURSE_TYPE, "name": {"en": title}, "extensions": {}}},
        "timestamp": datetime.now(UTC).isoformat(),
        "context": {"extensions": {
            "https://w3id.org/xapi/openedx/extension/transformer-version": "event-routing-backends@9.0.0"}},
    }


def voided(statement_id: str) -> dict[str, Any]:
    """What a platform sends to take back one of its statements (xAPI, Data 2.3.2)."""
    return {
        "actor": {"objectType": "Agent", "mbox": "mailto:administrator@courses.example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided", "display": {"en": "voided"}},
        "object": {"objectType": "StatementRef", "id": statement_id},
    }


def moodle_course_completed(account: dict[str, str], activity_iri: str, title: str) -> dict[str, Any]:
    """logstore_xapi, `course_completed`: no id, no timestamp, no objectType on the actor, no result."""
    return {
        "actor": {"account": account, "name": "Learner"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "Completed"}},
        "object": {"objectType": "Activity", "id": activity_iri,
                   "definition": {"type": CMI5_COURSE_TYPE, "name": {"en": title}}},
        "context": {
            "language": "en",
            "extensions": {"http://lrs.learninglocker.net/define/extensions/info": {
                "event_name": "\\core\\event\\course_completed"}},
            "contextActivities": {"category": [{
                "objectType": "Activity", "id": account["homePage"],
                "definition": {"type": "http://id.tincanapi.com/activitytype/lms", "name": {"en": "Moodle"}}}]},
        },
    }
