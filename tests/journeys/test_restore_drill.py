"""The drill that an operator does: a platform is lost, and begins anew in an empty place from last night's backup."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pymongo
import pytest

from bench.faults.ledger import totals
from contracts import topology
from libranet.local import Platform
from libranet.local.supervise import Control
from tests.journeys import insides
from tests.journeys.stage import ISSUE, PLACES, SHARE, Stage, libranet
from tests.journeys.terminal import Terminal
from tests.patience import until

pytestmark = [pytest.mark.real, pytest.mark.own_broker]
OF_THE_MOMENT = ("leases", "writers", "idempotency")
MOVED_ON = ("credentials.status_lists", "gateway.partner_streams")
"""By a restore, so that no place and no position is given twice: of these only the ids are the same."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Any]:
    """Starts platforms in homes of their own; each is stopped at the end at the latest."""
    with ExitStack() as stack:
        def start(name: str) -> Platform:
            platform = stack.enter_context(Platform(tmp_path / name, gateway_port=0, private=True))
            platform.start()
            return platform

        yield start


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The new place's."""
    with Terminal(tmp_path / "after") as opened:
        yield opened


def held(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """What the services keep; a collection without a document is none."""
    with pymongo.MongoClient[dict[str, Any]](platform.environment()["MONGO_URI"]) as mongo:
        found = {name: sorted(collection.find({}, {"_id": 1} if name in MOVED_ON else None), key=str)
                 for name, collection in insides.collections(mongo).items()
                 if name.partition(".")[2] not in OF_THE_MOMENT}
    return {name: rows for name, rows in found.items() if rows}


def backed_up(platform: Platform, file: Path) -> dict[str, list[dict[str, Any]]]:
    """What was held at the moment of the backup: another one is made where something was still written."""
    for _ in range(10):
        kept = held(platform)
        libranet(platform, "backup", str(file))
        if held(platform) == kept:
            return kept
    raise AssertionError("the services write without an end")


def place_in_list(credential: dict[str, Any], stage: Stage) -> tuple[str, int]:
    [row] = stage.mongo["libranet_credentials"].credentials.find({"_id": credential["id"]})
    return row["status_place"]["list"], row["status_place"]["index"]


def pulled(stage: Stage, after: str = "") -> tuple[set[str], str]:
    """The credentials that the college reads of in its feed, and its position then."""
    page = stage.college.ask("GET", f"/v1/events?types=credential-issued{after and f'&after={after}'}")
    return {each["data"]["public_id"] for each in page["items"]}, page["next"]


def heard(stage: Stage, credential: dict[str, Any], after: str = "") -> str:
    """The position once the college's feed tells of the credential."""
    until(lambda: credential["public_id"] in pulled(stage, after)[0], what="the event in the feed")
    return pulled(stage, after)[1]


def test_a_lost_platform_comes_back_whole_and_gives_no_place_or_position_twice(
        place: Any, terminal: Terminal, tmp_path: Path) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    before = place("before")
    keys = json.loads(libranet(before, "org", "new", "test", "Test Consortium", *PLACES, "--json"))
    with Stage(before, keys) as stage:
        stage.college.ask("POST", "/v1/subscriptions", {"delivery": "pull", "types": ["*"]})
        Control(before.home).stop("analytics")
        patron, course = stage.patron(ISSUE, SHARE), stage.course()
        first = stage.completed(patron, course)
        heard(stage, first)
        until(lambda: stage.outbox_rows() == 0, what="an empty outbox")
        kept = backed_up(before, tmp_path / "backup")
        Control(before.home).start("analytics")
        until(lambda: insides.is_quiet(stage.mongo, began), what="analytics to hear of it after the backup")
        counted = totals(stage.mongo)
        late = stage.completed(patron, stage.course())
        position = heard(stage, late)
        lost = {place_in_list(each, stage) for each in (first, late)}
    before.stop()

    copytree(tmp_path / "before" / "secrets", tmp_path / "after" / "secrets")
    terminal.leave_running("run", "--stores", says="Broker and database run")
    terminal.type("restore", str(tmp_path / "backup"))
    assert held(terminal.platform) == kept
    terminal.type("stop")
    after = place("after")
    with Stage(after, keys) as stage:
        assert stage.credentials(patron) == [first]
        assert totals(stage.mongo) != counted, "the backup holds analytics some events earlier than the others"
        replayed = libranet(after, "events", "replay", "--since", f"{began:%Y-%m-%dT%H:%M:%S}")
        assert [line.split()[-1].rstrip(".") for line in replayed.splitlines()] == [*topology.queues()]
        until(lambda: insides.is_quiet(stage.mongo, began), what="all to hear what they missed")
        assert totals(stage.mongo) == counted
        assert stage.credentials(patron) == [first]
        again = [stage.completed(patron, stage.course()) for _ in range(3)]
        given = {place_in_list(each, stage) for each in again}
        assert len(given) == len(again)
        assert late["public_id"] not in {each["public_id"] for each in again}
        new = {each["public_id"] for each in again}
        until(lambda: pulled(stage, position)[0] == new, what="all that is new in the feed, and nothing else")
        assert not {of_list for of_list, _ in given} & {of_list for of_list, _ in lost}
        assert {each["id"] for each in stage.credentials(patron)} == {each["id"] for each in (first, *again)}
