"""The fault report, in short: three of its scenarios with a handful of events, counted as the long one counts."""

import pytest

from bench.faults.__main__ import run
from bench.faults.scenarios import SCENARIOS

pytestmark = [pytest.mark.chaos, pytest.mark.own_broker]
EVENTS = 40
TRIED = ("learning: kill -9 before confirm", "events twice more in another order", "beside the release before")


def test_what_breaks_on_the_way_loses_nothing_and_doubles_nothing() -> None:
    results = list(run(TRIED, EVENTS))
    assert [each.scenario for each in results] == list(TRIED)
    assert [(each.scenario, place) for each in results for place in each.places if place.lost or place.doubled] == []


def test_there_are_scenarios_for_each_process_and_each_stage() -> None:
    assert len(SCENARIOS) >= 30
