"""The fault report, in short: three of its scenarios with a handful of events, counted as the long one counts."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from bench.faults import release
from bench.faults.__main__ import AIM_SECONDS, run
from bench.faults.scenarios import AT, BESIDE, SCENARIOS
from libranet.local.parts import GATEWAY, RUNNERS

pytestmark = [pytest.mark.chaos, pytest.mark.own_broker]
EVENTS = 40
TWO_OF_ONE = "two replicas of each service, one of each killed"


def upgrade() -> str:
    """A clone without history has no release before: two replicas of the present one then, and by that name. What was
    asked for with UPGRADE_FROM is played, or fails."""
    try:
        release.commit_before()
    except release.NoReleaseBefore:
        if os.environ.get("UPGRADE_FROM"):
            raise
        return TWO_OF_ONE
    return BESIDE


def test_what_breaks_on_the_way_loses_nothing_and_doubles_nothing() -> None:
    tried = ("learning: kill -9 before confirm", "events twice more in another order", upgrade())
    results = list(run([SCENARIOS[name] for name in tried], EVENTS))
    assert [each.scenario for each in results] == list(tried)
    assert [(each.scenario, place) for each in results for place in each.places if place.lost or place.doubled] == []


def test_there_are_scenarios_for_each_process_and_each_place_that_it_comes_to() -> None:
    for process in (*RUNNERS, GATEWAY, "broker", "database"):
        assert {f"{process}: kill -9", f"{process}: SIGTERM"} <= SCENARIOS.keys()
    places = {place for each in AT.values() for place in each}
    assert places == breaking_places()
    for service, comes_to in AT.items():
        told = {f"{service}: {how} {place.replace('-', ' ')}" for how in ("kill -9", "SIGTERM") for place in comes_to}
        assert told <= SCENARIOS.keys()


def test_the_report_has_each_scenario_once_and_each_holds() -> None:
    report = json.loads((release.HERE / "bench/faults/report.json").read_text())
    assert [each["scenario"] for each in report] == list(SCENARIOS)
    assert {(each["events"], each["lost"], each["doubled"]) for each in report} == {(1000, 0, 0)}
    assert max(each["recovery_seconds"] for each in report) <= AIM_SECONDS


def breaking_places() -> set[str]:
    """Read, not imported: its import patches the standard library."""
    return set(re.findall(r'"((?:before|after)-\w+)":', (release.HERE / "bench/faults/breaking.py").read_text()))


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two commits in place of ours, and nothing named to start from."""
    monkeypatch.delenv("UPGRADE_FROM", raising=False)
    monkeypatch.setattr(release, "HERE", tmp_path)
    git(tmp_path, "init", "--quiet")
    for text in ("the release before", "the present one"):
        (tmp_path / "code").write_text(text)
        git(tmp_path, "add", "code")
        git(tmp_path, "-c", "user.name=tests", "-c", "user.email=tests@example.org", "commit", "--quiet", "-m", text)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def test_the_release_before_is_the_code_of_the_commit_before(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with release.release_before() as folder:
        assert (folder / "code").read_text() == "the release before"
    monkeypatch.setenv("UPGRADE_FROM", "HEAD")
    with release.release_before() as folder:
        assert (folder / "code").read_text() == "the present one"


@pytest.mark.parametrize("named", ["", "0" * 40])
def test_without_a_release_before_it_says_what_to_set(
        named: str, history: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    shallow = tmp_path_factory.mktemp("shallow")
    git(shallow, "clone", "--quiet", "--depth", "1", history.as_uri(), ".")
    monkeypatch.setattr(release, "HERE", shallow)
    monkeypatch.setenv("UPGRADE_FROM", named)
    with pytest.raises(release.NoReleaseBefore, match="Set UPGRADE_FROM"), release.release_before():
        pass
