"""Somebody asks for everything that may be asked, puts all answers together, and wants the number that is not shown.

The attacker knows every answer about every node and period, what the rules of counting make of them (people of
several nodes add up, whoever is in a part is in the whole), that nothing happened on other days than those of the
test or at other nodes than those of the world, and that a library without branches whose total is hidden has at most
nine people. They do not know the plain totals of events, which are not suppressed. Integer programming finds another
state of the world that gives all the same answers but another number where one is hidden; if there is none, the
number was found out.
"""

from collections.abc import Iterator
from datetime import date
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from services.analytics.domain.disclosure import SMALLEST_SHOWN, count_at
from services.analytics.domain.periods import EVERYTHING, Period, path_to
from services.analytics.domain.release import Release

NODES = ("c", "c.a", "c.a.x", "c.a.y", "c.b")
DAYS = (date(2025, 6, 1), date(2026, 10, 30), date(2026, 11, 2), date(2026, 11, 3))
"""Of two years; three in one quarter, two in one week of one month."""
PATTERNS = tuple(chain.from_iterable(combinations(DAYS, size) for size in range(1, len(DAYS) + 1)))
ASKED = tuple(Period("asked", first, last) for first in DAYS for last in DAYS if first <= last)
"""Any other period holds the same days as one of these, or none."""
World = dict[tuple[str, tuple[date, ...]], int]
"""How many people of a node itself were there on exactly these days."""
Cell = tuple[str, Period]

FEW = st.one_of(st.integers(1, 4), st.integers(1, 12), st.integers(8, 22))
WORLDS = st.dictionaries(st.tuples(st.sampled_from(NODES), st.sampled_from(PATTERNS)), FEW, min_size=1, max_size=7)
REGISTRATIONS = st.dictionaries(
    st.tuples(st.sampled_from(NODES), st.sampled_from([(day,) for day in DAYS])), FEW, min_size=2, max_size=12)
"""Everybody once: then the days add up to the whole, and subtracting them tells most."""


def people_of(world: World) -> dict[str, dict[str, int]]:
    """As analytics keeps them: by period and node."""
    found: dict[str, dict[str, int]] = {}
    for (node, pattern), number in world.items():
        for period in {period.name for day in pattern for period in path_to(day)}:
            found.setdefault(period, {}).setdefault(node, 0)
            found[period][node] += number
    return found


def in_cell(cell: Cell, variable: tuple[str, tuple[date, ...]]) -> bool:
    (node, period), (own, pattern) = cell, variable
    return (own == node or own.startswith(f"{node}.")) and any(period.first <= day <= period.last for day in pattern)


def truth(world: World, cell: Cell) -> int:
    return sum(number for variable, number in world.items() if in_cell(cell, variable))


def shown_to_all(world: World) -> dict[Cell, int | None]:
    people = people_of(world)
    release = Release("c", people)
    return {(node, asked): release.people(node, asked) for node in NODES for asked in (*ASKED, EVERYTHING)}


class Attacker:
    """Knows all answers; finds worlds that fit them."""

    def __init__(self, world: World, shown: dict[Cell, int | None]) -> None:
        nodes = {node for node, _ in world}
        variables = [(node, pattern) for node in sorted(nodes) for pattern in PATTERNS]
        self.size = len(variables)
        self.row = {cell: np.array([float(in_cell(cell, each)) for each in variables]) for cell in shown}
        known = [(cell, number) for cell, number in shown.items() if number is not None]
        small = [(node, EVERYTHING) for node in nodes if shown[node, EVERYTHING] is None
                 and not any(each.startswith(f"{node}.") for each in nodes)]
        self.constraints = [LinearConstraint(self.row[cell], number, number) for cell, number in known]
        self.constraints += [LinearConstraint(self.row[cell], 0, SMALLEST_SHOWN - 1) for cell in small]
        self.hidden = [cell for cell, number in shown.items()
                       if number is None and 0 < truth(world, cell) < SMALLEST_SHOWN]

    def world_where(self, objective: Any, *more: LinearConstraint) -> Any:
        found = milp(objective, integrality=np.ones(self.size), bounds=Bounds(0, 500),
                     constraints=[*self.constraints, *more])
        return found.x.round() if found.success else None

    def found_out(self, world: World) -> Iterator[Cell]:
        """The hidden cells whose number no other world may have."""
        numbers = {cell: truth(world, cell) for cell in self.hidden}
        unsure: set[Cell] = set()
        for sign in (1, -1):
            other = self.world_where(sum((sign * self.row[cell] for cell in self.hidden), np.zeros(self.size)))
            unsure |= {cell for cell in self.hidden if self.row[cell] @ other != numbers[cell]}
        for cell in self.hidden:
            if cell not in unsure:
                fewer = LinearConstraint(self.row[cell], 0, numbers[cell] - 1)
                more = LinearConstraint(self.row[cell], numbers[cell] + 1, np.inf)
                if all(self.world_where(np.zeros(self.size), each) is None for each in (fewer, more)):
                    yield cell


def check(world: World) -> None:
    attacker = Attacker(world, shown_to_all(world))
    assert attacker.world_where(np.zeros(attacker.size)) is not None, "the attacker knows something that is wrong"
    assert list(attacker.found_out(world)) == []


@settings(max_examples=15, deadline=None)
@given(WORLDS)
def test_no_hidden_number_of_people_is_found_out(world: World) -> None:
    check(world)


@settings(max_examples=15, deadline=None)
@given(REGISTRATIONS)
def test_no_hidden_number_is_found_out_where_everybody_comes_once(world: World) -> None:
    check(world)


@pytest.mark.parametrize("world", [
    {("c.b", DAYS[:1]): 16, ("c.b", DAYS[1:2]): 9},
    {("c.b", DAYS[:1]): 16, ("c.b", DAYS[1:2]): 9, ("c.b", DAYS[2:3]): 9},
    {("c.a.x", DAYS[:1]): 9, ("c.a.y", DAYS[:1]): 9},
    {("c.a.x", DAYS[:1]): 9, ("c.a.y", DAYS[:1]): 9, ("c.b", DAYS[:1]): 8},
    {("c.a.x", DAYS[:1]): 12, ("c.a.x", DAYS[1:2]): 3, ("c.a.y", DAYS[1:2]): 9, ("c.a.y", DAYS[2:3]): 9},
    {("c.b", DAYS[:1]): 30, ("c.b", DAYS): 10, ("c.b", DAYS[2:]): 1},
])
def test_the_attacks_that_we_thought_of_fail(world: World) -> None:
    check(world)


@settings(max_examples=80, deadline=None)
@given(st.one_of(WORLDS, REGISTRATIONS))
def test_no_count_is_shown_below_ten_and_none_differs_by_less_from_what_it_is_a_part_of(world: World) -> None:
    shown = {cell: number for cell, number in shown_to_all(world).items() if number is not None}
    for (node, period), number in shown.items():
        assert number == truth(world, (node, period))
        assert number == 0 or number >= SMALLEST_SHOWN
        for (other, part), less in shown.items():
            if (other == node or other.startswith(f"{node}.")) and period.holds(part):
                assert number - less == 0 or number - less >= SMALLEST_SHOWN


@settings(max_examples=30, deadline=None)
@given(st.one_of(WORLDS, REGISTRATIONS))
def test_what_is_shown_of_a_node_is_the_same_whoever_asks_from_wherever(world: World) -> None:
    people = people_of(world)
    for (node, asked), number in shown_to_all(world).items():
        assert Release(node, people).people(node, asked) == number


@settings(max_examples=30, deadline=None)
@given(st.one_of(WORLDS, REGISTRATIONS))
def test_what_is_shown_of_everything_is_what_the_plain_totals_show(world: World) -> None:
    own = people_of(world)[EVERYTHING.name]
    for node in NODES:
        number = Release("c", people_of(world)).people(node, EVERYTHING)
        count = count_at(node, own)
        assert number == (count.people if count.shown or not count.people else None)


def test_a_library_of_many_sees_its_days_months_and_years() -> None:
    people = people_of({("c.b", (day,)): 20 for day in DAYS} | {("c.b", DAYS): 15})
    release = Release("c.b", people)
    assert [release.people("c.b", Period("", day, day)) for day in DAYS] == [35, 35, 35, 35]
    assert release.people("c.b", Period("", date(2026, 11, 1), date(2026, 11, 30))) == 55
    assert release.people("c.b", Period("", date(2026, 10, 1), date.max)) == 75, "the quarter to date"
    assert release.people("c.b", Period("", date(2026, 11, 2), date(2026, 11, 8))) == 55, "a week with all of a month"
    assert release.people("c.b", Period("", date(2026, 10, 30), date(2026, 11, 2))) is None, "no period of ours"
