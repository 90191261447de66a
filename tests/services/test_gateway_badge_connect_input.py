"""Open Badges 3.0 at the gateway: what is no request, no form and no name is refused in OAuth's words."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from contracts.calls.badge_connect import MAX_BYTES, READ_CREDENTIALS
from gateway.rates import RateSettings
from tests.services.badge_connect_stage import (
    CALLBACK,
    CREDENTIALS,
    METADATA,
    OWN,
    asked,
    decides,
    let_in,
    registered,
    signed_in,
    stage,
)
from tests.services.gateway_stage import Said, Stage, staged

__all__ = ["stage"]


def test_a_request_that_no_sign_in_could_come_back_to_is_refused(stage: Stage) -> None:
    stage.service.script = [Said(body=b'{"places": []}')]
    page = stage.ask("GET", asked(registered(stage), padding="x" * 2000))
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "too long" in page.text


@pytest.mark.parametrize(("path", "body", "media_type"), [
    ("/oauth/token", b"grant_type=x&grant_type=y", "text/plain"), ("/oauth/token", b"\xff\xfe", None),
    ("/oauth/token", b"a=1&" * 50, None), ("/oauth/revoke", b"", None), ("/oauth/token", b"%ff=%fe", None)])
def test_what_is_no_form_is_refused_in_oauths_words(
        stage: Stage, path: str, body: bytes, media_type: str | None) -> None:
    answer = stage.ask("POST", path, body=body, headers={
        "Content-Type": media_type or "application/x-www-form-urlencoded"})
    assert answer.status_code in (400, 401)
    assert answer.json["error"] in ("invalid_request", "invalid_client", "unsupported_grant_type")
    assert answer.headers["Cache-Control"] == "no-store"


def test_keys_that_an_app_names_are_not_even_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("joserfc.jwk.KeySet.import_key_set", lambda *_: pytest.fail("a key was imported"))
    for changes in ({"jwks": {"keys": [{"kty": "RSA", "d": "AQAB"}]}}, {"jwks_uri": "x"}, {"contacts": 7}):
        answer = stage.ask("POST", "/oauth/register", body={**METADATA, **changes})
        assert answer.status_code == 201
        assert not set(changes) & set(answer.json)


@pytest.mark.parametrize("path", ["/oauth/register", "/oauth/token", "/oauth/revoke", "/oauth/authorize"])
def test_no_endpoint_of_oauth_reads_long_bodies(stage: Stage, path: str) -> None:
    answer = stage.ask("POST", path, body=b"x" * (MAX_BYTES + 1), headers={**OWN, "Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
@pytest.mark.parametrize("shown", ["Basic \xe9", "Basic /w==", "Basic x"])
def test_credentials_that_cannot_be_read_are_refused_in_oauths_words(stage: Stage, path: str, shown: str) -> None:
    answer = stage.ask("POST", path, body=b"grant_type=refresh_token", headers={
        "Authorization": shown, "Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(("since", "status"), [
    ("0001-01-01T00:00:00+14:00", 400), ("9999-12-31T23:59:59-14:00", 400), ("0001-01-01T00:00:00Z", 200)])
def test_a_time_that_utc_does_not_have_is_refused(stage: Stage, since: str, status: int) -> None:
    token, _ = let_in(stage, READ_CREDENTIALS)
    answer = stage.ask("GET", f"{CREDENTIALS}?{urlencode({'since': since})}", token)
    assert answer.status_code == status, answer.text
    assert status == 200 or answer.json["imsx_codeMajor"] == "failure"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_led_away_by_an_apps_mistake(stage: Stage, method: str) -> None:
    signed_in(stage)
    decides(stage)
    headers = {**OWN, "Content-Type": "application/x-www-form-urlencoded"}
    page = stage.ask(method, asked(registered(stage), scope="openid"), body=b"action=allow", headers=headers)
    assert (page.status_code, page.mimetype, "Location" in page.headers) == (400, "text/html", False)
    [link] = re.findall('href="([^"]*)"', page.text)
    found = parse_qs(urlsplit(unescape(link)).query)
    assert unescape(link).startswith(f"{CALLBACK}?")
    assert (found["error"], found["state"], found["iss"]) == (["invalid_scope"], ["s"], ["http://localhost"])
    assert f"<code>{urlsplit(CALLBACK).netloc}</code>" in page.text


def test_registering_is_limited_by_address() -> None:
    with staged(rates=RateSettings(registrations="2/hour")) as stage:
        told = [stage.ask("POST", "/oauth/register", body=METADATA) for _ in range(3)]
    assert [each.status_code for each in told] == [201, 201, 429]
    assert told[-1].mimetype == "application/problem+json"


@pytest.mark.parametrize("name", [
    "Wal\u200blet", "Wal\u00adlet", "Wallet\U000e0041", "Wallet\u2066", "Wallet\ue000", "Wallet\u0378", "\u2028a",
    "---", "\u0301", "Wa\u0301\u0302\u0303llet"], ids=ascii)
def test_a_name_that_people_cannot_tell_from_others_is_refused(stage: Stage, name: str) -> None:
    answer = stage.ask("POST", "/oauth/register", body={**METADATA, "client_name": name})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata")
    assert "client_name" in answer.json["error_description"]


@pytest.mark.parametrize("name", ["7", "Ví điện tử", "\u0e17\u0e35\u0e48", "財布", "Wallet & Co. (2)"])
def test_a_name_may_be_of_any_script(stage: Stage, name: str) -> None:
    assert registered(stage, client_name=name)["client_name"] == name


@pytest.mark.parametrize("changes", [
    {"redirect_uris": [CALLBACK] * 6}, {"redirect_uris": [CALLBACK + "x" * 300]}, {"software_id": "x" * 121},
    {"software_version": "x" * 121}, {"client_uri": METADATA["client_uri"] + "x" * 300}, {"scope": "x" * 1001}])
def test_what_is_kept_of_an_app_is_short(stage: Stage, changes: dict[str, Any]) -> None:
    answer = stage.ask("POST", "/oauth/register", body={**METADATA, **changes})
    assert answer.status_code == 400
    assert "at most" in answer.json["error_description"] or "1 to 5" in answer.json["error_description"]
    assert stage.apps.rows == {}
