"""The gateway's side of the Open Badges 3.0 API: who gets in by what, and in whose words they are refused."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from contracts.calls.badge_connect import READ_CREDENTIALS, READ_PROFILE, SCOPES
from gateway.badge_connect import grants
from gateway.badge_connect.apps import App
from gateway.badge_connect.collections import APPS, GRANTS
from gateway.badge_connect.grants import Grant
from gateway.badge_connect.store import of_row, to_row
from gateway.clients import hash_of
from libranet.audit import subject_of
from libranet.clock import now
from tests.services.badge_connect_stage import (
    CREDENTIALS,
    ME,
    PROBLEM,
    an_app_with_tokens,
    asked,
    decides,
    let_in,
    redeemed,
    refreshed,
    registered,
    signed_in,
    stage,
    tokens_for,
    yes,
)
from tests.services.gateway_stage import Said, Stage, staged

__all__ = ["stage"]


def test_an_app_acts_as_the_patron_within_what_they_allowed(stage: Stage) -> None:
    token, grant = let_in(stage, READ_CREDENTIALS)
    assert stage.ask("GET", CREDENTIALS, token).status_code == 200
    principal = stage.service.heard[-1].principal
    assert (principal.actor, principal.kind, principal.node) == (ME, "patron", "demo.riverside")
    assert (principal.scopes, principal.app) == ((READ_CREDENTIALS,), grant.app)
    assert "Authorization" not in stage.service.heard[-1].headers
    stage.service.heard.clear()
    answer = stage.ask("GET", "/ims/ob/v3p0/profile", token)
    assert answer.status_code == 403
    assert f'scope="{READ_PROFILE}"' in answer.headers["WWW-Authenticate"]
    assert not stage.service.heard


def test_no_key_and_no_session_opens_what_is_for_apps(stage: Stage) -> None:
    session = stage.sessions.begin("patron", ME, "demo.riverside", tuple(SCOPES)).token
    for shown in (stage.clients.invite("library")[0], session, "o_" + "x" * 43, "x", None):
        answer = stage.ask("GET", CREDENTIALS, shown)
        assert (answer.status_code, answer.json["imsx_codeMajor"]) == (401, "failure")
        assert ('error="invalid_token"' in answer.headers["WWW-Authenticate"]) == (shown is not None)
    stage.http.set_cookie("libranet-session", session)
    assert stage.ask("GET", CREDENTIALS).status_code == 401
    assert not stage.service.heard


def test_an_apps_token_opens_nothing_else(stage: Stage) -> None:
    token, _ = let_in(stage, *SCOPES)
    for path in ("/v1/me", f"/v1/patrons/{ME}", f"/v1/patrons/{ME}/credentials", f"/v1/patrons/{ME}/connections"):
        assert stage.ask("GET", path, token).status_code == 401
    assert stage.ask("DELETE", "/v1/sessions/current", token).status_code == 401
    assert not stage.service.heard


def test_an_access_token_is_over_after_an_hour(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    token, grant = let_in(stage, READ_CREDENTIALS)
    later = now() + grants.ACCESS_LIFE
    monkeypatch.setattr("gateway.ways_in.now", lambda: later - timedelta(seconds=5))
    assert stage.ask("GET", CREDENTIALS, token).status_code == 200
    monkeypatch.setattr("gateway.ways_in.now", lambda: later)
    assert stage.ask("GET", CREDENTIALS, token).status_code == 401
    assert stage.grants.find_by("access", hash_of(token)) == grant


@pytest.mark.parametrize(("said", "errors", "told", "description", "field"), [
    (422, [{"field": "/signature", "detail": "It is another one."}], 400,
     "Not taken. /signature: It is another one.", "/signature"),
    (409, [], 409, "Not taken.", "request")], ids=["refused", "conflict"])
def test_what_a_service_refuses_is_told_in_the_standards_words(
        stage: Stage, said: int, errors: list[Any], told: int, description: str, field: str) -> None:
    token, _ = let_in(stage, *SCOPES)
    problem = {"type": "urn:libranet:problem:credential-not-taken", "title": "No", "detail": "Not taken.",
               **({"errors": errors} if errors else {})}
    stage.service.script = [Said(said, json.dumps(problem).encode(), PROBLEM)]
    answer = stage.ask("POST", CREDENTIALS, token, {"a": 1})
    assert (answer.status_code, answer.mimetype) == (told, "application/json")
    assert answer.json == {
        "imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": description,
        "imsx_codeMinor": {"imsx_codeMinorField": [
            {"imsx_codeMinorFieldName": field, "imsx_codeMinorFieldValue": "invalid_data"}]}}


@pytest.mark.parametrize(("said", "status", "value"), [
    (Said(401, b"{}", PROBLEM), 502, "internal_server_error"), (Said(500, b"oops", {}), 502, "internal_server_error"),
    (Said(503, b'{"type": "urn:x", "title": "Away", "detail": "Wait."}', {**PROBLEM, "Retry-After": "9"}), 503,
     "server_busy")])
def test_a_service_that_fails_is_told_in_the_same_words(stage: Stage, said: Said, status: int, value: str) -> None:
    token, _ = let_in(stage, READ_CREDENTIALS)
    stage.service.script = [said]
    answer = stage.ask("GET", CREDENTIALS, token)
    assert answer.status_code == status
    assert answer.json["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == value
    assert answer.headers.get("Retry-After") == said.headers.get("Retry-After")


@pytest.mark.parametrize(("method", "path", "status"), [
    ("DELETE", CREDENTIALS, 405), ("GET", "/ims/ob/v3p0/nothing", 404), ("POST", "/ims/ob/v3p0/discovery", 405)])
def test_what_is_not_there_is_told_in_the_same_words(stage: Stage, method: str, path: str, status: int) -> None:
    answer = stage.ask(method, path)
    assert (answer.status_code, answer.json["imsx_severity"]) == (status, "error")


def test_what_a_service_says_of_pages_comes_back(stage: Stage) -> None:
    token, _ = let_in(stage, READ_CREDENTIALS)
    links = {"X-Total-Count": "7", "Link": '<http://localhost/x>; rel="first"', "Content-Type": "application/json"}
    stage.service.script = [Said(200, b"{}", links)]
    answer = stage.ask("GET", CREDENTIALS, token)
    assert {name: answer.headers[name] for name in links} == links


def test_a_guest_is_no_patron_and_is_asked_to_sign_in(stage: Stage) -> None:
    signed_in(stage, "guest")
    stage.service.script = [Said(body=b'{"places": []}')]
    page = stage.ask("GET", asked(registered(stage)))
    assert page.status_code == 200
    assert "Sign in at your library" in page.text


def test_a_yes_is_kept_as_hashes_with_what_was_left_ticked(stage: Stage) -> None:
    signed_in(stage)
    decides(stage)
    app = registered(stage)
    back = yes(stage, asked(app, scope=f"{READ_CREDENTIALS} {READ_PROFILE}"), READ_PROFILE, "unheard:of")
    found = {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}
    [grant] = stage.grants.rows.values()
    assert (grant.patron, grant.scopes, grant.code) == (ME, (READ_PROFILE,), hash_of(found["code"]))
    assert found["code"] not in repr(grant)
    assert of_row(Grant, to_row(grant, GRANTS)) == grant
    assert grants.principal_of(grant, now()) is None, "a yes alone opens nothing"
    assert of_row(Grant, {**to_row(grant, GRANTS), "newer": 1}) == grant, "a newer release may have written it"
    stored = stage.apps.rows[app["client_id"]]
    assert of_row(App, to_row(stored, APPS)) == stored
    assert app["client_secret"] not in repr(stored)


def test_who_is_too_young_to_decide_alone_lets_nobody_in(stage: Stage) -> None:
    signed_in(stage)
    decides(stage, alone=False)
    url = asked(registered(stage))
    for page in (stage.ask("GET", url), yes(stage, url, READ_CREDENTIALS)):
        assert page.status_code == 200
        assert "A guardian decides this with you" in page.text
        assert 'value="allow"' not in page.text
    assert stage.grants.rows == {}
    assert stage.service.heard[-1].principal.scopes == ("gateway:sign-in",)


TOO_YOUNG = Said(body=b'{"name": "Ana", "needs_guardian": true}')
UNKNOWN = Said(404, b'{"type": "urn:libranet:problem:patron-unknown", "title": "Nobody", "detail": "No."}', PROBLEM)


@pytest.mark.parametrize("said", [TOO_YOUNG, UNKNOWN], ids=["too young", "unknown"])
def test_a_refresh_ends_what_the_patron_would_not_be_let_decide_today(stage: Stage, said: Said) -> None:
    app, tokens = an_app_with_tokens(stage)
    stage.service.script = [said]
    answer = refreshed(stage, app, tokens)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    assert stage.grants.rows == {}
    asked_by = stage.service.heard[-1].principal
    assert (asked_by.actor, asked_by.node, asked_by.scopes) == (ME, "demo.riverside", ("gateway:sign-in",))
    assert stage.ask("GET", CREDENTIALS, tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("said", [
    Said(503, b'{"type": "urn:x", "title": "Away", "detail": "Wait."}', {**PROBLEM, "Retry-After": "9"}),
    Said(500, b"oops", {})], ids=["away", "broken"])
def test_a_refresh_token_outlives_a_fault_of_ours(stage: Stage, said: Said) -> None:
    app, tokens = an_app_with_tokens(stage)
    before = dict(stage.grants.rows)
    stage.service.script = [said]
    answer = refreshed(stage, app, tokens)
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, answer.headers.get("Retry-After")) == (
        502 if said.status == 500 else said.status, said.headers.get("Retry-After"))
    assert stage.grants.rows == before
    decides(stage)
    assert set(refreshed(stage, app, tokens).json) >= {"access_token", "refresh_token"}


def test_a_refresh_waits_for_no_service_that_is_away() -> None:
    with staged(urls={"profiles": "http://127.0.0.1:1"}) as stage:
        app, (_, grant) = registered(stage), let_in(stage, READ_CREDENTIALS)
        stage.grants.rows = {grant.id: replace(grant, app=app["client_id"], refresh=hash_of("r"))}
        answer = refreshed(stage, app, {"refresh_token": "r"})
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
        assert stage.grants.rows[grant.id].revision == grant.revision


def test_an_erased_patrons_code_gives_nothing(stage: Stage) -> None:
    signed_in(stage)
    decides(stage)
    app = registered(stage)
    back = yes(stage, asked(app), READ_CREDENTIALS)
    stage.grants.erased.add(ME)
    answer = redeemed(stage, app, back)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    assert stage.grants.rows == {}


def test_a_new_yes_takes_the_place_of_the_one_before_once_its_code_is_used(stage: Stage) -> None:
    signed_in(stage)
    decides(stage)
    app, other = registered(stage), registered(stage)
    tokens = [redeemed(stage, each, yes(stage, asked(each), READ_CREDENTIALS)).json["access_token"]
              for each in (app, other)]
    back = yes(stage, asked(app), READ_CREDENTIALS)
    assert [stage.ask("GET", CREDENTIALS, each).status_code for each in tokens] == [200, 200]
    tokens.append(redeemed(stage, app, back).json["access_token"])
    assert [stage.ask("GET", CREDENTIALS, each).status_code for each in tokens] == [401, 200, 200]
    assert len(stage.grants.rows) == 2


@pytest.mark.parametrize("kind", ["code", "refresh token"])
def test_what_is_shown_again_is_counted_and_logged_without_itself(stage: Stage, kind: str) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("libranet_gateway_app_tokens_reused_total", {"kind": kind}) or 0.0

    signed_in(stage)
    decides(stage)
    app, before = registered(stage), counted()
    back = yes(stage, asked(app), READ_CREDENTIALS)
    refresh = redeemed(stage, app, back).json["refresh_token"]
    [grant] = stage.grants.rows.values()

    def used() -> Any:
        if kind == "code":
            return redeemed(stage, app, back)
        return tokens_for(stage, app, grant_type="refresh_token", refresh_token=refresh)

    if kind == "refresh token":
        assert used().status_code == 200
    assert counted() == before
    with capture_logs() as lines:
        assert used().json["error"] == "invalid_grant"
    [line] = [each for each in lines if each["log_level"] == "warning"]
    assert (line["kind"], line["app"], line["connection"]) == (kind, app["client_id"], grant.id)
    assert set(line) == {"event", "log_level", "kind", "app", "connection"}
    assert counted() == before + 1
    assert stage.grants.rows == {}


def test_a_yes_and_what_ends_it_are_told_to_the_audit_once(stage: Stage) -> None:
    app, tokens = an_app_with_tokens(stage)
    basic = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    for _ in range(2):
        stage.ask("POST", "/oauth/revoke", body=urlencode({"token": tokens["access_token"]}).encode(), headers={
            "Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"})
    let_in_by, shut_out_by = stage.grants.touches
    assert (let_in_by["action"], let_in_by["actor"], let_in_by["kind"]) == ("app_let_in", subject_of(ME), "patron")
    assert (shut_out_by["action"], shut_out_by["actor"], shut_out_by["kind"]) == (
        "app_shut_out", app["client_id"], "app")
    for touch in stage.grants.touches:
        assert (touch["app"], touch["subject"], touch["node"]) == (app["client_id"], subject_of(ME), "demo.riverside")
        assert ME not in str(touch)


def test_what_the_platform_ends_is_told_as_its_own(stage: Stage) -> None:
    app, tokens = an_app_with_tokens(stage)
    stage.service.script = [TOO_YOUNG]
    refreshed(stage, app, tokens)
    touch = stage.grants.touches[-1]
    assert (touch["action"], touch["actor"], touch["app"]) == ("app_shut_out", "gateway", app["client_id"])


def test_a_connection_is_shown_once_profiles_knows_the_patron(stage: Stage) -> None:
    [key] = stage.clients.invite("library")
    assert stage.ask("GET", f"/v1/patrons/{ME}/connections", key).status_code == 200
    assert [each.target for each in stage.service.heard[-2:]] == [f"/v1/patrons/{ME}", f"/v1/patrons/{ME}/connections"]
    unknown = {"type": "urn:libranet:problem:patron-unknown", "title": "No such patron", "detail": "No."}
    stage.service.script = [Said(404, json.dumps(unknown).encode(), PROBLEM)]
    stage.service.heard.clear()
    assert stage.ask("DELETE", f"/v1/patrons/{ME}/connections/{ME}", key).status_code == 404
    assert len(stage.service.heard) == 1
