"""An app gets a patron's credentials by the Open Badges 3.0 API, and hands some in: with an OAuth client that others
wrote, a browser before the pages, and everything that may go wrong between them.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jsonschema_rs
import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from openbadgeslib.ob3 import OB3LdpVerifier

from contracts.calls.badge_connect import READ_CREDENTIALS, READ_PROFILE, SCOPES, UPDATE_PROFILE, UPSERT_CREDENTIAL
from libranet.clock import now, parse_rfc3339, rfc3339
from libranet.local import Platform
from services.credentials.domain import tokens
from tests.identity_provider import identity_provider
from tests.journeys import elsewhere
from tests.journeys.apps import ALL, CALLBACK, METADATA, App, Browser, Patron, brought, discovered, registered, ticks
from tests.journeys.insides import documents_with, files_with
from tests.journeys.stage import ISSUE, OTHER_COLLEGE, OTHER_LIBRARY, Keys, Stage, libranet, until
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


def own(scene: Stage, app: App, patron: Patron) -> list[dict[str, Any]]:
    return list(scene.library.ask("GET", f"/v1/patrons/{patron.id}/connections?limit=200")["items"])


def refused(answer: requests.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.json()["imsx_codeMajor"] == "failure"
    return dict(answer.json())


def minor(told: dict[str, Any]) -> dict[str, str]:
    """What it says of each place in the request."""
    return {each["imsx_codeMinorFieldName"]: each["imsx_codeMinorFieldValue"]
            for each in told["imsx_codeMinor"]["imsx_codeMinorField"]}


def by_token(app: App, token: str) -> requests.Response:
    return requests.get(f"{app.gateway}/ims/ob/v3p0/profile", headers={"Authorization": f"Bearer {token}"}, timeout=20)


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


def test_the_code_comes_back_with_scope_state_and_issuer(scene: Stage, learner: Patron) -> None:
    app = scene.app()
    url = app.asks()
    found = brought(learner.browser(url).allow(url, but=(UPDATE_PROFILE,)))
    assert set(found) == {"code", "state", "scope", "iss"}
    assert (found["state"], found["iss"]) == (app.state, learner.gateway)
    assert set(found["scope"].split()) == set(ALL) - {UPDATE_PROFILE}


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
    assert "upsert_credential" in [each["action"] for each in touches]


def test_what_does_not_verify_is_refused(app: App) -> None:
    tampered = elsewhere.credential("tampered")
    tampered["credentialSubject"]["achievement"]["name"] = "Everything"
    assert "/signature" in minor(refused(app.ask("POST", "/credentials", json=tampered), 400))
    assert tampered not in app.ask("GET", "/credentials").json()["credential"]


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


# refresh and the end


def test_a_refresh_token_is_good_once_and_shown_twice_it_ends_all(scene: Stage, app: App) -> None:
    first = dict(app.session.token)
    app.refresh()
    second = dict(app.session.token)
    assert {first[name] != second[name] for name in ("access_token", "refresh_token")} == {True}
    assert app.ask("GET", "/profile").status_code == 200
    refused(by_token(app, first["access_token"]), 401)
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.session.refresh_token(app.places["refreshUrl"], refresh_token=first["refresh_token"])
    refused(app.ask("GET", "/profile"), 401)
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.session.refresh_token(app.places["refreshUrl"], refresh_token=second["refresh_token"])


def test_a_refresh_may_ask_for_less_and_not_for_more(scene: Stage, learner: Patron) -> None:
    app = learner.lets_in(scene.app(), but=(UPDATE_PROFILE,))
    app.session.refresh_token(app.places["refreshUrl"], scope=READ_PROFILE)
    assert app.ask("GET", "/profile").status_code == 200
    refused(app.ask("GET", "/credentials"), 403)
    with pytest.raises(OAuthError, match="invalid_scope"):
        app.session.refresh_token(app.places["refreshUrl"], scope=UPDATE_PROFILE)


def test_an_app_that_did_not_ask_to_stay_gets_no_refresh_token(scene: Stage, learner: Patron) -> None:
    app = learner.lets_in(scene.app(grant_types=["authorization_code"]))
    assert "refresh_token" not in app.session.token
    assert app.ask("GET", "/profile").status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_revoked_token_opens_nothing_any_more(app: App, kind: str) -> None:
    metadata = requests.get(f"{app.gateway}/.well-known/oauth-authorization-server", timeout=20).json()
    token = app.session.token[kind]
    for _ in range(2):
        done = app.session.revoke_token(metadata["revocation_endpoint"], token=token, token_type_hint=kind)
        assert done.status_code == 200
    refused(app.ask("GET", "/profile"), 401)
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh()


def test_another_apps_tokens_are_no_business_of_an_app(scene: Stage, app: App) -> None:
    other = scene.app()
    with pytest.raises(OAuthError, match="invalid_grant"):
        other.session.refresh_token(other.places["refreshUrl"], refresh_token=app.session.token["refresh_token"])
    other.session.revoke_token(f"{app.gateway}/oauth/revoke", token=app.session.token["access_token"])
    assert app.ask("GET", "/profile").status_code == 200
    app.refresh()


def test_a_patron_sees_and_ends_what_they_allowed(scene: Stage) -> None:
    person = scene.with_card(scene.patron(), CARD_PIN)
    app = person.lets_in(scene.app(client_name="Wallet of Zebedee"))
    session = scene.stranger.ask("POST", "/v1/sessions", {"node": person.node, "card": person.card, "pin": person.pin})
    me = scene.as_person(session["token"])
    [shown] = me.ask("GET", f"/v1/patrons/{person.id}/connections")["items"]
    assert (shown["app_name"], set(shown["scopes"])) == ("Wallet of Zebedee", set(ALL))
    assert me.raw("DELETE", f"/v1/patrons/{person.id}/connections/{shown['id']}").status == 204
    assert me.ask("GET", f"/v1/patrons/{person.id}/connections")["items"] == []
    refused(app.ask("GET", "/profile"), 401)
    assert me.raw("DELETE", f"/v1/patrons/{person.id}/connections/{shown['id']}").status == 404
    assert me.raw("GET", f"/v1/patrons/{scene.patron()}/connections").status == 404


def test_an_erased_patrons_apps_are_shut_out(scene: Stage) -> None:
    person = scene.with_card(scene.patron(), CARD_PIN)
    app, code = person.lets_in(scene.app()), scene.app()
    url = code.asks()
    back = person.browser(url).allow(url)
    erasure = scene.library.ask("DELETE", f"/v1/patrons/{person.id}")
    until(lambda: scene.library.ask("GET", f"/v1/erasures/{erasure['id']}")["complete"], what="the erasure")
    refused(app.ask("GET", "/profile"), 401)
    for taken in (app.refresh, lambda: code.take(back)):
        with pytest.raises(OAuthError, match="invalid_grant"):
            taken()
    assert scene.mongo["libranet_gateway"].app_grants.count_documents({"patron": person.id}) == 0


# codes


def test_a_code_is_good_once_and_shown_twice_it_ends_what_it_gave(scene: Stage, learner: Patron) -> None:
    app = scene.app()
    url = app.asks()
    back = learner.browser(url).allow(url)
    app.take(back)
    assert app.ask("GET", "/profile").status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.take(back)
    refused(app.ask("GET", "/profile"), 401)


def test_of_many_who_show_one_code_at_once_at_most_one_gets_in(scene: Stage, learner: Patron) -> None:
    app = scene.app()
    url = app.asks()
    form = {"grant_type": "authorization_code", "code": brought(learner.browser(url).allow(url))["code"],
            "redirect_uri": CALLBACK, "code_verifier": app.verifier}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: token_for(app, form), range(AT_ONCE)))
    assert sorted(each.status_code for each in answers)[1:] == [400] * (AT_ONCE - 1)
    good = [each.json()["access_token"] for each in answers if each.status_code == 200]
    assert [by_token(app, each).status_code for each in good] == [401] * len(good), "shown twice, it ends what it gave"


def token_for(app: App, form: dict[str, str], secret: str | None = None) -> requests.Response:
    return requests.post(app.places["tokenUrl"], data=form, timeout=20,
                         auth=(app.client["client_id"], secret or app.client["client_secret"]))


@pytest.mark.parametrize(("changes", "error"), [
    ({"code_verifier": "x" * 43}, "invalid_grant"), ({"code_verifier": ""}, "invalid_request"),
    ({"redirect_uri": "https://wallet.example.org/other"}, "invalid_grant"),
    ({"code": "c_" + "x" * 43}, "invalid_grant"), ({"grant_type": "password"}, "unsupported_grant_type"),
    ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ({"code": "\x00\"'"}, "invalid_grant"), ({"redirect_uri": '"\u202e'}, "invalid_request")])
def test_a_code_opens_nothing_without_all_that_goes_with_it(
        scene: Stage, learner: Patron, changes: dict[str, str], error: str) -> None:
    app = scene.app()
    url = app.asks()
    form = {"grant_type": "authorization_code", "code": brought(learner.browser(url).allow(url))["code"],
            "redirect_uri": CALLBACK, "code_verifier": app.verifier}
    answer = token_for(app, {**form, **changes})
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    wrong = token_for(app, form, "another secret")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert token_for(scene.app(), form).json()["error"] == "invalid_grant"
    good = token_for(app, form)
    assert good.status_code == 200
    assert good.headers["Cache-Control"] == "no-store"
    assert good.json()["token_type"] == "Bearer"
    assert good.json()["expires_in"] == 3600


@pytest.mark.parametrize("shown", ["Basic !!!", "Basic /w==", "Basic Og==", "Bearer x", "Basic " + "x" * 5000])
def test_an_app_signs_in_with_its_own_secret(app: App, shown: str) -> None:
    for path in ("token", "revoke"):
        answer = requests.post(f"{app.gateway}/oauth/{path}", data={"grant_type": "refresh_token", "token": "x"},
                               headers={"Authorization": shown}, timeout=20)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_no_secret_code_or_token_is_kept_as_it_is(scene: Stage, learner: Patron) -> None:
    app = scene.app()
    url = app.asks()
    browser = learner.browser(url)
    back = browser.allow(url)
    texts = [brought(back)["code"], app.client["client_secret"], app.verifier]
    for token in (app.take(back), app.refresh()):
        texts += [token["access_token"], token["refresh_token"]]
    assert documents_with(scene.mongo, *texts) == {}
    assert [text for text in texts if files_with(scene.platform.home.logs, text)] == []


# the pages


def test_a_patron_who_is_not_signed_in_signs_in_first_and_comes_back(scene: Stage, learner: Patron) -> None:
    app, browser = scene.app(), Browser(learner.gateway)
    url = app.asks()
    page = browser.open(url)
    assert page.status_code == 200
    assert "<option value=\"test.riverside\"" in page.text
    wrong = browser.send(url, [("node", learner.node), ("card", learner.card), ("pin", "wrong"), ("action", "sign-in")])
    assert wrong.status_code == 403
    assert 'role="alert"' in wrong.text
    asked = browser.sign_in(url, learner.node, learner.card, learner.pin)
    assert ticks(asked.text) == list(ALL)
    assert "Zebedee Learner" in asked.text
    assert "wallet.example.org" in asked.text


def test_the_pages_need_no_script_and_nothing_from_elsewhere(scene: Stage, learner: Patron) -> None:
    app = scene.app(client_name="<script>alert(1)</script> & \"Co\"")
    url = app.asks()
    browser = Browser(learner.gateway)
    pages = [browser.open(url), browser.sign_in(url, learner.node, learner.card, learner.pin)]
    for page in pages:
        assert not [each for each in ("<script", "<img", "<link", "onclick", "javascript:") if each in page.text]
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self' https://wallet.example.org;" in policy
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.text.count("<label") >= page.text.count("<input")


def test_a_no_goes_back_to_the_app_and_gives_nothing(scene: Stage, learner: Patron) -> None:
    app = scene.app()
    url = app.asks()
    browser = learner.browser(url)
    for fields in ([("action", "deny"), ("scope", READ_PROFILE)], [("action", "allow")],
                   [("action", "allow"), ("scope", "unheard:of")]):
        found = brought(browser.send(url, fields))
        assert (found["error"], found["state"]) == ("access_denied", app.state)
        assert "code" not in found


def test_nobody_else_can_say_yes(scene: Stage, learner: Patron) -> None:
    app = scene.app()
    url = app.asks()
    browser = learner.browser(url)
    yes = [("action", "allow"), ("scope", READ_PROFILE)]
    for origin in ("https://evil.example", "null", "http://127.0.0.1"):
        answer = browser.send(url, yes, origin)
        assert (answer.status_code, "Location" in answer.headers) == (403, False)
    assert "Sign in at your library" in Browser(learner.gateway).send(url, yes).text
    assert "code" in brought(browser.send(url, yes))


def test_a_child_is_sent_back_without_a_yes(scene: Stage) -> None:
    child = scene.patron()
    scene.library.ask("PATCH", f"/v1/patrons/{child}", {"age_band": "under-13"})
    app = scene.app()
    url = app.asks()
    browser = scene.with_card(child, CARD_PIN).browser(url)
    assert "A guardian decides this with you" in browser.send(url, [("action", "allow"), ("scope", READ_PROFILE)]).text
    assert brought(browser.send(url, [("action", "deny")]))["error"] == "access_denied"


def test_who_is_signed_in_can_leave_first(scene: Stage, learner: Patron) -> None:
    url = scene.app().asks()
    browser = learner.browser(url)
    assert browser.send(url, [("action", "sign-out")]).status_code == 303
    assert "Sign in at your library" in browser.open(url).text


@pytest.mark.parametrize(("changes", "error"), [
    ({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"), ({"code_challenge": "short"}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"), ({"scope": "openid"}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"), ({"state": None}, "invalid_request"),
    ({"state": "x" * 501}, "invalid_request")])
def test_what_the_app_asks_wrongly_goes_back_to_it(
        scene: Stage, learner: Patron, changes: dict[str, str | None], error: str) -> None:
    app = scene.app()
    found = brought(learner.browser(app.asks()).open(changed(app.asks(), changes)))
    assert found["error"] == error
    assert found["iss"] == learner.gateway


@pytest.mark.parametrize("changes", [
    {"client_id": "a_unknown"}, {"client_id": None}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": None},
    {"redirect_uri": "https://wallet.example.org/connected/../evil"}, {"redirect_uri": 'https://evil.example/"><script>'},
    {"redirect_uri": "https://wallet.example.org/connected?x=1"}, {"client_id": '"'}, {"client_id": "\u202e"}])
def test_nobody_is_sent_to_an_address_that_was_not_registered(
        scene: Stage, learner: Patron, changes: dict[str, str | None]) -> None:
    page = Browser(learner.gateway).open(changed(scene.app().asks(), changes))
    assert (page.status_code, "Location" in page.headers) == (400, False)
    assert "evil" not in page.text or "<script" not in page.text


def changed(url: str, changes: dict[str, str | None]) -> str:
    """The request with other parameters; None leaves one out."""
    address, _, query = url.partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()} | changes
    return f"{address}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def test_a_patron_signs_in_at_their_librarys_own_provider(platform: Platform, keys: Keys, scene: Stage) -> None:
    with Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as hillside, identity_provider() as provider:
        libranet(platform, "sign-in-provider", "allow", OTHER_LIBRARY, "127.0.0.0/8")
        hillside.library.ask("PUT", f"/v1/nodes/{OTHER_LIBRARY}/sign-in-provider", {
            "issuer": provider.issuer, "client_id": "libranet", "client_secret": "client-secret"})
        app, browser = scene.app(), Browser(platform.urls["gateway"])
        url = app.asks()
        page = browser.open(url).text
        start = page.split('<a href="')[1].split('"')[0].replace("&amp;", "&")
        sent_on = browser.open(f"{browser.gateway}{start}").headers["Location"]
        way = urlencode(provider.sign_in(sent_on))
        back = browser.open(f"{browser.gateway}/v1/sign-in/{OTHER_LIBRARY}/callback?{way}")
        assert back.status_code == 303, back.text
        app.take(browser.allow(browser.gateway + back.headers["Location"]))
        assert app.ask("GET", "/credentials").json() == {"credential": [], "compactJwsString": []}
        hillside.library.raw("DELETE", f"/v1/nodes/{OTHER_LIBRARY}/sign-in-provider")


# registering


def test_what_was_registered_is_told_and_the_secret_once(scene: Stage) -> None:
    client = registered(scene.platform.urls["gateway"], unheard_of=1, scope=f"{READ_PROFILE} unheard:of")
    assert {name: client[name] for name in METADATA if name != "scope"} == {
        name: value for name, value in METADATA.items() if name != "scope"}
    assert client["scope"] == READ_PROFILE
    assert client["client_secret_expires_at"] == 0
    assert "unheard_of" not in client
    [row] = scene.mongo["libranet_gateway"].apps.find({"_id": client["client_id"]})
    assert timedelta(days=6) < row["kept_until"] - now() < timedelta(days=7)


@pytest.mark.parametrize("changes", [
    {"client_name": ""}, {"client_name": 7}, {"client_name": "x" * 101}, {"client_name": "a\u202eb"},
    {"client_name": "a\nb"},
    {"client_uri": None}, {"client_uri": "http://wallet.example.org/"}, {"client_uri": "https://other.example/"},
    {"client_uri": "https://wallet.example.org:8443/"}, {"client_uri": "https://wallet.example.org;x/"}, {"client_uri": "https://wallet.example.org@evil.example/"},
    {"logo_uri": "javascript:alert(1)"}, {"tos_uri": "https://wallet.example.org/\"'><script>"}, {"policy_uri": ["x"]},
    {"redirect_uris": []}, {"redirect_uris": "https://wallet.example.org/connected"}, {"redirect_uris": [7]},
    {"redirect_uris": ["http://127.0.0.1/"]}, {"redirect_uris": ["https://wallet.example.org/#part"]},
    {"redirect_uris": ["https://other.example/"]}, {"redirect_uris": ["https://wallet.example.org/"] * 21},
    {"scope": "openid"}, {"scope": ""}, {"grant_types": ["password"]}, {"grant_types": ["refresh_token"]},
    {"grant_types": "code"}, {"response_types": ["token"]}, {"response_types": []}, {"software_id": None},
    {"token_endpoint_auth_method": "none"}, {"token_endpoint_auth_method": "private_key_jwt"},
    {"token_endpoint_auth_method": 7}, {"software_version": {}}], ids=str)
def test_an_app_says_all_that_the_standard_asks(scene: Stage, changes: dict[str, Any]) -> None:
    answer = requests.post(f"{scene.platform.urls['gateway']}/oauth/register", json={**METADATA, **changes}, timeout=20)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in ("invalid_client_metadata", "invalid_redirect_uri")
    jsonschema_rs.validate({"type": "object", "required": ["error"]}, answer.json())
