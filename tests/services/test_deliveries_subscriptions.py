"""Subscriptions through the gateway's door: made, listed, ended, looked into, sent again."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.errors import ServerSelectionTimeoutError

from contracts.calls import subscriptions as calls
from gateway import failures, tracing
from gateway.deliveries.feed import Feed
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.routes import events, subscriptions
from libranet.clock import now
from tests.services.deliveries_stage import COLLEGE, ISSUED, Stage, course
from tests.services.gateway_stage import MemoryClients, a_guard

URL = "https://college.example.org/hook"
PUBLIC = "93.184.215.14"
Ask = Callable[..., Any]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("WEBHOOK_KEK", "ab" * 32)
    monkeypatch.delenv("WEBHOOK_ALLOWED_NETWORKS", raising=False)
    return Stage()


@pytest.fixture
def clients() -> MemoryClients:
    return MemoryClients()


def resolve(host: str, _port: int) -> list[str]:
    if host.startswith("nowhere"):
        raise OSError("no such name")
    return ["10.0.0.7"] if host.startswith("inside") else [PUBLIC]


@pytest.fixture
def http(stage: Stage, clients: MemoryClients) -> FlaskClient:
    app = Flask("gateway")
    guard = a_guard(clients)
    for part in (tracing, failures):
        part.install(app)
    store = SubscriptionStore(stage.collections())  # type: ignore[arg-type]
    subscriptions.install(app, guard, store, resolve)
    events.install(app, guard, store, Feed(stage.collections()))  # type: ignore[arg-type]
    return app.test_client()


@pytest.fixture
def ask(http: FlaskClient, clients: MemoryClients) -> Ask:
    (key,) = clients.invite("college", COLLEGE)

    def asked(method: str, path: str, body: Any = None, by: str = key, **headers: str) -> Any:
        return http.open(path, method=method, json=body, headers={
            "Authorization": f"Bearer {by}", **{name.replace("_", "-"): text for name, text in headers.items()}})

    return asked


def test_the_secret_is_shown_once(ask: Ask, stage: Stage) -> None:
    made = ask("POST", "/v1/subscriptions", {"url": URL, "types": ["credential-issued"]})
    assert (made.status_code, made.json["types"], made.json["enabled"]) == (201, [ISSUED], True)
    assert made.json["secret"].startswith("whsec_")
    assert made.headers["Cache-Control"] == "no-store"
    seen = ask("GET", made.headers["Location"])
    assert "secret" not in seen.json
    assert ask("GET", "/v1/subscriptions").json == {"items": [seen.json], "next": None}
    assert made.json["secret"] not in str(stage.state)
    assert not calls.NewSubscription().validate(made.json)


@pytest.mark.parametrize(("body", "field", "word"), [
    ({"url": URL, "types": ["nonsense"]}, "/types/0", "credential-issued"),
    ({"url": URL, "types": ["*", "patron-erased"]}, "/types/1", "course-offered"),
    ({"url": URL, "types": []}, "/types", ""), ({"url": URL}, "/types", ""), ({"types": ["*"]}, "/url", ""),
    ({"url": 7, "types": ["*"]}, "/url", ""), ({"url": URL, "types": "*"}, "/types", ""),
    ({"url": URL, "types": [7]}, "/types/0", ""), ({"url": URL, "types": ["*"], "secret": "x"}, "/secret", ""),
    ({"url": "http://college.example.org/", "types": ["*"]}, "/url", "https"),
    ({"url": "https://inside.example.org/", "types": ["*"]}, "/url", "operator"),
    ({"url": "https://nowhere.example.org/", "types": ["*"]}, "/url", "resolve"),
    ({"url": "https://127.0.0.1/", "types": ["*"]}, "/url", "operator"),
])
def test_a_refused_subscription_says_where_and_why(ask: Ask, stage: Stage, body: Any, field: str, word: str) -> None:
    answer = ask("POST", "/v1/subscriptions", body)
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json["errors"]]
    assert word in answer.json["detail"]
    assert stage.state["subscriptions"] == {}


def test_a_pull_subscription_has_no_address_and_no_secret(ask: Ask) -> None:
    made = ask("POST", "/v1/subscriptions", {"delivery": "pull", "types": ["*"]})
    assert (made.status_code, made.json["delivery"]) == (201, "pull")
    assert not {"url", "secret"} & set(made.json)
    assert not calls.NewSubscription().validate(made.json)


@pytest.mark.parametrize(("body", "field"), [
    ({"delivery": "webhook", "types": ["*"]}, "/url"), ({"delivery": "pull", "url": URL, "types": ["*"]}, "/url"),
    ({"delivery": "amqp", "types": ["*"]}, "/delivery"), ({"delivery": "", "url": URL, "types": ["*"]}, "/delivery"),
    ({"delivery": None, "url": URL, "types": ["*"]}, "/delivery")])
def test_a_way_that_is_none_is_refused_by_name(ask: Ask, body: Any, field: str) -> None:
    answer = ask("POST", "/v1/subscriptions", body)
    assert (answer.status_code, [each["field"] for each in answer.json["errors"]]) == (422, [field])


def test_the_operator_may_allow_a_partner_a_network(ask: Ask, stage: Stage) -> None:
    store = SubscriptionStore(stage.collections())  # type: ignore[arg-type]
    body = {"url": "http://inside.example.org:9000/", "types": ["*"]}
    store.allow_network("demo.mill", "10.0.0.0/24")
    assert ask("POST", "/v1/subscriptions", body).status_code == 422
    store.allow_network(COLLEGE, "10.0.0.0/24")
    assert ask("POST", "/v1/subscriptions", body).status_code == 201
    store.disallow_network(COLLEGE, "10.0.0.0/24")
    assert store.networks_of(COLLEGE) == ()
    with pytest.raises(ValueError, match="host bits"):
        store.allow_network(COLLEGE, "10.0.0.1/24")


def test_a_repeated_request_gets_the_first_answer(ask: Ask, stage: Stage) -> None:
    body = {"url": URL, "types": ["*"]}
    first, second = (ask("POST", "/v1/subscriptions", body, Idempotency_Key="once") for _ in range(2))
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(stage.state["subscriptions"]) == 1
    other = ask("POST", "/v1/subscriptions", {"url": URL, "types": [ISSUED]}, Idempotency_Key="once")
    assert (other.status_code, other.json["type"]) == (422, "urn:libranet:problem:idempotency-key-reused")


def test_the_same_key_of_another_client_is_another_request(ask: Ask, clients: MemoryClients) -> None:
    body = {"url": URL, "types": ["*"]}
    (other,) = clients.invite("college", "demo.mill")
    ids = {ask("POST", "/v1/subscriptions", body, Idempotency_Key="once").json["id"],
           ask("POST", "/v1/subscriptions", body, by=other, Idempotency_Key="once").json["id"]}
    assert len(ids) == 2


def test_somebody_elses_subscription_looks_like_none(ask: Ask, stage: Stage, clients: MemoryClients) -> None:
    theirs = stage.subscribe("*", node="demo.mill")
    stage.hear(course())
    (row,) = stage.deliveries()
    for method, path, body in (
            ("GET", "", None), ("DELETE", "", None), ("GET", "/deliveries", None), ("POST", "/enable", None),
            ("POST", "/secret", {}), ("POST", "/replay", {"since": "2026-11-20T00:00:00Z"}),
            ("POST", f"/deliveries/{row['_id']}/redeliver", None)):
        assert ask(method, f"/v1/subscriptions/{theirs}{path}", body).status_code == 404
        assert ask(method, f"/v1/subscriptions/unknown{path}", body).status_code == 404
    assert ask("GET", "/v1/subscriptions").json["items"] == []
    assert theirs in stage.state["subscriptions"]


@pytest.mark.parametrize("call", calls.CALLS, ids=lambda call: call.name)
def test_every_call_needs_a_key_with_the_scope(http: FlaskClient, clients: MemoryClients, call: Any) -> None:
    path = call.path.replace("<subscription>", "s").replace("<delivery>", "d")
    assert http.open(path, method=call.method).status_code == 401
    (key,) = clients.invite("platform")
    assert http.open(path, method=call.method, headers={"Authorization": f"Bearer {key}"}).status_code == 403


def test_a_subscription_of_the_version_before_works_and_changes_like_any_other(ask: Ask, stage: Stage) -> None:
    identity = stage.subscribe("*")
    kept = stage.state["subscriptions"][identity]
    old = {name: kept[name] for name in ("_id", "owner", "url", "types", "enabled", "created_at", "digest")}
    stage.state["subscriptions"][identity] = old | {"secrets": [kept["secret"]], "schema_version": 1}
    assert ask("GET", f"/v1/subscriptions/{identity}").json["delivery"] == "webhook"
    assert ask("POST", f"/v1/subscriptions/{identity}/secret", {}).status_code == 200
    row = stage.state["subscriptions"][identity]
    assert (row["schema_version"], row["former_secrets"][0]["sealed"]) == (2, kept["secret"])


def test_an_ended_subscription_is_gone(ask: Ask, stage: Stage) -> None:
    path = f"/v1/subscriptions/{stage.subscribe('*')}"
    assert ask("DELETE", path).status_code == 204
    assert ask("GET", path).status_code == 404


def test_deliveries_come_newest_first_in_pages(ask: Ask, stage: Stage) -> None:
    subscription = stage.subscribe("*")
    stage.hear(course(), course(), course())
    path = f"/v1/subscriptions/{subscription}/deliveries?limit=2"
    page = ask("GET", path).json
    rest = ask("GET", f"{path}&cursor={page['next']}").json
    newest_first = [row["_id"] for row in reversed(stage.deliveries())]
    assert [each["id"] for each in (*page["items"], *rest["items"])] == newest_first
    assert rest["next"] is None
    assert not calls.DeliveryList().validate(page)
    assert {each["webhook_id"] for each in page["items"]} == {
        stage.state["deliveries"][each]["message"] for each in newest_first[:2]}


def test_a_delivery_is_sent_again_on_demand(ask: Ask, stage: Stage) -> None:
    subscription = stage.subscribe("*")
    stage.hear(course())
    (row,) = stage.deliveries()
    row |= {"status": "failed", "tries": 9, "next_attempt_at": None}
    stage.state["arrivals"].clear()
    path = f"/v1/subscriptions/{subscription}/deliveries/{row['_id']}/redeliver"
    answer = ask("POST", path)
    assert (answer.status_code, answer.json["status"], row["tries"]) == (202, "pending", 0)
    assert [each["deliveries"] for each in stage.state["arrivals"].values()] == [[row["_id"]]]
    assert ask("POST", path.replace(row["_id"], "unknown")).status_code == 404
    stage.state["subscriptions"][subscription] |= {"enabled": False, "disabled_at": now()}
    assert ask("POST", path).status_code == 409


def test_a_delivery_of_another_subscription_is_not_found(ask: Ask, stage: Stage) -> None:
    mine = stage.subscribe("*")
    stage.subscribe("*", node="demo.mill")
    stage.hear(course())
    theirs = next(row for row in stage.deliveries() if row["subscription"] != mine)
    assert ask("POST", f"/v1/subscriptions/{mine}/deliveries/{theirs['_id']}/redeliver").status_code == 404


def test_while_the_database_is_away_the_answer_is_503(
        ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise ServerSelectionTimeoutError("away")

    monkeypatch.setattr(SubscriptionStore, "page", away)
    answer = ask("GET", "/v1/subscriptions")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
