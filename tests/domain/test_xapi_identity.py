"""When two statements are one, and when two accounts are one person."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.learning.domain.agents import ERASED, actor_key, forget, people_of
from services.learning.domain.refusals import StatementConflict
from services.learning.domain.statements import Receipt, Statement, agree_with, latest_version, receive

FIXTURES = Path(__file__).parents[1] / "fixtures" / "xapi"
STORED = datetime(2026, 11, 21, 8, tzinfo=UTC)
RECEIPT = Receipt(STORED, {"mbox": "mailto:lrs@example.org"}, "1.0.3")


def sample(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def received(body: Any, receipt: Receipt = RECEIPT) -> Statement:
    [statement] = receive(body, receipt)
    return statement


def test_a_statement_without_an_id_that_is_sent_again_is_the_same_one() -> None:
    later = Receipt(STORED + timedelta(days=1), RECEIPT.authority, "2.0.0")
    assert received(sample("moodle_course_completed")).id == received(sample("moodle_course_completed"), later).id


def test_another_person_makes_another_statement() -> None:
    other = sample("moodle_course_completed")
    other[0]["actor"]["account"]["name"] = "208"
    assert received(other).id != received(sample("moodle_course_completed")).id


def test_another_order_of_members_or_a_new_wording_is_the_same_statement() -> None:
    again = dict(reversed(sample("moodle_course_completed")[0].items()))
    again["object"] = {**again["object"], "definition": {**again["object"]["definition"], "name": {"en": "Renamed"}}}
    assert received(again).id == received(sample("moodle_course_completed")).id


def test_an_id_is_kept_in_lower_case() -> None:
    assert received(sample("typsy_course_completed")).id == "9e5b6b44-0d5d-4f0a-9b0d-2c8a7f6e1d55"


def test_the_same_statement_agrees_with_itself() -> None:
    kept = received(sample("openedx_course_passed"))
    agree_with(kept.fingerprint, kept.content, received(sample("openedx_course_passed")))


def test_a_statement_that_was_read_here_and_sent_back_agrees() -> None:
    kept = received(sample("moodle_course_completed"))
    agree_with(kept.fingerprint, kept.content, received(kept.content))


def test_other_content_under_the_same_id_is_a_conflict() -> None:
    kept = received(sample("openedx_course_passed"))
    other = received({**sample("openedx_course_passed"), "result": {"success": True}})
    with pytest.raises(StatementConflict):
        agree_with(kept.fingerprint, kept.content, other)


def test_the_store_adds_what_a_statement_lacks() -> None:
    content = received(sample("moodle_course_completed")).content
    assert content["stored"] == content["timestamp"] == "2026-11-21T08:00:00.000Z"
    assert content["version"] == "1.0.3"
    assert content["authority"] == {"mbox": "mailto:lrs@example.org"}


def test_an_authority_that_is_sent_is_replaced() -> None:
    sent = {**sample("openedx_course_passed"), "authority": {"mbox": "mailto:other@example.org"}}
    assert received(sent).content["authority"] == RECEIPT.authority


def test_a_single_context_activity_is_given_back_as_an_array() -> None:
    sent = {**sample("openedx_course_passed"), "context": {"contextActivities": {"parent": {"id": "https://a.example/"}}}}
    assert received(sent).content["context"]["contextActivities"] == {"parent": [{"id": "https://a.example/"}]}


def test_an_act_in_the_future_counts_from_when_it_was_received() -> None:
    sent = {**sample("openedx_course_passed"), "timestamp": "2030-01-01T00:00:00Z"}
    assert received(sent).occurred_at == STORED


def test_an_address_and_its_sha1_are_one_person() -> None:
    digest = hashlib.sha1(b"mailto:reader@example.org", usedforsecurity=False).hexdigest()
    assert actor_key({"mbox": "mailto:reader@example.org"}) == actor_key({"mbox_sha1sum": digest.upper()})


def test_accounts_of_two_platforms_are_two_people() -> None:
    first = actor_key({"account": {"homePage": "https://a.example", "name": "1"}})
    assert first != actor_key({"account": {"homePage": "https://b.example", "name": "1"}})


def test_a_key_tells_nothing_about_the_person() -> None:
    assert "reader" not in str(actor_key({"mbox": "mailto:reader@example.org"}))


def test_an_anonymous_group_has_no_key() -> None:
    assert actor_key({"objectType": "Group", "member": [{"mbox": "mailto:reader@example.org"}]}) is None


def test_everybody_whom_a_statement_names_is_known_by_key() -> None:
    statement = received(sample("moodle_badge_awarded"))
    teacher = actor_key({"account": {"homePage": "https://moodle.lakeside.example", "name": "2"}})
    assert statement.people == (statement.actor, teacher)


def test_a_person_is_taken_out_of_somebody_elses_statement() -> None:
    content = received(sample("moodle_badge_awarded")).content
    teacher = actor_key(content["context"]["instructor"])
    assert teacher is not None
    forget(content, {teacher})
    assert "A. Teacher" not in json.dumps(content)
    assert teacher not in people_of(content)
    assert received(content).verdict.rule == "badge-echo"


def test_one_who_was_named_many_times_in_a_group_is_taken_out_once_and_the_others_stay() -> None:
    often, other = {"mbox": "mailto:a@example.org"}, {"mbox": "mailto:reader@example.org"}
    content = received(sample("moodle_badge_awarded")).content
    content["context"]["team"] = {"objectType": "Group", "member": [*[often] * 50, other, other, *[dict(often)] * 50]}
    size = len(json.dumps(content))
    forget(content, {str(actor_key(often))})
    assert content["context"]["team"]["member"] == [{"account": ERASED}, other, other]
    assert len(json.dumps(content)) < size


@pytest.mark.parametrize(("stated", "spoken"), [
    ("1.0.3", "1.0.3"), ("1.0", "1.0.3"), ("1.0.0", "1.0.3"), ("2.0.0", "2.0.0"), ("2.0", "2.0.0"),
    ("0.95", None), ("1.1.0", None), ("", None), ("1", None), ("one", None), ("1.0.3.1", None), ("²", None),
])
def test_the_version_of_a_request_is_answered_by_the_newest_of_its_family(stated: str, spoken: str | None) -> None:
    assert latest_version(stated) == spoken
