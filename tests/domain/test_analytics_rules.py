"""Analytics' rules: pseudonyms lead nowhere, each person counts once, and no shown count gives a small one away."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.counting import Observation, Participation, by_node, count, counted_for, observe
from services.analytics.domain.disclosure import SMALLEST_SHOWN, count_at
from services.analytics.domain.periods import EVERYTHING, day_of, day_period, parts, path_to
from services.analytics.domain.pseudonyms import KeyTooShort, Pseudonyms

SECRET = "a secret for tests, of more than thirty-two characters"
MONDAY = date(2026, 11, 16)
NODES = ("c", "c.a", "c.a.x", "c.a.y", "c.b", "c.b.z")


def seen(measure: str, pseudonym: str = "n1", node: str = "c.a", day: date | None = None) -> Observation:
    return Observation(node, measure, pseudonym, "t1", day)


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
    assert "p1" not in repr(observe("c.a", "enrolled", "p1", Pseudonyms(SECRET)))
    assert observe("c.a", "patron-erased", "p1", Pseudonyms(SECRET)) == Observation("c.a", "patron-erased")


def test_every_fact_counts_and_every_person_once() -> None:
    known = {Participation("c.a", "enrolled", "n1"): frozenset({MONDAY})}
    observed = [seen("enrolled"), seen("enrolled"), seen("shared"), seen("shared"), seen("enrolled", "n2")]
    change = count(observed, observed, known)
    assert by_node(change) == {"c.a": {"enrolled": (3, 1), "shared": (2, 1)}}
    assert list(change.added) == [Participation("c.a", "shared", "n1"), Participation("c.a", "enrolled", "n2")]


def test_a_person_counts_once_in_each_period_however_their_days_arrive() -> None:
    tuesday, december = date(2026, 11, 17), date(2026, 12, 1)
    for days in ([MONDAY, tuesday, december], [december, tuesday, MONDAY, tuesday]):
        change = count(everything := [seen("enrolled", day=day) for day in days], everything, {})
        people = {period.name: number for (_, period), number in change.people_in.items()}
        assert people == dict.fromkeys((
            "2026", "since-2026", "2026-Q4", "2026-11", "2026-11-s3", "2026-11-16", "2026-11-17", "2026-12",
            "2026-12-s1", "2026-12-01"), 1)


def test_what_comes_on_another_day_extends_the_persons_row() -> None:
    known = {Participation("c.a", "enrolled", "n1"): frozenset({MONDAY})}
    change = count(observed := [seen("enrolled", day=date(2026, 11, 17))], observed, known)
    assert by_node(change) == {"c.a": {"enrolled": (1, 0)}}
    assert change.extended == {Participation("c.a", "enrolled", "n1"): {date(2026, 11, 17)}}
    assert {period.name for _, period in change.people_in} == {"2026-11-17"}


def test_who_does_not_count_leaves_their_events() -> None:
    change = count([seen("enrolled", day=MONDAY)], [], {})
    assert by_node(change) == {"c.a": {"enrolled": (1, 0)}}
    assert list(change.events_on.values()) == [1]
    assert (change.added, change.people_in) == ({}, Counter())


@given(st.lists(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=6))
def test_whoever_is_forgotten_counts_nowhere_any_more(days: list[date]) -> None:
    change = count(observed := [seen("enrolled", day=day) for day in days], observed, {})
    change.take_back(counted_for({who: frozenset(kept) for who, kept in change.added.items()}))
    assert not any(change.people.values())
    assert not any(change.people_in.values())


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
