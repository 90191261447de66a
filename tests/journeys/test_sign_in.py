"""Patrons sign in through the whole platform: with a card at a library's own system, or at an identity provider."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from demo.api import Client
from libranet.local import Platform
from tests.identity_provider import identity_provider, way_back
from tests.journeys.insides import documents_with, files_with
from tests.journeys.stage import OTHER_COLLEGE, OTHER_LIBRARY, Keys, Stage, complaint, libranet
from tests.library_system import LOGIN, NAME, Holder, LibrarySystem, certificate, library_system, odd_system
from tests.patience import until

pytestmark = pytest.mark.real
CARD, PIN = "21234000055555", "canary-pin-8291"
USER = (LOGIN["user"], LOGIN["password"])


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LibrarySystem, str]]:
    """A library's own system with TLS under its own authority, and that authority."""
    made = certificate(tmp_path_factory.mktemp("tls"))
    with library_system(cards={CARD: Holder(PIN), "21234000066666": Holder("other")}, tls=made.server) as running:
        yield running, made.pem


@pytest.fixture
def hillside(platform: Platform, keys: Keys, system: tuple[LibrarySystem, str]) -> Iterator[Stage]:
    """A library whose system is connected by TLS; the others' tests connect theirs in plain text."""
    with Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as stage:
        secure(stage, system)
        yield stage


def secure(stage: Stage, system: tuple[LibrarySystem, str], **members: Any) -> None:
    running, authority = system
    stage.connect_cards(running.port, USER, **{
        "tls": True, "tls_name": "localhost", "tls_authorities": authority, **members})


def sign_in(stage: Stage, card: str = CARD, pin: str = PIN) -> urllib3.BaseHTTPResponse:
    return stage.stranger.raw("POST", "/v1/sessions", {"node": stage.library_node, "card": card, "pin": pin})


def as_patron(platform: Platform, token: str) -> Client:
    return Client(platform.urls["gateway"], token)


def test_a_patron_signs_in_with_a_card_and_acts_for_themselves_only(platform: Platform, hillside: Stage) -> None:
    session = sign_in(hillside).json()
    me = as_patron(platform, session["token"])
    path = f"/v1/patrons/{session['patron']}"
    assert me.ask("GET", path)["owner"] == OTHER_LIBRARY
    assert me.ask("PATCH", path, {"skills": [{"label": "bookbinding"}]})["skills"][0]["label"] == "bookbinding"
    assert me.raw("GET", f"/v1/patrons/{hillside.patron()}").status == 404
    assert hillside.library.ask("GET", path)["id"] == session["patron"]
    again = sign_in(hillside).json()
    assert (again["patron"], again["token"] != session["token"]) == (session["patron"], True)
    assert me.raw("DELETE", "/v1/sessions/current").status == 204
    assert me.raw("GET", path).status == 401


def test_a_wrong_pin_and_an_unknown_card_are_told_alike_and_take_alike(hillside: Stage) -> None:
    told, took = [], []
    for card, pin in (("21234000066666", "wrong"), ("404404404", PIN)):
        started = time.monotonic()
        answer = sign_in(hillside, card, pin)
        took.append(time.monotonic() - started)
        problem = answer.json()
        told.append((answer.status, {name: problem[name] for name in ("type", "title", "detail", "instance")}))
    assert told[0] == told[1]
    assert told[0][0] == 403
    assert all(each >= 0.5 for each in took)


def test_a_card_is_locked_after_five_wrong_pins_wherever_they_were_tried(hillside: Stage) -> None:
    card = str(uuid.uuid4().int)[:14]
    assert [sign_in(hillside, card, "wrong").status for _ in range(5)] == [403] * 5
    locked = sign_in(hillside, card, "wrong")
    assert locked.status == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 900


def test_a_system_that_talks_rubbish_lets_nobody_in_and_is_told_in_plain_words(hillside: Stage) -> None:
    with odd_system(lambda connection: connection.sendall(b"64YYBLYCQY\r")) as (port, _):
        hillside.connect_cards(port, USER)
        answer = sign_in(hillside)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "library's system" in answer.json()["detail"]


def test_a_certificate_of_a_stranger_lets_nobody_in(
        hillside: Stage, system: tuple[LibrarySystem, str], tmp_path: Path) -> None:
    secure(hillside, system, tls_authorities=certificate(tmp_path).pem)
    assert sign_in(hillside).status == 503


def test_the_connection_can_be_tested_by_command_and_on_a_page(
        platform: Platform, keys: Keys, hillside: Stage, tmp_path: Path) -> None:
    pin_file = tmp_path / "pin"
    pin_file.write_text(f"{PIN}\n")
    told = libranet(platform, "card-connection", "test", OTHER_LIBRARY, "--card", CARD, "--pin-file", str(pin_file))
    assert "It works." in told
    assert [line.split()[1] for line in told.splitlines() if line.startswith("good")] == [
        "resolve", "connect", "tls", "login", "status", "patron", "end", "card", "pin"]
    page = post_page(platform, keys)
    assert "It works." in page
    for secret in (CARD, PIN, NAME, LOGIN["password"]):
        assert secret not in told + page
    pin_file.write_text("wrong")
    assert "FAILED" in complaint(platform, "card-connection", "test", OTHER_LIBRARY, "--card", CARD, "--pin-file",
                                 str(pin_file))


def post_page(platform: Platform, keys: Keys) -> str:
    page = urllib3.request(
        "POST", f"{platform.urls['gateway']}/nodes/{OTHER_LIBRARY}/card-connection/test",
        body=f"key={keys[OTHER_LIBRARY]['key']}&card={CARD}&pin={PIN}",
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert page.status == 200
    return page.data.decode()


def test_no_card_pin_or_secret_is_kept_or_logged_anywhere(platform: Platform, hillside: Stage) -> None:
    sign_in(hillside)
    sign_in(hillside, CARD, "canary-wrong-pin")
    secrets = (CARD, PIN, "canary-wrong-pin", NAME, LOGIN["password"])
    assert documents_with(hillside.mongo, *secrets) == {}
    assert [files_with(platform.home.logs, each) for each in secrets] == [[]] * len(secrets)


def test_an_erased_patrons_session_and_card_are_gone(platform: Platform, hillside: Stage) -> None:
    session = sign_in(hillside, "21234000066666", "other").json()
    me = as_patron(platform, session["token"])
    erased = me.raw("DELETE", f"/v1/patrons/{session['patron']}")
    assert erased.status == 202
    until(lambda: me.raw("GET", "/v1/me").status == 401, what="the end of the session")
    proof = erased.json()["proof"]
    until(lambda: hillside.stranger.raw("GET", proof).status == 200, what="the proof")
    assert hillside.stranger.ask("GET", proof)["certificate"]["patron"] == session["patron"]
    assert sign_in(hillside, "21234000066666", "other").json()["patron"] != session["patron"]


def test_another_library_neither_sees_nor_changes_the_connection(stage: Stage, hillside: Stage) -> None:
    for path in (f"/v1/nodes/{OTHER_LIBRARY}/card-connection", f"/v1/nodes/{OTHER_LIBRARY}/sign-in-provider"):
        unknown = path.replace(OTHER_LIBRARY, "test.nowhere")
        for method in ("GET", "DELETE"):
            mine, none = stage.library.raw(method, path), stage.library.raw(method, unknown)
            assert (mine.status, mine.json()["detail"]) == (404, none.json()["detail"])
    assert sign_in(hillside).status == 201


def test_a_patron_signs_in_at_their_librarys_identity_provider(platform: Platform, hillside: Stage) -> None:
    libranet(platform, "sign-in-provider", "allow", OTHER_LIBRARY, "127.0.0.0/8")
    gateway = platform.urls["gateway"]
    with identity_provider() as provider:
        shown = hillside.library.ask("PUT", f"/v1/nodes/{OTHER_LIBRARY}/sign-in-provider", {
            "issuer": provider.issuer, "client_id": "libranet", "client_secret": "client-secret"})
        assert shown["has_secret"]
        patrons = []
        for _ in range(2):
            begun = urllib3.request("GET", f"{gateway}{urlsplit(shown['start_uri']).path}?return_to=/here",
                                    redirect=False)
            flow = begun.headers["Set-Cookie"].partition(";")[0]
            back = way_back(shown["redirect_uri"], provider.sign_in(begun.headers["Location"], "canary-subject-77"))
            done = urllib3.request("GET", gateway + back, headers={"Cookie": flow}, redirect=False)
            assert (done.status, done.headers["Location"]) == (303, "/here")
            cookie = done.headers.getlist("Set-Cookie")[0].partition(";")[0]
            me = urllib3.request("GET", f"{gateway}/v1/me", headers={"Cookie": cookie}).json()
            patrons.append(me["actor"])
    assert patrons[0] == patrons[1]
    assert me["kind"] == "patron"
    assert documents_with(hillside.mongo, "canary-subject-77", "client-secret") == {}
    assert files_with(platform.home.logs, "canary-subject-77") == []
