"""Courses, the accounts of patrons, and what a completion is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.learning.domain.completions import Finishing, finish
from services.learning.domain.courses import Course, offer
from services.learning.domain.enrolments import (
    MAX_SOURCES,
    Enrolment,
    Source,
    awaited_key,
    belong_to,
    complete,
    enrol,
)
from services.learning.domain.refusals import AccountTaken

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


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


def test_a_statement_finds_what_awaits_it_by_account_and_activity() -> None:
    assert awaited_key("key", "https://example.org/c") == awaited_key("key", "https://example.org/c")
    assert awaited_key("key", "https://example.org/c") != awaited_key("other", "https://example.org/c")


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
    assert first.completion
    assert second.completion
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
    assert state.completion
    assert len(state.completion.sources) == MAX_SOURCES


def scored(*scores: float | None) -> list[float | None]:
    """What is kept once the course was finished with these scores, one after the other."""
    state = enrolment()
    for position, score in enumerate(scores):
        state = complete(state, Source(f"s{position}", "course-passed", score), NOW, NOW)
    assert state.completion
    assert len(state.completion.sources) <= MAX_SOURCES
    return [each.score for each in state.completion.sources]


def test_a_late_score_takes_the_place_of_one_that_was_told_twice() -> None:
    assert scored(*[0.3] * MAX_SOURCES, 0.9) == [*[0.3] * (MAX_SOURCES - 1), 0.9]
    once = [position / 100 for position in range(MAX_SOURCES - 2)]
    assert scored(*once, 0.5, 0.5, 0.9) == [*once, 0.5, 0.9]


def test_a_late_score_takes_the_place_of_the_lowest_where_all_differ() -> None:
    rising = [position / 100 for position in range(MAX_SOURCES)]
    assert scored(*rising, 0.9) == [*rising[1:], 0.9]
    assert scored(*rising[1:], None, 0.9) == [*rising[1:], 0.9]


FIRST = Finishing("s1", "key", "https://example.org/c", NOW, "course-passed", 0.8)


def test_a_statement_completes_the_enrolment_that_waits_for_it() -> None:
    outcome = finish([FIRST], [enrolment()], NOW)
    assert outcome.changed == outcome.completed
    [done] = outcome.completed
    assert done.completion
    assert done.completion.sources == (Source("s1", "course-passed", 0.8),)


@pytest.mark.parametrize("other", [{"actor": "other"}, {"activity_iri": "https://example.org/other"}])
def test_a_statement_about_somebody_or_something_else_completes_nothing(other: dict[str, str]) -> None:
    assert finish([replace(FIRST, **other)], [enrolment()], NOW).changed == []  # type: ignore[arg-type]


def test_the_earliest_act_of_several_decides() -> None:
    later = replace(FIRST, statement="s2", occurred_at=NOW + timedelta(hours=1))
    [done] = finish([later, FIRST], [enrolment()], NOW).completed
    assert done.completion
    assert [source.statement for source in done.completion.sources] == ["s1", "s2"]


def test_a_finished_enrolment_changes_but_is_not_completed_again() -> None:
    [done] = finish([FIRST], [enrolment()], NOW).completed
    outcome = finish([replace(FIRST, statement="s2")], [done], NOW)
    assert (len(outcome.changed), outcome.completed) == (1, [])
