"""Analytics' rules: pseudonyms lead nowhere, each person counts once, and no shown count gives a small one away."""

from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.counting import Observation, Participation, by_node, count, forget, observe
from services.analytics.domain.disclosure import SMALLEST_SHOWN, count_at
from services.analytics.domain.pseudonyms import KeyTooShort, Pseudonyms

SECRET = "a secret for tests, of more than thirty-two characters"
NODES = ("c", "c.a", "c.a.x", "c.a.y", "c.b", "c.b.z")


def seen(measure: str, pseudonym: str = "n1", node: str = "c.a", trace: str = "t1") -> Observation:
    return Observation(node, measure, pseudonym, trace)


def test_a_patron_has_one_pseudonym_at_a_node_and_another_elsewhere_or_under_another_secret() -> None:
    here = Pseudonyms(SECRET).at("c.a", "p1")
    assert here == Pseudonyms(SECRET).at("c.a", "p1")
    others = {Pseudonyms(SECRET).at("c.b", "p1"), Pseudonyms(SECRET).at("c.a", "p2"),
              Pseudonyms(SECRET).when_erased("p1"), Pseudonyms(SECRET[::-1]).at("c.a", "p1")}
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
    known = {Participation("c.a", "enrolled", "n1")}
    change = count([seen("enrolled"), seen("enrolled"), seen("shared"), seen("shared"), seen("enrolled", "n2")],
                   known, frozenset())
    assert by_node(change) == {"c.a": {"enrolled": (3, 1), "shared": (2, 1)}}
    assert change.participations == [Participation("c.a", "shared", "n1"), Participation("c.a", "enrolled", "n2")]


def test_a_late_fact_about_an_erased_patron_counts_but_not_its_person() -> None:
    change = count([seen("enrolled")], (), {"t1"})
    assert by_node(change) == {"c.a": {"enrolled": (1, 0)}}
    assert change.participations == []


def test_whoever_is_forgotten_counts_nowhere_any_more() -> None:
    gone = [Participation("c.a", "enrolled", "n1"), Participation("c.a", "shared", "n1"),
            Participation("c.a", "shared", "n2")]
    assert forget(gone) == Counter({("c.a", "shared"): 2, ("c.a", "enrolled"): 1})


@pytest.mark.parametrize(("own", "node", "shown"), [
    ({"c.a": 9}, "c.a", False),
    ({"c.a": 10}, "c.a", True),
    ({"c.a": 10}, "c", True),
    ({"c.a": 20, "c.b": 5}, "c.a", True),
    ({"c.a": 20, "c.b": 5}, "c", False),  # 25 - 20 would tell the 5
    ({"c.a": 20, "c.b": 5, "c": 5}, "c", True),  # what remains is a sum of ten
    ({"c.a": 20, "c.b": 0}, "c", True),
    ({"c.a": 6, "c.b": 6}, "c", True),
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
