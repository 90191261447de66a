"""Sessions of persons at the door: what opens with one, and what does not."""

from collections.abc import Iterator

import pytest

from contracts.principal import PERSONS
from gateway.rates import RateSettings
from gateway.sessions import token_of
from tests.services.gateway_stage import Stage, staged

ME, OTHER = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88", "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e89"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


@pytest.mark.parametrize("kind", PERSONS)
def test_a_session_tells_the_service_who_acts(stage: Stage, kind: str) -> None:
    token = stage.sessions.begin(kind, ME, "demo.riverside").token
    assert stage.ask("GET", f"/v1/patrons/{ME}", token).status_code == 200
    who = stage.service.heard[-1].principal
    assert (who.actor, who.kind, who.node, who.scopes) == (ME, kind, "demo.riverside", ())
    assert stage.ask("GET", "/v1/me", token).json["actor"] == ME


def test_somebody_elses_record_does_not_exist_for_a_person(stage: Stage) -> None:
    token = stage.sessions.begin("patron", ME, "demo.riverside").token
    stage.service.heard.clear()
    assert stage.ask("GET", f"/v1/patrons/{OTHER}", token).status_code == 404
    assert stage.ask("GET", "/v1/measures", token).status_code == 403
    assert stage.ask("POST", "/v1/patrons", token, {}).status_code == 403
    assert not stage.service.heard


@pytest.mark.parametrize("token", ["s_", "s_" + "x" * 43, "s_" + "x" * 42 + "/", "s_" + "x" * 5000])
def test_what_is_no_session_opens_nothing(stage: Stage, token: str) -> None:
    answer = stage.ask("GET", f"/v1/patrons/{ME}", token)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_an_ended_session_opens_nothing(stage: Stage) -> None:
    token = stage.sessions.begin("patron", ME, "demo.riverside").token
    stage.sessions.end(token)
    assert stage.ask("GET", f"/v1/patrons/{ME}", token).status_code == 401


def test_while_the_database_is_away_nobody_is_taken_for_signed_out(stage: Stage) -> None:
    token = stage.sessions.begin("patron", ME, "demo.riverside").token
    stage.sessions.away = True
    assert stage.ask("GET", f"/v1/patrons/{ME}", token).status_code == 503
    stage.sessions.away = False


def test_persons_share_the_limit_of_their_network() -> None:
    with staged(rates=RateSettings(address="2/minute")) as stage:
        tokens = [stage.sessions.begin("guest", each, "demo.riverside").token for each in (ME, OTHER, ME)]
        assert [stage.ask("GET", "/v1/me", each).status_code for each in tokens] == [200, 200, 429]


def test_a_token_is_read_from_a_bearer_header_only() -> None:
    token = "s_" + "a" * 43
    assert token_of(f"Bearer {token}") == token_of(f"bearer   {token} ") == token
    for header in (None, "", token, f"Basic {token}", f"Bearer x{token}", "Bearer k_aaaaaaaaaaaaaaaa.secret"):
        assert token_of(header) is None
