"""A patron lets an app in, over the running platform: the app is an OAuth client that others wrote, and a browser walks
through the pages. And everything by which somebody else might get in.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError

from contracts.calls.badge_connect import READ_PROFILE, UPDATE_PROFILE
from libranet.clock import now
from libranet.local import Platform
from tests.identity_provider import identity_provider
from tests.journeys.apps import (
    ALL,
    CALLBACK,
    METADATA,
    App,
    Browser,
    Patron,
    brought,
    brought_by_link,
    registered,
    ticks,
)
from tests.journeys.insides import documents_with, files_with
from tests.journeys.stage import OTHER_COLLEGE, OTHER_LIBRARY, Keys, Stage, libranet, until
from tests.journeys.test_badge_connect import app, learner, refused, scene
from tests.journeys.things import CARD_PIN

__all__ = ["app", "learner", "scene"]
pytestmark = pytest.mark.real
AT_ONCE = 6


def by_token(app: App, token: str) -> requests.Response:
    return requests.get(f"{app.gateway}/ims/ob/v3p0/profile", headers={"Authorization": f"Bearer {token}"}, timeout=20)


def test_the_code_comes_back_with_scope_state_and_issuer(scene: Stage, learner: Patron) -> None:
    app = scene.app()
    url = app.asks()
    found = brought(learner.browser(url).allow(url, but=(UPDATE_PROFILE,)))
    assert set(found) == {"code", "state", "scope", "iss"}
    assert (found["state"], found["iss"]) == (app.state, learner.gateway)
    assert set(found["scope"].split()) == set(ALL) - {UPDATE_PROFILE}


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


def test_an_app_of_somebody_who_may_not_decide_alone_any_more_ends_at_its_next_refresh(scene: Stage) -> None:
    person = scene.with_card(scene.patron(), CARD_PIN)
    app = person.lets_in(scene.app())
    app.refresh()
    scene.library.ask("PATCH", f"/v1/patrons/{person.id}", {"age_band": "under-13"})
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh()
    refused(app.ask("GET", "/profile"), 401)


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
    touches = [(each["action"], each["by"]) for each in me.ask("GET", f"/v1/patrons/{person.id}/audit")["items"]
               if each.get("app_name") == "Wallet of Zebedee"]
    assert touches == [("Shut an app out; its tokens end at once", "you"), ("Let an app in", "you")]
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
def test_what_the_app_asks_wrongly_goes_back_to_it_by_a_link(
        scene: Stage, learner: Patron, changes: dict[str, str | None], error: str) -> None:
    app = scene.app()
    page = learner.browser(app.asks()).open(changed(app.asks(), changes))
    assert (page.status_code, "Location" in page.headers) == (400, False)
    found = brought_by_link(page.text)
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
