"""Signing in at a library's identity provider, with a provider from PyPI and with one that misbehaves."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import oidc_provider_mock
import pytest
import urllib3
from joserfc.jwk import OctKey, RSAKey

from gateway.rates import RateSettings
from gateway.routes import sign_in
from gateway.sign_in import provider_keys
from gateway.sign_in.fetching import ProviderAway
from gateway.sign_in.flow import Flow, safe_path
from gateway.sign_in.provider_keys import public_keys
from gateway.sign_in.providers import Provider
from libranet.outside import addresses
from tests.identity_provider import IdentityProvider, identity_provider, way_back
from tests.services.gateway_stage import Said, Stage, staged

NODE = "demo.riverside"
START = f"/v1/sign-in/{NODE}/start"
PATRON = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as stage:
        stage.providers.networks = (addresses.network("127.0.0.0/8"),)
        stage.service.script = [Said(body=json.dumps({"patron": PATRON, "node": NODE, "registered": True}).encode())]
        yield stage


@pytest.fixture
def provider(stage: Stage) -> Iterator[IdentityProvider]:
    with identity_provider() as provider:
        stage.providers.save(Provider(NODE, provider.issuer, "libranet", "client-secret"))
        yield provider


def start(stage: Stage, path: str = START) -> str:
    answer = stage.http.get(path)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def finish(stage: Stage, came_back: dict[str, str], node: str = NODE) -> Any:
    return stage.http.get(way_back(f"/v1/sign-in/{node}/callback", came_back))


def walk(stage: Stage, provider: IdentityProvider, **more: str) -> Any:
    return finish(stage, {**provider.sign_in(start(stage)), **more})


def is_refused(stage: Stage, answer: Any) -> bool:
    """A page in plain words, no session, and nobody was asked to register anybody."""
    assert answer.status_code in (403, 503), answer.text
    assert answer.content_type.startswith("text/html")
    assert "Set-Cookie" not in answer.headers
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    return not stage.sessions.rows and not stage.service.heard


def test_a_person_signs_in_at_a_provider_of_pypi(stage: Stage) -> None:
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        issuer = f"http://127.0.0.1:{server.server_port}"
        stage.providers.save(Provider(NODE, issuer, "libranet", "client-secret"))
        there = start(stage, f"{START}?return_to=/here")
        answer = urllib3.request("POST", there, body="sub=ada%40example.org", redirect=False,
                                 headers={"Content-Type": "application/x-www-form-urlencoded"})
        came_back = {name: each[0] for name, each in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
        done = finish(stage, came_back)
    assert (done.status_code, done.headers["Location"]) == (303, "/here")
    assert [(each.actor, each.kind, each.node) for each in stage.sessions.rows.values()] == [(PATRON, "patron", NODE)]
    told = json.loads(stage.service.heard[0].body)
    assert told == {"node": NODE, "issuer": issuer, "subject": "ada@example.org"}


def test_what_is_asked_has_state_nonce_and_a_pkce_challenge(stage: Stage, provider: IdentityProvider) -> None:
    first, second = (parse_qs(urlsplit(start(stage)).query) for _ in range(2))
    for asked in (first, second):
        assert asked["response_type"] == ["code"]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == [f"http://localhost/v1/sign-in/{NODE}/callback"]
        assert all(len(asked[name][0]) == 43 for name in ("state", "nonce", "code_challenge"))
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


def test_a_sign_in_ends_with_a_session_in_a_cookie_of_this_browser(stage: Stage, provider: IdentityProvider) -> None:
    done = walk(stage, provider)
    assert (done.status_code, done.headers["Location"]) == (303, "/v1/me")
    session, flow = done.headers.getlist("Set-Cookie")
    assert session.startswith("libranet-session=s_")
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert flow.startswith("libranet-sign-in=;")
    assert stage.http.get("/v1/me").get_json()["actor"] == PATRON


def test_a_session_in_a_cookie_changes_nothing_for_another_site(stage: Stage, provider: IdentityProvider) -> None:
    walk(stage, provider)
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil"}):
        assert stage.http.delete("/v1/sessions/current", headers=origin).status_code == 401
    done = stage.http.delete("/v1/sessions/current", headers={"Origin": "http://localhost"})
    assert done.status_code == 204
    assert "cookies" in done.headers["Clear-Site-Data"]
    assert stage.sessions.rows == {}


def test_each_sign_in_is_a_new_session_and_ends_the_one_before(stage: Stage, provider: IdentityProvider) -> None:
    walk(stage, provider)
    [before] = stage.sessions.rows
    walk(stage, provider)
    [after] = stage.sessions.rows
    assert before != after


def test_another_state_or_none_is_refused(stage: Stage, provider: IdentityProvider) -> None:
    came_back = provider.sign_in(start(stage))
    for state in ({"state": "another"}, {"state": ""}, {"state": "é"}):
        assert is_refused(stage, finish(stage, {**came_back, **state}))
    assert is_refused(stage, finish(stage, {"code": came_back["code"]}))
    assert "/token" not in provider.asked


def test_a_way_back_in_another_browser_is_refused(stage: Stage, provider: IdentityProvider) -> None:
    came_back = provider.sign_in(start(stage))
    stage.http.delete_cookie("libranet-sign-in")
    assert is_refused(stage, finish(stage, came_back))
    for cookie in ("", "x", "AAAA" * 30, "é"):
        stage.http.set_cookie("libranet-sign-in", cookie)
        assert is_refused(stage, finish(stage, came_back))


def test_a_way_back_that_took_too_long_is_refused(
        stage: Stage, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    came_back = provider.sign_in(start(stage))
    real = time.time
    monkeypatch.setattr("gateway.sign_in.flow.time.time", lambda: real() + 700)
    assert is_refused(stage, finish(stage, came_back))


def test_a_way_back_to_another_library_is_refused(stage: Stage, provider: IdentityProvider) -> None:
    stage.providers.save(Provider("demo.hill", provider.issuer, "libranet", "client-secret"))
    assert is_refused(stage, finish(stage, provider.sign_in(start(stage)), "demo.hill"))


def test_a_code_works_once(stage: Stage, provider: IdentityProvider) -> None:
    came_back = provider.sign_in(start(stage))
    cookie = stage.http.get_cookie("libranet-sign-in")
    assert cookie is not None
    assert finish(stage, came_back).status_code == 303
    stage.sessions.rows.clear()
    stage.service.heard.clear()
    stage.http.set_cookie("libranet-sign-in", cookie.value)
    assert is_refused(stage, finish(stage, came_back))


def test_a_code_of_another_sign_in_fails_by_pkce(stage: Stage, provider: IdentityProvider) -> None:
    theirs = provider.sign_in(start(stage), "attacker")
    mine = provider.sign_in(start(stage))
    assert is_refused(stage, finish(stage, {**mine, "code": theirs["code"]}))


@pytest.mark.parametrize("claims", [
    {"nonce": "another"}, {"nonce": None}, {"iss": "https://evil.example"}, {"iss": None}, {"aud": "somebody-else"},
    {"aud": ["somebody-else"]}, {"aud": None}, {"aud": ["libranet", "other"]}, {"azp": "other"},
    {"aud": ["libranet", "other"], "azp": "other"}, {"exp": 1}, {"exp": None}, {"exp": "soon"}, {"iat": None},
    {"nbf": 99999999999}, {"sub": None}, {"sub": ""}, {"sub": " "}, {"sub": 7}, {"sub": ["a"]}, {"sub": "x" * 500},
    {"at_hash": "wrong"}], ids=json.dumps)
def test_an_id_token_with_a_wrong_claim_is_refused(
        stage: Stage, provider: IdentityProvider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    assert is_refused(stage, walk(stage, provider))


def test_an_id_token_for_us_among_others_is_taken_when_it_says_that_we_asked(
        stage: Stage, provider: IdentityProvider) -> None:
    provider.claims = {"aud": ["libranet", "other"], "azp": "libranet"}
    assert walk(stage, provider).status_code == 303


def test_an_issuer_has_to_match_to_the_letter(stage: Stage, provider: IdentityProvider) -> None:
    for other in (f"{provider.issuer}/", "http://localhost:1", None, 7):
        provider.metadata = {"issuer": other}
        assert is_refused(stage, stage.http.get(START))
    provider.metadata = {}
    assert is_refused(stage, walk(stage, provider, iss="https://evil.example"))


def test_an_issuer_that_promises_to_name_itself_has_to(stage: Stage, provider: IdentityProvider) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    assert is_refused(stage, walk(stage, provider))
    assert walk(stage, provider, iss=provider.issuer).status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS384", "PS256"])
def test_only_allowed_algorithms_count(stage: Stage, provider: IdentityProvider, algorithm: str) -> None:
    provider.algorithm = algorithm
    assert is_refused(stage, walk(stage, provider))


def test_a_library_may_allow_another_algorithm(stage: Stage, provider: IdentityProvider) -> None:
    provider.algorithm = "PS256"
    stage.providers.save(Provider(NODE, provider.issuer, "libranet", "client-secret", algorithms=("PS256",)))
    assert walk(stage, provider).status_code == 303


def test_a_strangers_signature_is_refused(stage: Stage, provider: IdentityProvider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": provider.keys[0].kid}, private=True)
    assert is_refused(stage, walk(stage, provider))


def test_a_rotated_key_is_read_again_and_unknown_ones_not_all_the_time(
        stage: Stage, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_keys, "REFRESH_SECONDS", 0.0)
    walk(stage, provider)
    provider.rotate()
    assert walk(stage, provider).status_code == 303
    assert provider.asked.count("/jwks") == 2
    monkeypatch.setattr(provider_keys, "REFRESH_SECONDS", 10.0)
    stage.sessions.rows.clear()
    stage.service.heard.clear()
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "unknown"}, private=True)
    for _ in range(5):
        assert is_refused(stage, walk(stage, provider))
        stage.http.delete_cookie("libranet-session")
    assert provider.asked.count("/jwks") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_keys_that_can_sign_are_no_keys_of_a_provider(stage: Stage, provider: IdentityProvider) -> None:
    secret = OctKey.import_key("secret-that-everybody-knows-by-now", {"kid": "shared"})
    provider._public_keys = lambda: {"keys": [secret.as_dict()]}  # type: ignore[method-assign]
    provider.signs_with = secret
    provider.algorithm = "HS512"
    stage.providers.save(Provider(NODE, provider.issuer, "libranet", "client-secret", algorithms=("HS512",)))
    assert is_refused(stage, walk(stage, provider))


def test_private_keys_are_left_out_unread() -> None:
    key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    long = {"kty": "RSA", "kid": "two", "n": "AQAB", "e": "AQAB", "d": "AQAB"}
    found = public_keys({"keys": [key.as_dict(private=False), long]})
    assert [each.kid for each in found.keys] == ["one"]
    for keys in ([key.as_dict(private=True)], [7], 7, ["d"]):
        with pytest.raises(ProviderAway):
            public_keys({"keys": keys})


@pytest.mark.parametrize("token", [{"id_token": None}, {"id_token": 7}, {"id_token": "a.b.c"}, {"id_token": ""},
                                   {"error": "server_error"}], ids=json.dumps)
def test_a_token_answer_without_an_id_token_is_refused(
        stage: Stage, provider: IdentityProvider, token: dict[str, Any]) -> None:
    provider.token = token
    assert is_refused(stage, walk(stage, provider))


def test_a_person_who_declines_is_told_so_in_plain_words(stage: Stage, provider: IdentityProvider) -> None:
    state = provider.sign_in(start(stage))["state"]
    answer = finish(stage, {"error": "access_denied", "error_description": "<script>alert(1)</script>", "state": state})
    assert is_refused(stage, answer)
    assert "script>" not in answer.text
    assert "Start again" in answer.text


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("url", ["http://10.0.0.7/", "https://169.254.169.254/latest", "file:///etc/passwd", 7, None,
                                 "http://[::1]/", "javascript:alert(1)"])
def test_a_provider_cannot_send_us_or_the_person_elsewhere_inside(
        stage: Stage, provider: IdentityProvider, endpoint: str, url: object) -> None:
    provider.metadata = {endpoint: url}
    answer = stage.http.get(START)
    if answer.status_code == 303:
        answer = finish(stage, provider.sign_in(answer.headers["Location"]))
    assert is_refused(stage, answer)


def test_a_provider_on_a_private_network_needs_the_operators_word(stage: Stage, provider: IdentityProvider) -> None:
    stage.providers.networks = ()
    assert is_refused(stage, stage.http.get(START))
    assert provider.asked == []


def test_a_provider_that_is_away_is_told_so(stage: Stage, provider: IdentityProvider) -> None:
    provider.stop()
    answer = stage.http.get(START)
    assert is_refused(stage, answer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize(("bound", "for_others"), [("PLACES", 503), ("AT_ONE_PROVIDER", 303)])
def test_a_provider_that_hangs_holds_only_so_many_of_the_doors_threads(
        monkeypatch: pytest.MonkeyPatch, bound: str, for_others: int) -> None:
    monkeypatch.setattr(sign_in, bound, 1)
    with staged() as stage, socket.create_server(("127.0.0.1", 0)) as silent, identity_provider() as well:
        stage.providers.networks = (addresses.network("127.0.0.0/8"),)
        stage.providers.save(Provider(NODE, f"http://127.0.0.1:{silent.getsockname()[1]}", "libranet"))
        stage.providers.save(Provider("demo.hillside", well.issuer, "libranet", "client-secret"))
        other = stage.http.application.test_client()
        waiting = threading.Thread(target=lambda: other.get(START))
        waiting.start()
        asked, _ = silent.accept()
        with asked:
            answer = stage.http.get(START)
            elsewhere = stage.http.get(START.replace(NODE, "demo.hillside"))
        waiting.join()
    assert (answer.status_code, "Many people" in answer.text) == (503, True)
    assert elsewhere.status_code == for_others


def test_ways_back_are_counted_as_what_costs_much() -> None:
    with staged(rates=RateSettings(public_work="2/minute")) as stage:
        assert [finish(stage, {"code": "x", "state": "y"}).status_code for _ in range(3)] == [403, 403, 429]


def test_a_library_without_a_provider_says_so(stage: Stage) -> None:
    answer = stage.http.get("/v1/sign-in/demo.hill/start")
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil",
                                  "javascript:x", "evil", "", "/a\r\nSet-Cookie: x", "/ü", "/" + "x" * 2000,
                                  "/a\\b", " /a"])
def test_nobody_is_sent_on_to_another_host(stage: Stage, provider: IdentityProvider, path: str) -> None:
    assert safe_path(path) == ""
    came_back = provider.sign_in(start(stage, f"{START}?return_to={quote(path)}"))
    assert finish(stage, came_back).headers["Location"] == "/v1/me"


def test_a_path_of_this_host_is_where_they_go_on() -> None:
    assert safe_path("/patrons/me?tab=skills#top") == "/patrons/me?tab=skills#top"


def test_another_claim_may_be_the_subject(stage: Stage, provider: IdentityProvider) -> None:
    stage.providers.save(Provider(NODE, provider.issuer, "libranet", "client-secret", subject_claim="library_id"))
    assert is_refused(stage, walk(stage, provider))
    provider.claims = {"library_id": "7001"}
    assert walk(stage, provider).status_code == 303
    assert json.loads(stage.service.heard[0].body)["subject"] == "7001"


def test_what_travels_in_the_browser_cannot_be_read_or_made_there(stage: Stage) -> None:
    flow = Flow.begin(NODE, "/here")
    assert not any(part in flow.sealed() for part in (flow.state, flow.nonce, flow.verifier))
    assert flow.sealed() != flow.sealed()


def test_a_provider_is_set_by_its_library_and_its_secret_never_shown(stage: Stage) -> None:
    [mine], [theirs] = stage.clients.invite(), stage.clients.invite(node="demo.hill")
    path = f"/v1/nodes/{NODE}/sign-in-provider"
    body = {"issuer": "https://idp.example", "client_id": "libranet", "client_secret": "very-secret"}
    shown = stage.ask("PUT", path, mine, body)
    assert shown.status_code == 200
    assert shown.get_json()["redirect_uri"] == f"http://localhost/v1/sign-in/{NODE}/callback"
    assert shown.get_json()["scopes"] == ["openid"]
    del body["client_secret"]
    assert stage.ask("PUT", path, mine, body).get_json()["has_secret"] is True
    assert stage.ask("PUT", path, mine, {**body, "issuer": "https://evil.example"}).get_json()["has_secret"] is False
    assert "very-secret" not in stage.ask("GET", path, mine).text
    for method, sent in (("GET", None), ("PUT", body), ("DELETE", None)):
        assert stage.ask(method, path, theirs, sent).status_code == 404
    for wrong in ({"issuer": "https://idp.example?x=1"}, {"scopes": ["two words"]}, {"algorithms": ["HS256"]},
                  {"algorithms": ["none"]}, {"issuer": "ftp://idp.example"}):
        assert stage.ask("PUT", path, mine, {**body, **wrong}).status_code == 422
    assert stage.ask("DELETE", path, mine).status_code == 204
    assert stage.ask("GET", path, mine).status_code == 404
