"""What wallets ask passes the gateway with their token and comes back in OAuth's words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.rates import RateSettings
from tests.services.gateway_stage import Said, Stage, staged

TOKEN = "/issuers/demo.riverside/token"
CREDENTIAL = "/issuers/demo.riverside/credential"
PROBLEM, FORM = "application/problem+json", "application/x-www-form-urlencoded"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(rates=RateSettings(guesses="2/minute")) as made:
        yield made


def says(stage: Stage, status: int, body: Any, **headers: str) -> Said:
    said = Said(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
    stage.service.script = [said]
    return said


def test_a_refusal_comes_back_as_it_is(stage: Stage) -> None:
    says(stage, 401, {"error": "invalid_token"}, **{"WWW-Authenticate": 'Bearer error="invalid_token"',
                                                  "Cache-Control": "no-store"})
    answer = stage.ask("POST", CREDENTIAL, body=b"{}")
    assert (answer.status_code, answer.mimetype, answer.json) == (401, "application/json", {"error": "invalid_token"})
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_access_token_and_the_body_reach_the_service_as_they_are(stage: Stage) -> None:
    stage.ask("POST", CREDENTIAL, "secret", b'{"a": 1}')
    heard = stage.service.heard[-1]
    assert (heard.headers["Authorization"], heard.body) == ("Bearer secret", b'{"a": 1}')
    assert heard.principal.kind == "public"


def test_no_other_call_is_handed_a_token(stage: Stage) -> None:
    [key] = stage.clients.invite("library")
    stage.ask("GET", "/v1/courses", key)
    assert "Authorization" not in stage.service.heard[-1].headers
    stage.ask("GET", "/credentials/abc", key)
    assert "Authorization" not in stage.service.heard[-1].headers


def test_a_form_reaches_the_service_unread(stage: Stage) -> None:
    stage.ask("POST", TOKEN, body=b"grant_type=x&\xff", headers={"Content-Type": FORM})
    heard = stage.service.heard[-1]
    assert heard.body == b"grant_type=x&\xff"
    assert heard.headers["Content-Type"] == FORM


def test_wrong_codes_of_one_address_are_few_and_right_ones_get_in(stage: Stage) -> None:
    for expected in (400, 400, 429, 429):
        says(stage, 400, {"error": "invalid_grant"})
        answer = stage.ask("POST", TOKEN, body=b"a=1")
        assert answer.status_code == expected
    assert answer.mimetype == PROBLEM
    says(stage, 200, {"access_token": "x"})
    assert stage.ask("POST", TOKEN, body=b"a=1").status_code == 200


def test_other_refusals_are_no_wrong_codes(stage: Stage) -> None:
    for _ in range(5):
        says(stage, 400, {"error": "invalid_request"})
        assert stage.ask("POST", TOKEN, body=b"a=1").status_code == 400


def test_a_problem_of_the_service_stays_one_and_a_missing_principal_is_nobodys_business(stage: Stage) -> None:
    stage.service.script = [Said(404, b"{}", {"Content-Type": PROBLEM})]
    assert stage.ask("GET", "/.well-known/openid-credential-issuer/issuers/demo.nowhere").status_code == 404
    stage.service.script = [Said(401, b"{}", {"Content-Type": PROBLEM})]
    assert stage.ask("POST", TOKEN, body=b"a=1").status_code == 502


def test_a_wallet_in_a_browser_may_ask_and_nothing_else_is_opened(stage: Stage) -> None:
    asked = {"Origin": "https://wallet.example.org", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization, content-type"}
    answer = stage.ask("OPTIONS", CREDENTIAL, headers=asked)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Access-Control-Allow-Origin" not in stage.ask("OPTIONS", "/v1/courses", headers=asked).headers
