"""An app gets a patron's credentials by the Open Badges 3.0 API, and hands some in. An OAuth client that others wrote
got it in.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from openbadgeslib.ob3 import OB3LdpVerifier

from contracts.calls.badge_connect import READ_CREDENTIALS, READ_PROFILE, SCOPES, UPDATE_PROFILE, UPSERT_CREDENTIAL
from libranet.clock import parse_rfc3339, rfc3339
from libranet.local import Platform
from services.credentials.domain import proofs, tokens
from tests.journeys import elsewhere
from tests.journeys.apps import App, Patron, discovered
from tests.journeys.stage import ISSUE, Keys, Stage
from tests.journeys.things import CARD_PIN, SYSTEM_LOGIN
from tests.library_system import LibrarySystem

pytestmark = pytest.mark.real
AT_ONCE = 6


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys, library_cards: LibrarySystem) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        stage.connect_cards(library_cards.port, SYSTEM_LOGIN)
        yield stage


@pytest.fixture(scope="module")
def learner(scene: Stage) -> Patron:
    """With a credential of the library."""
    patron = scene.patron(ISSUE, name="Zebedee Learner")
    scene.completed(patron, scene.course())
    return scene.with_card(patron, CARD_PIN)


@pytest.fixture
def app(scene: Stage, learner: Patron) -> App:
    return learner.lets_in(scene.app())


def refused(answer: requests.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.json()["imsx_codeMajor"] == "failure"
    return dict(answer.json())


def minor(told: dict[str, Any]) -> dict[str, str]:
    """What it says of each place in the request."""
    return {each["imsx_codeMinorFieldName"]: each["imsx_codeMinorFieldValue"]
            for each in told["imsx_codeMinor"]["imsx_codeMinorField"]}


# from discovery to the first credential


def test_the_service_description_is_the_standards(scene: Stage) -> None:
    told = discovered(scene.platform.urls["gateway"])
    assert told["openapi"].startswith("3.0.")
    assert {"title", "termsOfService", "x-imssf-privacyPolicyUrl", "version"} <= set(told["info"])
    assert {path: {method: each["operationId"] for method, each in methods.items()}
            for path, methods in told["paths"].items()} == {
        "/discovery": {"get": "getServiceDescription"}, "/profile": {"get": "getProfile", "put": "putProfile"},
        "/credentials": {"get": "getCredentials", "post": "upsertCredential"}}
    scheme = told["components"]["securitySchemes"]["OAuth2ACG"]
    assert set(SCOPES) <= set(scheme["flows"]["authorizationCode"]["scopes"])
    addresses = [scheme["x-imssf-registrationUrl"], scheme["x-imssf-privacyPolicyUrl"], *(
        scheme["flows"]["authorizationCode"][name] for name in ("authorizationUrl", "tokenUrl", "refreshUrl"))]
    assert all(each.startswith(scene.platform.urls["gateway"]) for each in addresses)
    assert told["paths"]["/credentials"]["get"]["security"] == [{"OAuth2ACG": [READ_CREDENTIALS]}]


def test_an_app_gets_credentials_that_others_verify(scene: Stage, learner: Patron, app: App) -> None:
    answer = app.ask("GET", "/credentials")
    assert answer.headers["X-Total-Count"] == str(len(answer.json()["credential"]))
    [issued] = scene.credentials(learner.id)
    assert issued["credential"] in answer.json()["credential"]
    OB3LdpVerifier.for_issuer_did(issued["credential"]["issuer"]["id"]).verify(issued["credential"])
    profile = app.ask("GET", "/profile").json()
    assert profile["name"] == "Zebedee Learner"
    assert profile["id"] == issued["credential"]["credentialSubject"]["id"]


def test_what_the_patron_unticks_stays_shut(scene: Stage, learner: Patron) -> None:
    app = learner.lets_in(scene.app(), but=(UPSERT_CREDENTIAL, READ_PROFILE))
    assert set(app.session.token["scope"].split()) == {READ_CREDENTIALS, UPDATE_PROFILE}
    assert app.ask("GET", "/credentials").status_code == 200
    for answer in (app.ask("GET", "/profile"), app.ask("POST", "/credentials", json=elsewhere.credential("x"))):
        assert minor(refused(answer, 403)) == {"request": "forbidden"}
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_one_patrons_token_never_shows_another(scene: Stage, learner: Patron, app: App) -> None:
    patron = scene.patron(ISSUE)
    theirs = scene.completed(patron, scene.course())
    other = scene.with_card(patron, CARD_PIN).lets_in(App(app.gateway, app.client))
    mine, others = (each.ask("GET", "/credentials").json()["credential"] for each in (app, other))
    assert others == [theirs["credential"]]
    assert theirs["credential"] not in mine
    assert app.ask("GET", "/profile").json()["id"] != other.ask("GET", "/profile").json()["id"]


# pages


def test_credentials_come_in_pages_with_links(scene: Stage) -> None:
    person = scene.with_card(scene.patron(ISSUE), CARD_PIN)
    for mark in "abcde":
        scene.imported(person.id, mark)
    app = person.lets_in(scene.app())
    whole = app.ask("GET", "/credentials").json()["credential"]
    assert len(whole) == 5
    found, path = [], "/credentials?limit=2"
    while path:
        answer = app.ask("GET", path)
        assert answer.headers["X-Total-Count"] == "5"
        found += answer.json()["credential"]
        links = {name: link["url"] for name, link in answer.links.items()}
        assert {"first", "last"} <= set(links)
        assert ("prev" in links) == ("offset=0" not in path and "offset" in path)
        path = links.get("next", "").removeprefix(f"{app.gateway}/ims/ob/v3p0")
    assert found == whole
    assert parse_qs(urlsplit(links["last"]).query)["offset"] == ["4"]
    assert app.ask("GET", "/credentials?offset=99").json() == {"credential": [], "compactJwsString": []}
    assert len(app.ask("GET", "/credentials?limit=100000").json()["credential"]) == 5


def test_since_leaves_out_what_was_issued_before(scene: Stage, app: App, learner: Patron) -> None:
    [issued] = scene.credentials(learner.id)
    at = parse_rfc3339(issued["issued_at"])
    for since, is_shown in ((at - timedelta(seconds=1), True), (at + timedelta(seconds=1), False)):
        answer = app.ask("GET", "/credentials?" + urlencode({"since": rfc3339(since), "limit": 1}))
        assert (issued["credential"] in answer.json()["credential"]) == is_shown
        assert "since=" in answer.links["first"]["url"]


@pytest.mark.parametrize("query", [
    "limit=0", "limit=-1", "limit=x", "limit=", "offset=-1", "offset=1.5", "since=yesterday",
    "since=2026-11-20T10:00:00", "limit=%00", "since=", "unheardOf=1", "limit=1&offset=%ff"])
def test_a_wrong_query_is_refused_by_name(app: App, query: str) -> None:
    [(place, value)] = minor(refused(app.ask("GET", f"/credentials?{query}"), 400)).items()
    assert place[1:] in query
    assert value == "invalid_query_parameter"


# handing in


@pytest.mark.parametrize("media_type", ["application/json", "application/vc+ld+json"])
def test_a_credential_is_created_then_replaced_and_comes_back_as_it_was(app: App, media_type: str) -> None:
    body = json.dumps(elsewhere.credential("upsert")).encode()
    for status in (201, 200):
        answer = app.ask("POST", "/credentials", data=body, headers={"Content-Type": media_type})
        assert (answer.status_code, answer.content) == (status, body)
        assert answer.headers["Content-Type"] == media_type
    assert json.loads(body) in app.ask("GET", "/credentials").json()["credential"]


def test_a_jws_is_handed_in_and_comes_back_as_one(app: App) -> None:
    text = tokens.sign(elsewhere.credential("jws"), elsewhere.KEY, elsewhere.KEY.method)
    for status in (201, 200):
        answer = app.ask("POST", "/credentials", data=text, headers={"Content-Type": "text/plain"})
        assert (answer.status_code, answer.text) == (status, text)
        assert answer.headers["Content-Type"].startswith("text/plain")
    shown = app.ask("GET", "/credentials").json()
    assert text in shown["compactJwsString"]


def test_what_is_handed_in_is_the_patrons_import(scene: Stage, learner: Patron, app: App) -> None:
    given = elsewhere.credential("same thing")
    assert app.ask("POST", "/credentials", json=given).status_code == 201
    kept = scene.library.ask("GET", f"/v1/patrons/{learner.id}/imports?limit=200")["items"]
    assert given["id"] in [each["credential_id"] for each in kept]
    touches = scene.library.ask("GET", f"/v1/patrons/{learner.id}/audit?limit=200")["items"]
    by_app = {each["action"]: each for each in touches
              if each["by"] == "app" and each["app"] == app.client["client_id"]}
    kept_by = by_app["Hand in a credential that was earned elsewhere, for an app"]
    assert kept_by["app_name"] == app.client["client_name"]


def test_what_does_not_verify_is_refused(app: App) -> None:
    tampered = elsewhere.credential("tampered")
    tampered["credentialSubject"]["achievement"]["name"] = "Everything"
    assert "/signature" in minor(refused(app.ask("POST", "/credentials", json=tampered), 400))
    assert tampered not in app.ask("GET", "/credentials").json()["credential"]


def test_one_that_was_made_before_the_one_that_is_kept_is_a_conflict(app: App) -> None:
    kept = elsewhere.credential("made twice")
    before = {name: value for name, value in kept.items() if name != "proof"} | {"validFrom": "2026-11-19T10:00:00Z"}
    assert app.ask("POST", "/credentials", json=kept).status_code == 201
    told = refused(app.ask("POST", "/credentials", json=proofs.add_proofs(before, elsewhere.KEY, elsewhere.MADE)), 409)
    assert minor(told) == {"request": "invalid_data"}
    assert "later" in told["imsx_description"]
    assert kept in app.ask("GET", "/credentials?limit=200").json()["credential"]


def test_what_this_platform_issued_is_not_handed_in(app: App) -> None:
    issued = app.ask("GET", "/credentials").json()["credential"]
    ours = next(each for each in issued if each["issuer"]["id"] != elsewhere.KEY.did)
    assert "This platform issued it" in refused(app.ask("POST", "/credentials", json=ours), 400)["imsx_description"]


@pytest.mark.parametrize(("media_type", "body"), [
    ("text/plain", b"a.b.c"), ("text/plain", b""), ("text/plain", b"\xff\xfe"), ("application/json", b"{}"),
    ("application/json", b"[]"), ("text/plain", b"{}"), ("application/json", b"e30.e30.e30")])
def test_what_is_no_credential_is_refused(app: App, media_type: str, body: bytes) -> None:
    refused(app.ask("POST", "/credentials", data=body, headers={"Content-Type": media_type}), 400)


def test_the_same_credential_at_the_same_time_is_kept_once(app: App) -> None:
    given = elsewhere.credential("at once")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: app.ask("POST", "/credentials", json=given).status_code, range(AT_ONCE)))
    assert sorted(answers) == [200] * (AT_ONCE - 1) + [201]
    assert app.ask("GET", "/credentials").json()["credential"].count(given) == 1


# the profile


def test_a_profile_is_replaced_as_a_whole(scene: Stage) -> None:
    person = scene.with_card(scene.patron(name="Before"), CARD_PIN)
    app = person.lets_in(scene.app())
    profile = app.ask("GET", "/profile").json()
    assert profile["name"] == "Before"
    after = app.ask("PUT", "/profile", json={**profile, "name": "After"})
    assert (after.status_code, after.json()["name"]) == (200, "After")
    assert scene.library.ask("GET", f"/v1/patrons/{person.id}")["name"] == "After"
    without = {name: value for name, value in profile.items() if name != "name"}
    assert "name" not in app.ask("PUT", "/profile", json={**without, "type": "Profile"}).json()
    for wrong in ({"telephone": "1"}, {"id": "urn:uuid:x"}, {"type": ["Person"]}):
        told = minor(refused(app.ask("PUT", "/profile", json={**profile, **wrong}), 400))
        assert list(told) == [f"/{name}" for name in wrong]
