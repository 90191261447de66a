"""Somebody asks for everything that may be asked, puts all answers together, and wants the number that is not shown.

The attacker knows every answer about every node and period, people and events, what the rules of counting make of them
(people of several nodes add up, whoever is in a part is in the whole, nobody is there without having done something),
that nothing happened on other days than those of the test or at other nodes than those of the world, and that a library
without branches whose total is hidden has at most nine people. Integer programming finds another state of the world
that gives all the same answers but another number where one is hidden; if there is none, the number was found out. A
table as CSV has the same cells, so it tells nothing else.
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
from services.analytics.domain.release import Release, Told

NODES = ("c", "c.a", "c.a.x", "c.a.y", "c.b")
DAYS = (date(2025, 6, 1), date(2026, 10, 30), date(2026, 11, 2), date(2026, 11, 3))
"""Of two years; three in one quarter, two in one week of one month."""
PATTERNS = tuple(chain.from_iterable(combinations(DAYS, size) for size in range(1, len(DAYS) + 1)))
ASKED = tuple(Period("asked", first, last) for first in DAYS for last in DAYS if first <= last)
"""Any other period holds the same days as one of these, or none."""
World = dict[tuple[str, tuple[date, ...]], int]
"""How many people of a node itself were there on exactly these days."""
Repeats = dict[tuple[str, date], int]
"""How much more than once each the people of a node itself did it on a day."""
Cell = tuple[str, Period]
MOST = 500

FEW = st.one_of(st.integers(1, 4), st.integers(1, 12), st.integers(8, 22))
WORLDS = st.dictionaries(st.tuples(st.sampled_from(NODES), st.sampled_from(PATTERNS)), FEW, min_size=1, max_size=7)
REGISTRATIONS = st.dictionaries(
    st.tuples(st.sampled_from(NODES), st.sampled_from([(day,) for day in DAYS])), FEW, min_size=2, max_size=12)
"""Everybody once: then the days add up to the whole, and subtracting them tells most."""
REPEATS = st.one_of(st.just({}), st.dictionaries(st.tuples(st.sampled_from(NODES), st.sampled_from(DAYS)), FEW))
"""Nobody twice a day: then events are people added up, and tell most."""


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


def events_of(world: World, repeats: Repeats) -> dict[tuple[str, date], int]:
    """As analytics keeps them: by node and day."""
    found: dict[tuple[str, date], int] = {}
    for (node, pattern), number in world.items():
        for day in pattern:
            found[node, day] = found.get((node, day), repeats.get((node, day), 0)) + number
    return found


def truth(world: World, cell: Cell) -> int:
    return sum(number for variable, number in world.items() if in_cell(cell, variable))


def shown_to_all(world: World) -> dict[Cell, int | None]:
    return {cell: told.people for cell, told in told_to_all(world).items()}


def told_to_all(world: World) -> dict[Cell, Told]:
    release = Release("c", people_of(world))
    return {(node, asked): release.told(node, asked) for node in NODES for asked in (*ASKED, EVERYTHING)}


class Attacker:
    """Knows all answers; finds worlds that fit them. A world is people by node and pattern, and events by node and
    day; of each cell there is a row that adds up its people, and one that adds up its events."""

    def __init__(self, world: World, repeats: Repeats) -> None:
        told = told_to_all(world)
        nodes = sorted({node for node, _ in world})
        people = [(node, pattern) for node in nodes for pattern in PATTERNS]
        events = [(node, (day,)) for node in nodes for day in DAYS]
        happened = events_of(world, repeats)
        self.size = len(people) + len(events)
        self.truth = np.array([*(world.get(each, 0) for each in people),
                               *(happened.get((node, day), 0) for node, (day,) in events)])
        self.people = {cell: np.array([*(float(in_cell(cell, each)) for each in people), *[0.0] * len(events)])
                       for cell in told}
        self.events = {cell: np.array([*[0.0] * len(people), *(float(in_cell(cell, each)) for each in events)])
                       for cell in told}
        self.hidden = [row for cell, each in told.items()
                       if each.people is None and 0 < truth(world, cell) < SMALLEST_SHOWN
                       for row in (self.people[cell], self.events[cell])]
        self.constraints = [*self._answers(told), *self._rules(told, nodes), *self._presence(people, events)]

    def _answers(self, told: dict[Cell, Told]) -> Iterator[LinearConstraint]:
        for cell, each in told.items():
            for row in [self.people[cell]] * (each.people is not None) + [self.events[cell]] * each.events:
                yield LinearConstraint(row, row @ self.truth, row @ self.truth)

    def _rules(self, told: dict[Cell, Told], nodes: list[str]) -> Iterator[LinearConstraint]:
        for node in nodes:
            if told[node, EVERYTHING].people is None and not any(each.startswith(f"{node}.") for each in nodes):
                yield LinearConstraint(self.people[node, EVERYTHING], 0, SMALLEST_SHOWN - 1)

    def _presence(self, people: list[Any], events: list[Any]) -> Iterator[LinearConstraint]:
        """Of each day at a node itself at least as many events as people, and none without people."""
        for place, (node, (day,)) in enumerate(events):
            there, done = np.zeros(self.size), np.zeros(self.size)
            there[:len(people)] = [own == node and day in pattern for own, pattern in people]
            done[len(people) + place] = 1
            yield LinearConstraint(done - there, 0, np.inf)
            yield LinearConstraint(done - MOST * there, -np.inf, 0)

    def world_where(self, objective: Any, *more: LinearConstraint) -> Any:
        found = milp(objective, integrality=np.ones(self.size), bounds=Bounds(0, MOST),
                     constraints=[*self.constraints, *more])
        return found.x.round() if found.success else None

    def found_out(self) -> Iterator[int]:
        """The hidden numbers that are the same in every world."""
        unsure = set()
        for sign in (1, -1):
            other = self.world_where(sign * sum(self.hidden, np.zeros(self.size)))
            unsure |= {place for place, row in enumerate(self.hidden) if row @ other != row @ self.truth}
        for place, row in enumerate(self.hidden):
            number = row @ self.truth
            if place not in unsure:
                others = (LinearConstraint(row, 0, number - 1), LinearConstraint(row, number + 1, np.inf))
                if all(self.world_where(np.zeros(self.size), each) is None for each in others):
                    yield number


def check(world: World, repeats: Repeats) -> None:
    attacker = Attacker(world, repeats)
    for each in attacker.constraints:
        assert each.lb <= each.A @ attacker.truth <= each.ub, "the attacker knows something that is wrong"
    assert list(attacker.found_out()) == []


@settings(max_examples=15, deadline=None)
@given(WORLDS, REPEATS)
def test_no_hidden_number_of_people_or_events_is_found_out(world: World, repeats: Repeats) -> None:
    check(world, repeats)


@settings(max_examples=15, deadline=None)
@given(REGISTRATIONS)
def test_no_hidden_number_is_found_out_where_everybody_comes_once(world: World) -> None:
    check(world, {})


@pytest.mark.parametrize("world", [
    {("c.b", DAYS[:1]): 16, ("c.b", DAYS[1:2]): 9},
    {("c.b", DAYS[:1]): 16, ("c.b", DAYS[1:2]): 9, ("c.b", DAYS[2:3]): 9},
    {("c.a.x", DAYS[:1]): 9, ("c.a.y", DAYS[:1]): 9},
    {("c.a.x", DAYS[:1]): 9, ("c.a.y", DAYS[:1]): 9, ("c.b", DAYS[:1]): 8},
    {("c.a.x", DAYS[:1]): 12, ("c.a.x", DAYS[1:2]): 3, ("c.a.y", DAYS[1:2]): 9, ("c.a.y", DAYS[2:3]): 9},
    {("c.b", DAYS[:1]): 30, ("c.b", DAYS): 10, ("c.b", DAYS[2:]): 1},
    # In November everybody of October again but nine of the one and three of the other: a library's events less its
    # people would be who came in both months.
    {("c.a", DAYS[1:2]): 9, ("c.a", DAYS[1:3]): 3, ("c.b", DAYS[1:2]): 3, ("c.b", DAYS[1:3]): 9},
    {("c.a", DAYS[2:3]): 2, ("c.a", DAYS[3:]): 10, ("c.b", DAYS[2:3]): 8, ("c.b", DAYS[2:]): 12},
    {("c.a", DAYS[1:2]): 3, ("c.b", DAYS[1:2]): 12, ("c.b", DAYS[2:3]): 2, ("c", DAYS[2:3]): 10},
])
@pytest.mark.parametrize("repeats", [{}, {("c.b", DAYS[1]): 7}])
def test_the_attacks_that_we_thought_of_fail(world: World, repeats: Repeats) -> None:
    check(world, repeats)


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
    for (node, asked), told in told_to_all(world).items():
        assert Release(node, people).told(node, asked) == told


@settings(max_examples=30, deadline=None)
@given(st.one_of(WORLDS, REGISTRATIONS))
def test_what_is_shown_of_everything_is_what_the_plain_totals_show(world: World) -> None:
    own = people_of(world)[EVERYTHING.name]
    for node in NODES:
        number = Release("c", people_of(world)).told(node, EVERYTHING).people
        count = count_at(node, own)
        assert number == (count.people if count.shown or not count.people else None)


def test_a_library_of_many_sees_its_days_months_and_years() -> None:
    people = people_of({("c.b", (day,)): 20 for day in DAYS} | {("c.b", DAYS): 15})
    release = Release("c.b", people)

    def shown(first: date, last: date) -> int | None:
        return release.told("c.b", Period("", first, last)).people

    assert [shown(day, day) for day in DAYS] == [35, 35, 35, 35]
    assert shown(date(2026, 11, 1), date(2026, 11, 30)) == 55
    assert shown(date(2026, 10, 1), date.max) == 75, "the quarter to date"
    assert shown(date(2026, 11, 2), date(2026, 11, 8)) == 55, "a week with all of a month"
    assert shown(date(2026, 10, 30), date(2026, 11, 2)) is None, "no period of ours"
