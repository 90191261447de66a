"""Signing in by card at the gateway's door, and the page that tests a library's system."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.calls import cards
from gateway.rates import RateSettings
from tests.services.gateway_stage import Said, Stage, staged

NODE, CARD, PIN = "demo.riverside", "21234000011112", "pin-4711"
PATRON = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88"
PROBLEM = {"Content-Type": "application/problem+json"}
BODY = {"node": NODE, "card": CARD, "pin": PIN}
PAGE = f"/nodes/{NODE}/card-connection/test"


def refusal(slug: str, status: int, **headers: str) -> Said:
    body = {"type": f"urn:libranet:problem:{slug}", "title": "Title", "status": status, "detail": "Detail.",
            "instance": "/internal/sign-in-by-card"}
    return Said(status, json.dumps(body).encode(), {**PROBLEM, **headers})


GOOD = Said(body=json.dumps({"patron": PATRON, "node": NODE, "registered": True}).encode())
WRONG = refusal("card-not-accepted", 403)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(rates=RateSettings(card_failures="3/minute")) as stage:
        stage.service.script = [GOOD]
        yield stage


def asked(stage: Stage) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in stage.service.heard]


def test_a_good_card_begins_a_session_of_that_patron(stage: Stage) -> None:
    answer = stage.ask("POST", "/v1/sessions", body=BODY)
    assert answer.status_code == 201
    shown = answer.get_json()
    assert (shown["patron"], shown["node"], shown["idle_seconds"]) == (PATRON, NODE, 1800)
    assert shown["expires_at"].endswith("Z")
    me = stage.ask("GET", "/v1/me", shown["token"]).get_json()
    assert (me["actor"], me["kind"], me["node"]) == (PATRON, "patron", NODE)


def test_the_service_is_asked_by_the_gateway_itself_and_by_nobody_else(stage: Stage) -> None:
    stage.ask("POST", "/v1/sessions", body=BODY)
    [heard] = stage.service.heard
    who = heard.principal
    assert (who.kind, who.scopes) == ("gateway", (cards.GATEWAY,))
    assert heard.target == "/internal/sign-in-by-card"
    for kind in ("library", "operator", "college", "platform"):
        [key] = stage.clients.invite(kind)
        for call in cards.INTERNAL:
            assert stage.ask(call.method, call.path.replace("<node>", NODE), key, BODY).status_code == 404


def test_a_refusal_is_told_as_the_service_says_it(stage: Stage) -> None:
    stage.service.script = [WRONG, refusal("library-system-away", 503, **{"Retry-After": "30"})]
    first, second = (stage.ask("POST", "/v1/sessions", body=BODY) for _ in range(2))
    assert (first.status_code, first.get_json()["type"]) == (403, "urn:libranet:problem:card-not-accepted")
    assert first.get_json()["instance"] == "/v1/sessions"
    assert (second.status_code, second.headers["Retry-After"]) == (503, "30")
    assert stage.sessions.rows == {}


def test_an_address_with_many_failures_is_crowded_and_nobody_is_shut_out(stage: Stage) -> None:
    stage.service.script = [WRONG, WRONG, WRONG, GOOD]
    for _ in range(4):
        answer = stage.ask("POST", "/v1/sessions", body=BODY)
    assert answer.status_code == 201
    assert [each["crowded"] for each in asked(stage)] == [False, False, False, True]
    elsewhere = stage.ask("POST", "/v1/sessions", body=BODY, environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert elsewhere.status_code == 201
    assert asked(stage)[-1]["crowded"] is False


def test_a_system_that_is_away_crowds_nothing(stage: Stage) -> None:
    stage.service.script = [refusal("library-system-away", 503)]
    for _ in range(5):
        stage.ask("POST", "/v1/sessions", body=BODY)
    assert not any(each["crowded"] for each in asked(stage))


def test_no_card_and_no_pin_gets_into_the_log(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.service.script = [GOOD, WRONG]
    for _ in range(2):
        stage.ask("POST", "/v1/sessions", body=BODY)
    stage.ask("POST", PAGE, body=f"key=x&card={CARD}&pin={PIN}".encode(),
              headers={"Content-Type": "application/x-www-form-urlencoded"})
    told = capsys.readouterr()
    assert CARD not in told.out + told.err
    assert PIN not in told.out + told.err


@pytest.mark.parametrize("body", [
    {**BODY, "pin": ""}, {**BODY, "pin": None}, {**BODY, "card": ""}, {**BODY, "crowded": False}, {**BODY, "node": ""},
    {"node": NODE, "card": CARD}, {**BODY, "card": "x" * 500}, {**BODY, "pin": ["1"]}])
def test_what_is_not_as_described_reaches_no_service(stage: Stage, body: dict[str, Any]) -> None:
    assert stage.ask("POST", "/v1/sessions", body=body).status_code == 422
    assert stage.service.heard == []


def test_signing_in_again_ends_the_session_that_was_shown(stage: Stage) -> None:
    first = stage.ask("POST", "/v1/sessions", body=BODY).get_json()["token"]
    second = stage.ask("POST", "/v1/sessions", first, body=BODY).get_json()["token"]
    assert list(stage.sessions.rows) == [second]


def test_signing_out_ends_the_session_and_leaves_a_programs_key_alone(stage: Stage) -> None:
    token = stage.ask("POST", "/v1/sessions", body=BODY).get_json()["token"]
    assert stage.ask("DELETE", "/v1/sessions/current", token).status_code == 204
    assert stage.ask("GET", "/v1/me", token).status_code == 401
    [key] = stage.clients.invite()
    assert stage.ask("DELETE", "/v1/sessions/current", key).status_code == 204
    assert stage.ask("GET", "/v1/me", key).status_code == 200


def post_form(stage: Stage, **said: str) -> Any:
    return stage.http.post(PAGE, data=said)


RESULT = {"node": NODE, "works": False, "steps": [
    {"name": "connect", "outcome": "ok", "note": "", "sent": "", "got": "", "milliseconds": 1.5},
    {"name": "patron", "outcome": "failed", "note": "<b>no</b>", "sent": "63AA•••|", "got": "64…BLN|",
     "milliseconds": 2.0}]}


def test_the_test_page_works_without_scripts_and_names_its_fields(stage: Stage) -> None:
    page = stage.http.get(PAGE)
    assert page.status_code == 200
    text = page.text
    assert '<html lang="en" dir="ltr">' in text
    assert "<script" not in text
    for name in ("key", "card", "pin"):
        assert f'<label for="{name}">' in text
        assert f'id="{name}"' in text
    assert text.count('type="password"') == 2
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_the_test_page_shows_each_step(stage: Stage) -> None:
    [key] = stage.clients.invite()
    stage.service.script = [Said(body=json.dumps(RESULT).encode())]
    text = post_form(stage, key=key, card=CARD, pin=PIN).text
    assert "It does not work." in text
    assert "63AA•••|" in text
    assert "&lt;b&gt;no" in text
    for secret in (key, CARD, PIN):
        assert secret not in text
    [heard] = stage.service.heard
    assert heard.target == f"/v1/nodes/{NODE}/card-connection/tests"
    assert heard.principal.kind == "library"


def test_the_test_page_says_what_is_wrong_on_the_page(stage: Stage) -> None:
    [college] = stage.clients.invite("college")
    assert post_form(stage, key="").status_code == 401
    assert post_form(stage, key="k_aaaaaaaaaaaaaaaa.secret").status_code == 401
    assert post_form(stage, key=college).status_code == 403
    assert stage.http.post(PAGE, json={"key": college}).status_code == 415
    assert stage.service.heard == []
    [key] = stage.clients.invite()
    stage.service.script = [refusal("cards-not-connected", 404)]
    answer = post_form(stage, key=key)
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert "Detail." in answer.text


def test_wrong_keys_on_the_page_are_counted_like_others() -> None:
    with staged(rates=RateSettings(sign_in_failures="2/minute")) as stage:
        told = [post_form(stage, key="k_aaaaaaaaaaaaaaaa.secret").status_code for _ in range(3)]
    assert told == [401, 401, 429]
