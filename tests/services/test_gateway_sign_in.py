"""Who gets in, and as whom."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts import principal as principals
from gateway import auth
from gateway.auth import Authenticator
from gateway.clients import Key, hash_of, rotated
from libranet.problems import ServiceAway, SignInNeeded
from tests.services.gateway_stage import MemoryClients, Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(key.replace(".", ":", 1).encode()).decode()}


def test_a_bearer_key_tells_who_calls(stage: Stage) -> None:
    [key] = stage.clients.invite("library", "demo.riverside")
    me = stage.ask("GET", "/v1/me", key)
    assert me.status_code == 200
    assert (me.json["actor"], me.json["kind"], me.json["node"]) == (key.split(".")[0], "library", "demo.riverside")
    assert "patrons:write" in me.json["scopes"]


def test_basic_does_the_same_as_bearer(stage: Stage) -> None:
    [key] = stage.clients.invite("platform")
    assert stage.ask("GET", "/xAPI/statements", headers=basic(key)).status_code == 200
    assert stage.ask("GET", "/xAPI/statements", key).status_code == 200


def test_both_live_keys_of_a_client_work(stage: Stage) -> None:
    for key in stage.clients.invite(keys=2):
        assert stage.ask("GET", "/v1/me", key).status_code == 200


@pytest.mark.parametrize("header", [
    "", "Bearer", "Bearer ", "Bearer nonsense", "Bearer k_aaaaaaaaaaaaaaaa.wrong", "Basic !!!", "Basic aGVsbG8=",
    "Digest username=x", "Bearer k_aaaaaaaaaaaaaaaa.", "Bearer " + "x" * 5000, "Basic " + "/w=="])
def test_a_wrong_authorization_is_a_problem_with_a_challenge(stage: Stage, header: str) -> None:
    answer = stage.ask("GET", "/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert "Basic" in answer.headers["WWW-Authenticate"]


def test_without_the_scope_the_answer_is_403_and_names_it(stage: Stage) -> None:
    [key] = stage.clients.invite("college")
    answer = stage.ask("GET", "/v1/measures", key)
    assert answer.status_code == 403
    assert "measures:read" in answer.json["detail"]


def test_a_revoked_key_is_refused_once_it_is_looked_up_again() -> None:
    clients, time = MemoryClients(), [0.0]
    authenticator = Authenticator(clients, lambda: time[0])  # type: ignore[arg-type]
    [key] = clients.invite()
    client_id = key.split(".")[0]
    assert authenticator.sign_in(f"Bearer {key}").id == client_id
    clients.rows[client_id] = replace(clients.rows[client_id], enabled=False)
    time[0] += 10
    with pytest.raises(SignInNeeded):
        authenticator.sign_in(f"Bearer {key}")


def test_whoever_was_seen_lately_keeps_working_while_the_database_is_away() -> None:
    clients, time = MemoryClients(), [0.0]
    authenticator = Authenticator(clients, lambda: time[0])  # type: ignore[arg-type]
    [known], [unknown] = clients.invite(), clients.invite()
    authenticator.sign_in(f"Bearer {known}")
    clients.away = True
    time[0] += 60
    assert authenticator.sign_in(f"Bearer {known}")
    with pytest.raises(ServiceAway):
        authenticator.sign_in(f"Bearer {unknown}")
    time[0] += auth.STALE_SECONDS
    with pytest.raises(ServiceAway):
        authenticator.sign_in(f"Bearer {known}")


def test_what_is_remembered_of_unknown_clients_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MAX_CACHED", 5)
    clients = MemoryClients()
    authenticator = Authenticator(clients)  # type: ignore[arg-type]
    [key] = clients.invite()
    authenticator.sign_in(f"Bearer {key}")
    for letter in "abcdefghij":
        with pytest.raises(SignInNeeded):
            authenticator.sign_in(f"Bearer k_{letter * 16}.x")
    clients.away = True
    assert authenticator.sign_in(f"Bearer {key}")


def test_the_use_of_a_key_is_noted_once() -> None:
    clients = MemoryClients()
    authenticator = Authenticator(clients)  # type: ignore[arg-type]
    [key] = clients.invite()
    for _ in range(3):
        authenticator.sign_in(f"Bearer {key}")
    assert clients.used == [key.split(".")[0]]


def test_rotation_keeps_the_newest_of_the_older_keys() -> None:
    keys = [Key(hash_of(str(day)), datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2, 3)]
    assert rotated((keys[1], keys[0]), keys[2]) == (keys[1], keys[2])
    assert rotated((), keys[0]) == (keys[0],)


def test_the_service_learns_who_calls_from_a_signed_principal(stage: Stage) -> None:
    [key] = stage.clients.invite("library", "demo.hillside")
    stage.ask("GET", "/v1/courses", key)
    who = stage.service.heard[-1].principal
    assert (who.actor, who.node) == (key.split(".")[0], "demo.hillside")
    assert "Authorization" not in stage.service.heard[-1].headers


def test_a_caller_cannot_bring_a_principal(stage: Stage) -> None:
    [key] = stage.clients.invite("library", "demo.hillside")
    stage.ask("GET", "/v1/courses", key, headers={principals.HEADER: "forged"})
    assert stage.service.heard[-1].principal.node == "demo.hillside"


def test_the_public_gets_through_a_public_door_as_nobody(stage: Stage) -> None:
    answer = stage.ask("GET", "/credentials/abcdefghij")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    who = stage.service.heard[-1].principal
    assert who == principals.PUBLIC
