"""What libraries are told of their people: tables through the front door, and the same figures after a replay."""

import json
import uuid
from random import Random

import pytest
from click.testing import CliRunner

from contracts import topology
from contracts.calls.analytics import BY
from demo.api import Client
from libranet.cli import main
from libranet.clock import now
from libranet.local import Platform
from tests.journeys.insides import is_quiet
from tests.journeys.stage import LIBRARY, Stage, libranet
from tests.patience import until

pytestmark = pytest.mark.real
QUEUE = "analytics.facts"
KEPT = {"writers", "leases"}
"""Of the process, not of what it counted."""
EVENTS_SINCE = "2025-01-01"


class Branch:
    """A new branch of riverside with a key of its own, so that nobody else's people are in its counts."""

    def __init__(self, stage: Stage, above: str = LIBRARY) -> None:
        self.node = f"{above}.b{uuid.uuid4().hex[:8]}"
        libranet(stage.platform, "org", "add", self.node, "branch", "A branch")
        key = libranet(stage.platform, "client", "add", self.node, "library", "Made by a test").strip()
        self.client = Client(stage.platform.urls["gateway"], key)

    def register(self, number: int) -> list[str]:
        return [self.client.ask("POST", "/v1/patrons", {})["id"] for _ in range(number)]

    def decides(self, patron: str, *decisions: bool) -> None:
        """For (True) or against being counted."""
        for granted in decisions:
            self.client.ask("PUT", f"/v1/patrons/{patron}/consents/analytics/{self.node}", {"granted": granted})

    def registered(self, query: str) -> list[dict[str, object]]:
        items = self.client.ask("GET", f"/v1/measures?{query}")["items"]
        return [each for each in items if each["measure"] == "registered"]


def test_a_branch_of_many_sees_its_days_and_one_of_few_does_not(stage: Stage) -> None:
    many, few = Branch(stage), Branch(stage)
    many.register(11)
    few.register(3)
    until(lambda: [each["people"] for each in many.registered("by=day")] == [11], what="the eleven")
    until(lambda: bool(few.registered("by=measure")), what="the three")
    for by in ("day", "week", "month"):
        assert [(each["events"], each["people"]) for each in many.registered(f"by={by}")] == [(11, 11)]
    assert {(each["people"], each["events"], each["suppressed"]) for each in few.registered("by=day")} == {
        (None, None, True)}
    answer = many.client.raw("GET", "/v1/measures?by=measure", headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data == b"measure,events,people,suppressed\r\nregistered,11,11,false\r\n"


def test_what_cannot_be_asked_is_refused_by_its_name(stage: Stage) -> None:
    for query, field in (("by=hour", "/by"), ("from=2026-11-02&to=2026-11-01", "/to"), ("from=soon", "/from")):
        answer = stage.library.raw("GET", f"/v1/measures?{query}")
        assert (answer.status, json.loads(answer.data)["errors"][0]["field"]) == (422, field)


def figures_of(branch: Branch) -> str:
    """All that the branch may ask. Other tests send events twice on purpose; nobody sends the branch's."""
    queries = ["", *(f"by={by}" for by in BY), "from=2026-01-01&by=node&to=2026-12-31"]
    return json.dumps([branch.client.ask("GET", f"/v1/measures?{query}") for query in queries])


def replay(platform: Platform, *arguments: str) -> None:
    ran = CliRunner().invoke(main, ["events", "replay", *arguments, "--since", EVENTS_SINCE, "--to", QUEUE],
                             env=platform.environment("operator"))
    assert ran.exit_code == 0, ran.output


@pytest.mark.parametrize("order", ["of time", "of types, shuffled"])
def test_the_figures_are_the_same_after_everything_was_counted_anew(stage: Stage, order: str) -> None:
    began, branch, course = now(), Branch(stage), stage.course()
    patrons = branch.register(16)
    for patron in patrons[:2]:
        branch.client.ask("DELETE", f"/v1/patrons/{patron}")
    branch.decides(patrons[14], False)
    branch.decides(patrons[15], False, True)
    for patron in patrons[2:4]:
        account = stage.account()
        stage.enrol(patron, course, account)
        stage.report(stage.passed(account, course))
    until(lambda: [each["people"] for each in branch.registered("by=day")] == [12], what="the twelve who stay")
    until(lambda: '"course-completed"' in figures_of(branch), what="the two who completed")
    until(lambda: is_quiet(stage.mongo, began), what="the last count")
    figures = figures_of(branch)
    database = stage.mongo["libranet_analytics"]
    for name in set(database.list_collection_names()) - KEPT:
        database[name].delete_many({})
    assert figures_of(branch) != figures
    types = list(topology.queues()[QUEUE])
    Random(0).shuffle(types)
    for each in types if order != "of time" else [None]:
        replay(stage.platform, *(["--type", each] if each else []))
    until(lambda: figures_of(branch) == figures, 300, "the same figures")
