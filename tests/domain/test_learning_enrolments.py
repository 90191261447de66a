"""Courses, the accounts of patrons, and what a completion is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.learning.domain.agents import actor_key
from services.learning.domain.courses import Course, offer
from services.learning.domain.enrolments import (
    MAX_SOURCES,
    Enrolment,
    Source,
    account_of,
    belong_to,
    complete,
    enrol,
)
from services.learning.domain.refusals import AccountMissing, AccountTaken

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ACCOUNT = {"homePage": "https://moodle.lakeside.example", "name": "207"}
SHA1 = "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"


def course(owner: str = "demo.riverside") -> Course:
    return offer({"title": "Food Safety Basics", "activity_iri": "https://example.org/c"}, owner, NOW)


def enrolment(patron: str = "patron-1") -> Enrolment:
    return enrol(patron, "demo.riverside", course(), ["key"], NOW)


def test_one_owner_offers_an_activity_once() -> None:
    assert course().id == course().id
    assert course().id != course("demo").id


def test_an_enrolment_follows_from_patron_and_course() -> None:
    assert enrolment().id == enrolment().id
    assert enrolment().id != enrolment("patron-2").id


@pytest.mark.parametrize(("asked", "agent"), [
    ({"account": ACCOUNT}, {"account": ACCOUNT}),
    ({"mbox_sha1sum": SHA1}, {"mbox_sha1sum": SHA1}),
])
def test_an_enrolment_has_the_key_that_statements_have(asked: dict[str, Any], agent: dict[str, Any]) -> None:
    assert account_of(asked) == actor_key(agent)


@pytest.mark.parametrize("asked", [{}, {"account": None}, {"account": ACCOUNT, "mbox_sha1sum": SHA1}])
def test_an_enrolment_names_exactly_one_account(asked: dict[str, Any]) -> None:
    with pytest.raises(AccountMissing):
        account_of(asked)


def test_an_account_of_another_patron_is_refused() -> None:
    belong_to(None, "patron-1")
    belong_to("patron-1", "patron-1")
    with pytest.raises(AccountTaken) as refused:
        belong_to("patron-2", "patron-1")
    assert refused.value.errors[0]["field"] == "/account"
    assert "patron-2" not in refused.value.detail


def test_two_statements_make_one_completion_with_two_sources() -> None:
    first = complete(enrolment(), Source("s1", "course-passed"), NOW, NOW)
    second = complete(first, Source("s2", "course-completed"), NOW + timedelta(days=1), NOW)
    assert first.completion and second.completion
    assert second.completion.id == first.completion.id
    assert second.completion.occurred_at == NOW
    assert [source.statement for source in second.completion.sources] == ["s1", "s2"]


def test_the_same_statement_again_changes_nothing() -> None:
    once = complete(enrolment(), Source("s1", "course-passed"), NOW, NOW)
    assert complete(once, Source("s1", "course-passed"), NOW, NOW) is once


def test_the_sources_of_a_completion_are_bounded() -> None:
    state = enrolment()
    for position in range(MAX_SOURCES + 5):
        state = complete(state, Source(f"s{position}", "course-passed"), NOW, NOW)
    assert state.completion and len(state.completion.sources) == MAX_SOURCES
