"""What operators do with `libranet`: places of the consortium, keys that come and go, looking after the platform."""

import re
import time
import uuid

import pytest
from click.testing import CliRunner

from demo.api import Client
from libranet.cli import main
from libranet.local import Platform
from tests.journeys.stage import LIBRARY, Keys, Stage, complaint, libranet
from tests.patience import until

pytestmark = pytest.mark.real
SHUT_OUT_SECONDS = 10


def client_of(platform: Platform, key: str) -> Client:
    return Client(platform.urls["gateway"], key)


def status_with(platform: Platform, key: str) -> int:
    return client_of(platform, key).raw("GET", "/v1/me").status


def new_key(platform: Platform, node: str = LIBRARY, kind: str = "library", *more: str) -> str:
    return libranet(platform, "client", "add", node, kind, "Made by a test", *more).strip()


def assert_shut_out_in_time(platform: Platform, key: str) -> None:
    """No request that begins later is let in: how long its answer takes is the machine's business."""
    began = asked_at = time.monotonic()
    while status_with(platform, key) != 401:
        assert asked_at - began < SHUT_OUT_SECONDS
        asked_at = time.monotonic()
        time.sleep(0.05)


def test_a_rotation_gives_a_second_key_and_ends_the_oldest(platform: Platform, keys: Keys) -> None:
    first = new_key(platform)
    client_id = first.partition(".")[0]
    second = libranet(platform, "client", "rotate", client_id).strip()
    assert second.partition(".")[0] == client_id
    until(lambda: status_with(platform, second) == 200, what="the second key")
    assert status_with(platform, first) == 200, "both are live"
    third = libranet(platform, "client", "rotate", client_id).strip()
    assert_shut_out_in_time(platform, first)
    assert [status_with(platform, key) for key in (second, third)] == [200, 200]


def test_a_revoked_client_is_shut_out_within_ten_seconds(platform: Platform, keys: Keys) -> None:
    key = new_key(platform)
    client_id = key.partition(".")[0]
    assert status_with(platform, key) == 200
    libranet(platform, "client", "revoke", client_id)
    assert_shut_out_in_time(platform, key)
    assert re.search(rf"{client_id}.*revoked", libranet(platform, "client", "list"))


def test_the_list_of_clients_shows_no_secret_and_neither_does_the_database(stage: Stage, keys: Keys) -> None:
    key = new_key(stage.platform)
    client_id, _, secret = key.partition(".")
    listed = libranet(stage.platform, "client", "list")
    assert client_id in listed
    assert secret not in listed
    assert secret not in str(stage.mongo["libranet_gateway"].api_clients.find_one({"_id": client_id}))


def test_a_client_may_have_fewer_scopes_than_its_kind(platform: Platform, keys: Keys) -> None:
    reader = client_of(platform, new_key(platform, LIBRARY, "library", "--scope", "courses:read"))
    assert reader.raw("GET", "/v1/courses").status == 200
    assert reader.raw("POST", "/v1/patrons", {}).status == 403


def test_a_library_sees_what_its_new_branch_does_and_not_the_other_way_round(stage: Stage) -> None:
    node = f"{LIBRARY}.b{uuid.uuid4().hex[:8]}"
    libranet(stage.platform, "org", "add", node, "branch", "A branch")
    branch = client_of(stage.platform, new_key(stage.platform, node))
    patron = branch.ask("POST", "/v1/patrons", {"name": "Of the branch"})["id"]
    assert stage.library.ask("GET", f"/v1/patrons/{patron}")["owner"] == node
    assert branch.raw("GET", f"/v1/patrons/{stage.patron()}").status == 404


def test_asking_for_the_same_consortium_again_changes_no_place(stage: Stage) -> None:
    before = stage.library.ask("GET", "/v1/nodes?limit=200")["items"]
    libranet(stage.platform, "org", "new", "test", "Test Consortium", "--library", "riverside=Riverside", "--json")
    assert stage.library.ask("GET", "/v1/nodes?limit=200")["items"] == before


@pytest.mark.parametrize(("arguments", "told"), [
    (("client", "rotate", "k_aaaaaaaaaaaaaaaa"), "no API client"),
    (("client", "revoke", "k_aaaaaaaaaaaaaaaa"), "no API client"),
    (("client", "add", LIBRARY, "nobody", "x"), "nobody"),
    (("client", "add", "test.nowhere", "library", "x"), "test.nowhere"),
    (("client", "add", LIBRARY, "library", "x", "--scope", "everything:write"), "everything:write"),
    (("org", "add", "test.riverside", "partner", "Another"), "another id"),
    (("org", "add", "test.nowhere.branch", "branch", "x"), "test.nowhere"),
    (("org", "add", "Test Riverside", "library", "x"), "documented"),
    (("org", "new", "test", "Test Consortium", "--library", "no name"), "SLUG=NAME"),
    (("partner", "allow", "test.lakeside", "everywhere"), "127.0.0.0/8"),
    (("nothing",), "nothing")])
def test_a_wrong_command_says_what_is_wrong(platform: Platform, keys: Keys, arguments: tuple[str, ...],
                                            told: str) -> None:
    assert told in complaint(platform, *arguments)


@pytest.mark.parametrize("command", [(), ("org",), ("org", "new"), ("client",), ("client", "add"), ("partner",),
                                     ("quarantine",), ("quarantine", "replay"), ("events", "replay"), ("demo",),
                                     ("run",), ("stop",), ("status",), ("migrate",)], ids=" ".join)
def test_every_command_explains_itself(platform: Platform, command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"], env=platform.environment())
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 4


@pytest.mark.own_broker
def test_status_lists_every_process_and_migrate_finds_nothing_to_do(platform: Platform, keys: Keys) -> None:
    listed = libranet(platform, "status")
    assert all(name in listed for name in ("gateway", "learning", "broker", "database", "deliveries"))
    told = libranet(platform, "migrate").splitlines()
    assert all(line.endswith(" 0 documents rewritten, 0 retentions changed") for line in told)
