"""Analytics' rules: pseudonyms lead nowhere, each person counts once, and no shown count gives a small one away."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.counting import Observation, Participation, by_node, count, observe, observed_of
from services.analytics.domain.disclosure import SMALLEST_SHOWN, count_at
from services.analytics.domain.objections import Decision, Standing
from services.analytics.domain.periods import EVERYTHING, day_of, day_period, parts, path_to
from services.analytics.domain.pseudonyms import KeyTooShort, Pseudonyms
from services.analytics.domain.skills import Holder

SECRET = "a secret for tests, of more than thirty-two characters"
MONDAY = date(2026, 11, 16)
NODES = ("c", "c.a", "c.a.x", "c.a.y", "c.b", "c.b.z")


def seen(measure: str, pseudonym: str = "n1", node: str = "c.a", day: date = MONDAY) -> Observation:
    return Observation(node, measure, day, pseudonym, "t1")


def test_a_patron_has_one_pseudonym_at_a_node_and_another_elsewhere_or_under_another_secret() -> None:
    here = Pseudonyms(SECRET).at("c.a", "p1")
    assert here == Pseudonyms(SECRET).at("c.a", "p1")
    others = {Pseudonyms(SECRET).at("c.b", "p1"), Pseudonyms(SECRET).at("c.a", "p2"),
              Pseudonyms(SECRET).trace("p1"), Pseudonyms(SECRET[::-1]).at("c.a", "p1")}
    assert len(others) == 4
    assert here not in others
    assert "p1" not in here


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(KeyTooShort):
        Pseudonyms("too short")


def test_behind_the_entrance_nobody_knows_the_patron() -> None:
    assert "p1" not in repr(observe("c.a", "enrolled", "p1", Pseudonyms(SECRET), MONDAY))
    assert observe("c.a", "patron-erased", "p1", Pseudonyms(SECRET), MONDAY) == Observation(
        "c.a", "patron-erased", MONDAY)


def test_every_fact_counts_and_every_person_once() -> None:
    known = {Participation("c.a", "enrolled", "n1"): {MONDAY: 1}}
    observed = [seen("enrolled"), seen("enrolled"), seen("shared"), seen("shared"), seen("enrolled", "n2")]
    change = count(observed, known)
    assert by_node(change) == {"c.a": {"enrolled": (3, 1), "shared": (2, 1)}}
    assert change.rows == {
        Participation("c.a", "enrolled", "n1"): {MONDAY: 3}, Participation("c.a", "shared", "n1"): {MONDAY: 2},
        Participation("c.a", "enrolled", "n2"): {MONDAY: 1}}


def test_a_person_counts_once_in_each_period_however_their_days_arrive() -> None:
    tuesday, december = date(2026, 11, 17), date(2026, 12, 1)
    for days in ([MONDAY, tuesday, december], [december, tuesday, MONDAY, tuesday]):
        change = count([seen("enrolled", day=day) for day in days], {})
        people = {period.name: number for (_, period), number in change.people_in.items()}
        assert people == dict.fromkeys((
            "2026", "since-2026", "2026-Q4", "2026-11", "2026-11-s3", "2026-11-16", "2026-11-17", "2026-12",
            "2026-12-s1", "2026-12-01"), 1)


def test_what_comes_on_another_day_extends_the_persons_row() -> None:
    tuesday = date(2026, 11, 17)
    change = count([seen("enrolled", day=tuesday)], {Participation("c.a", "enrolled", "n1"): {MONDAY: 1}})
    assert by_node(change) == {"c.a": {"enrolled": (1, 0)}}
    assert change.rows == {Participation("c.a", "enrolled", "n1"): {MONDAY: 1, tuesday: 1}}
    assert {period.name for _, period in change.people_in} == {"2026-11-17"}


@given(st.lists(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=6))
def test_whoever_is_forgotten_counts_nowhere_any_more_nor_does_what_they_did(days: list[date]) -> None:
    change = count([seen("enrolled", day=day) for day in days], {})
    change.take_back(count(observed_of(change.rows, "t1", {}), {}))
    for counted in (change.people, change.people_in, change.events, change.events_on):
        assert not any(counted.values())


def test_what_somebody_can_do_was_told_by_the_last_fact_that_counts_them_for_it() -> None:
    told, tuesday = Participation("c.a", "skills-changed", "n1"), date(2026, 11, 17)
    holder = Holder("n1", "c.a", 3, frozenset({"k"}))
    found = observed_of({told: {MONDAY: 1, tuesday: 2}}, "t1", {"n1": holder})
    assert [(each.day, each.holder) for each in found] == [(tuesday, holder), (tuesday, None), (MONDAY, None)]


@given(st.data())
def test_who_is_counted_for_a_day_follows_from_the_decisions_in_any_order(data: st.DataObject) -> None:
    """None of what is dropped on the way would have counted in the end."""
    made = decisions(data.draw(st.lists(st.booleans(), max_size=5)))
    final = Standing().after(False, made)
    on_the_way = Standing()
    for decision in data.draw(st.permutations(made)):
        on_the_way = on_the_way.after(False, [decision])
        for each in ((MONDAY + timedelta(days=number)) for number in range(-1, 12)):
            assert on_the_way.may_count(each) or not final.counts(each)
    assert on_the_way == final


def test_after_an_objection_counts_what_happens_after_the_day_of_the_next_consent() -> None:
    standing = Standing().after(False, decisions([True, False, True, True]))
    days = [MONDAY + timedelta(days=number) for number in range(-1, 8)]
    assert [standing.counts(day) for day in days] == [False] * 6 + [True] * 3
    assert not any(Standing().after(False, decisions([True, False])).counts(day) for day in days)
    assert not any(standing.after(True, []).may_count(day) for day in days)


def decisions(granted: list[bool]) -> list[Decision]:
    """One every other day from Monday on."""
    return [Decision("c.a", number + 1, each, datetime(2026, 11, 16 + 2 * number, 12, tzinfo=UTC))
            for number, each in enumerate(granted)]


@pytest.mark.parametrize(("told", "day"), [
    ("2026-11-16T23:59:59.000Z", date(2026, 11, 16)),
    ("2026-11-16T23:59:59-05:00", date(2026, 11, 17)),
    ("2026-11-18T00:00:00Z", date(2026, 11, 17)),  # after it was decided: a clock errs
    ("1970-01-01T00:00:00Z", date(2026, 11, 17)),
    ("2026-11-16T10:00:00", date(2026, 11, 17)),
    (None, date(2026, 11, 17)),
])
def test_a_fact_counts_on_the_utc_day_on_which_it_happened(told: Any, day: date) -> None:
    assert day_of(datetime(2026, 11, 17, 12, tzinfo=UTC), told) == day


@given(st.dates(date(2025, 1, 1), date(2031, 12, 31)))
def test_a_day_is_in_one_part_of_each_period_that_holds_it(day: date) -> None:
    path = path_to(day)
    assert (path[0], path[-1]) == (EVERYTHING, day_period(day))
    for whole, part in pairwise(path):
        assert [each for each in parts(whole) if each.holds(day_period(day))] == [part]
        assert whole.holds(part)
    assert len({each.name for each in path}) == len(path)


@pytest.mark.parametrize(("own", "node", "shown"), [
    ({"c.a": 9}, "c.a", False),
    ({"c.a": 10}, "c.a", True),
    ({"c.a": 10}, "c", True),
    ({"c.a": 20, "c.b": 5}, "c.a", True),
    ({"c.a": 20, "c.b": 5}, "c", False),  # 25 - 20 would tell the 5
    ({"c.a": 20, "c.b": 5, "c": 5}, "c", True),  # what remains is a sum of ten
    ({"c.a": 20, "c.b": 0}, "c", True),
    ({"c.a": 6, "c.b": 6}, "c", True),
    ({"c.a": 9, "c.b": 9}, "c", False),  # eighteen of two that are hidden: nine each
    ({"c.a": 9, "c.b": 9, "c.d": 4}, "c", True),
    ({f"c.a{number}": 1 for number in range(10)}, "c", False),  # one each
    ({"c.ab": 30, "c.a": 3}, "c.a", False),  # c.ab is no part of c.a
    ({}, "c", False),
])
def test_a_count_is_shown_only_with_ten_people_and_no_small_remainder(own: Any, node: str, shown: bool) -> None:
    assert count_at(node, own).shown is shown


@given(st.dictionaries(st.sampled_from(NODES), st.integers(0, 25)))
def test_no_difference_of_shown_counts_is_a_small_number_of_people(own: dict[str, int]) -> None:
    shown = {node: count_at(node, own).people for node in NODES if count_at(node, own).shown}
    for node, people in shown.items():
        below = [each for each in shown if each.startswith(f"{node}.")]
        for size in range(len(below) + 1):
            for chosen in combinations(below, size):
                if not any(one.startswith(f"{other}.") for one in chosen for other in chosen):
                    rest = people - sum(shown[each] for each in chosen)
                    assert rest == 0 or rest >= SMALLEST_SHOWN
