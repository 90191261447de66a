"""The rule table: which statements finish a course, and which only look like it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.learning.domain.completion_rules import RULES
from services.learning.domain.rules import judge
from services.learning.domain.statements import Receipt, receive

FIXTURES = Path(__file__).parents[1] / "fixtures" / "xapi"
RECEIPT = Receipt(datetime(2026, 11, 21, tzinfo=UTC), {"mbox": "mailto:lrs@example.org"}, "1.0.3")


def sample(name: str) -> dict[str, Any]:
    body = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return body[0] if isinstance(body, list) else body


@pytest.mark.parametrize(("name", "finishes", "rule"), [
    ("openedx_course_passed", True, "course-passed"),
    ("moodle_course_completed", True, "course-completed"),
    ("edx_enterprise_completed_passed", True, "course-completed"),
    ("typsy_course_completed", True, "course-completed"),
    ("openedx_course_failed", False, "failed"),
    ("openedx_block_completion", False, "progress"),
    ("openedx_video_completed", False, "part-of-a-course"),
    ("moodle_module_completion", False, "part-of-a-course"),
    ("moodle_uncompletion", False, "un-completion"),
    ("moodle_badge_awarded", False, "badge-echo"),
    ("edx_enterprise_completed_failed", False, "result-not-complete"),
])
def test_each_producer_is_read_as_it_means(name: str, finishes: bool, rule: str) -> None:
    [statement] = receive(sample(name), RECEIPT)
    assert (statement.verdict.finishes, statement.verdict.rule) == (finishes, rule)


def course(**changes: Any) -> dict[str, Any]:
    return {**sample("edx_enterprise_completed_passed"), **changes}


def test_http_and_https_spell_the_same_verb_and_type() -> None:
    verb = {"id": "https://adlnet.gov/expapi/verbs/passed"}
    activity = {"id": "https://example.org/c", "definition": {"type": "http://w3id.org/xapi/cmi5/activitytype/course"}}
    assert judge(course(verb=verb, object=activity)).rule == "course-passed"


def test_a_completion_without_success_finishes_nothing() -> None:
    assert judge(course(result={"completion": True, "success": False})).rule == "result-not-successful"


def test_a_course_that_a_group_completed_finishes_for_nobody() -> None:
    group = {"objectType": "Group", "mbox": "mailto:team@example.org"}
    assert judge(course(actor=group)).rule == "group-actor"


def test_an_untyped_activity_may_be_a_course() -> None:
    assert judge(course(object={"id": "https://example.org/c"})).rule == "untyped-course"


def test_an_untyped_part_of_a_course_is_no_course() -> None:
    parent = {"contextActivities": {"parent": sample("moodle_course_completed")["object"]}}
    assert judge(course(object={"id": "https://example.org/c/part"}, context=parent)).rule == "part-of-a-course"


def test_a_sub_statement_about_a_course_finishes_nothing() -> None:
    planned = {**sample("edx_enterprise_completed_passed"), "objectType": "SubStatement"}
    assert judge(course(object=planned)).rule == "not-an-activity"


def test_the_last_rule_fits_everything() -> None:
    last = RULES[-1]
    assert not last.finishes
    assert (last.verbs, last.types, last.objects, last.actors) == ((), (), (), ())


def test_every_rule_has_its_own_name_and_a_reason() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason.endswith(".") for rule in RULES)


def test_verbs_and_types_of_the_table_are_written_without_their_scheme() -> None:
    assert not [iri for rule in RULES for iri in (*rule.verbs, *rule.types) if "://" in iri]
