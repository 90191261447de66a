"""Endpoints that are given up and switched on again, replays, and secrets that change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from contracts.calls import subscriptions as calls
from gateway import failures, tracing
from gateway.deliveries import attempting, replaying
from gateway.deliveries.domain import failing
from gateway.deliveries.domain.schedule import Attempt
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.routes import subscriptions
from libranet.clock import now, rfc3339
from libranet.ids import new_id
from tests.services.deliveries_stage import COLLEGE, ISSUED, OFFERED, Stage, consent, course, credential, erased
from tests.services.gateway_stage import FakeService, MemoryClients, a_guard

Ask = Callable[..., Any]
NOTICE = "org.libranet.deliveries.endpoint-disabled.v1"


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("WEBHOOK_KEK", "ab" * 32)
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
    return Stage()


@pytest.fixture
def ask(stage: Stage) -> Ask:
    app, clients = Flask("gateway"), MemoryClients()
    for part in (tracing, failures):
        part.install(app)
    guard = a_guard(clients)
    subscriptions.install(app, guard, SubscriptionStore(stage.collections()))  # type: ignore[arg-type]
    http = app.test_client()
    (key,) = clients.invite("college", COLLEGE)

    def asked(method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return http.open(f"/v1/subscriptions/{path}", method=method, json=body, headers=sent)

    return asked


def refused(_job: Any) -> Attempt:
    return Attempt(now(), 1, 500)


def silent(_job: Any) -> Attempt:
    return Attempt(now(), 15_000, reason="no answer in time")


def given_up(stage: Stage, subscription: str, send: Callable[[Any], Attempt] = refused) -> Any:
    """As if the subscription had failed often for days and fails once more; gives its row."""
    row = stage.state["subscriptions"][subscription]
    row["failing"] = {"since": now() - timedelta(days=6), "attempts": failing.FEWEST_ATTEMPTS}
    stage.hear(course())
    stage.send(send)
    return stage.state["subscriptions"][subscription]


# given up


@pytest.mark.parametrize("send", [refused, silent])
def test_after_days_without_a_success_an_endpoint_is_switched_off_with_notice(
        stage: Stage, ask: Ask, send: Any) -> None:
    subscription = stage.subscribe("*")
    row = given_up(stage, subscription, send)
    (notice,) = stage.published
    assert (row["enabled"], row["disabled_reason"]) == (False, failing.WORDS["failing"])
    assert (notice.type, notice.owner, notice.subject) == (NOTICE, COLLEGE, subscription)
    assert (notice.data["url_host"], notice.data["reason"]) == ("college.example.org", "failing")
    shown = ask("GET", subscription).json
    assert (shown["enabled"], shown["disabled_reason"], shown["failing"]["attempts"]) == (
        False, failing.WORDS["failing"], failing.FEWEST_ATTEMPTS + 1)
    assert not calls.Subscription().validate(shown)


def test_the_notice_reaches_the_partners_other_endpoints_and_its_stream_and_nobody_else(stage: Stage) -> None:
    given_up(stage, stage.subscribe("*"))
    other, neighbour = stage.subscribe("*"), stage.subscribe("*", node="demo.mill")
    stage.hear(*stage.published)
    told = [row["subscription"] for row in stage.deliveries() if row["event"]["type"] == NOTICE]
    assert told == [other]
    assert [row["event"]["type"] for row in stage.told()] == [OFFERED, NOTICE]
    assert neighbour not in told
    assert [row["event"]["type"] for row in stage.told("demo.mill")] == []


def test_a_success_forgets_the_failures(stage: Stage) -> None:
    subscription = stage.subscribe("*")
    stage.hear(course())
    (row,) = stage.send(refused)
    assert stage.state["subscriptions"][subscription]["failing"]["attempts"] == 1
    stage.make_due([row])
    stage.send(lambda _job: Attempt(now(), 1, 200))
    assert stage.state["subscriptions"][subscription]["failing"] is None


def test_an_error_on_our_side_is_not_held_against_an_endpoint(
        stage: Stage, receiver: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    subscription = stage.subscribe("*", url=receiver.url)
    monkeypatch.setenv("WEBHOOK_KEK", "cd" * 32)
    given_up(stage, subscription, attempting.attempt)
    assert stage.state["subscriptions"][subscription]["enabled"] is True
    assert stage.deliveries()[0]["attempts"][0]["reason"] == attempting.OUR_FAULT


def test_patience_is_a_setting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNER_PATIENCE_DAYS", "7")
    assert given_up(stage, stage.subscribe("*"))["enabled"] is True


# switched on again


def test_switched_on_again_it_gets_what_it_missed_and_nothing_twice(
        stage: Stage, ask: Ask, receiver: FakeService) -> None:
    subscription = stage.subscribe("*", url=f"{receiver.url}/hook")
    stage.hear(course())
    stage.send()
    given_up(stage, subscription)
    stage.hear(course(), course())
    assert len(stage.deliveries()) == 2
    shown = ask("POST", f"{subscription}/enable").json
    assert (shown["enabled"], shown["failing"], shown["replay"]["of"]) == (True, None, 4)
    stage.send()
    assert [row["status"] for row in stage.deliveries()] == ["delivered"] * 4
    assert len(receiver.heard) == 4
    assert ask("GET", subscription).json["replay"]["state"] == "done"
    assert ask("GET", subscription).json["replay"]["planned"] == 3


def test_gone_can_be_switched_on_again_too(stage: Stage, ask: Ask) -> None:
    subscription = stage.subscribe("*")
    stage.hear(course())
    stage.send(lambda _job: Attempt(now(), 1, 410))
    assert stage.published[0].data["reason"] == "gone"
    assert ask("GET", subscription).json["disabled_reason"] == failing.ANSWERED_GONE
    assert ask("POST", f"{subscription}/enable").json["enabled"] is True
    stage.send(lambda _job: Attempt(now(), 1, 200))
    assert [row["status"] for row in stage.deliveries()] == ["delivered"]


def test_to_switch_on_what_is_on_changes_nothing(stage: Stage, ask: Ask) -> None:
    subscription = stage.subscribe("*")
    assert ask("POST", f"{subscription}/enable").json == ask("GET", subscription).json
    assert stage.state["arrivals"] == {}


# consents while something waits


@pytest.mark.parametrize("way", ["webhook", "amqp"])
@pytest.mark.parametrize("end", ["withdrawn", "expired"])
def test_a_consent_that_ends_stops_what_waits_to_be_tried_again(stage: Stage, end: str, way: str) -> None:
    patron = new_id()
    stage.subscribe("*", delivery=way)
    stage.hear(consent(patron, expires_at=now() + timedelta(hours=1)), credential(patron))
    (row,) = stage.send(refused)
    assert row["status"] == "pending"
    if end == "withdrawn":
        stage.hear(consent(patron, granted=False, sequence=2))
    else:
        next(iter(stage.state["consents"].values()))["expires_at"] = now() - timedelta(seconds=1)
    stage.make_due(stage.deliveries())
    (row,) = stage.send(lambda _job: pytest.fail("it was sent"))
    assert (row["status"], row["next_attempt_at"]) == ("withheld", None)


# replays


def a_day_ago() -> dict[str, Any]:
    return {"since": rfc3339(now() - timedelta(days=1))}


def test_a_replay_sends_again_with_the_same_ids(stage: Stage, ask: Ask, receiver: FakeService) -> None:
    subscription = stage.subscribe("*", url=f"{receiver.url}/hook")
    stage.hear(course(), course())
    stage.send()
    answer = ask("POST", f"{subscription}/replay", a_day_ago())
    assert (answer.status_code, answer.json["of"]) == (202, 2)
    assert not calls.SubscriptionReplay().validate(answer.json)
    assert len(stage.send()) == 2
    ids = [heard.headers["webhook-id"] for heard in receiver.heard]
    assert (len(ids), len(set(ids))) == (4, 2)
    progress = ask("GET", subscription).json["replay"]
    assert (progress["state"], progress["looked_at"], progress["planned"]) == ("done", 2, 2)


def test_a_new_subscription_may_ask_for_what_its_partner_was_told_before(stage: Stage, ask: Ask) -> None:
    patron = new_id()
    stage.subscribe("*", delivery="pull")
    stage.hear(consent(patron), credential(patron), course())
    late = stage.subscribe("*")
    ask("POST", f"{late}/replay", {**a_day_ago(), "types": ["credential-issued"]})
    stage.send(lambda _job: Attempt(now(), 1, 200))
    assert [(row["subscription"], row["event"]["type"], row["status"]) for row in stage.deliveries()] == [
        (late, ISSUED, "delivered")]


@pytest.mark.parametrize("end", ["withdrawn", "erased"])
def test_a_replay_plans_nothing_of_who_does_not_consent_now(stage: Stage, ask: Ask, end: str) -> None:
    patron = new_id()
    subscription = stage.subscribe("*")
    stage.hear(consent(patron), credential(patron), course())
    stage.send(lambda _job: Attempt(now(), 1, 200))
    stage.hear(consent(patron, granted=False, sequence=2) if end == "withdrawn" else erased(patron))
    ask("POST", f"{subscription}/replay", a_day_ago())
    sent: list[str] = []
    stage.send(lambda job: sent.append(job.delivery["event"]["type"]) or Attempt(now(), 1, 200))
    assert sent == [OFFERED]


def test_a_long_replay_goes_on_piece_by_piece_and_after_a_kill(
        stage: Stage, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "EVENTS_A_TURN", 3)
    subscription = stage.subscribe("*")
    stage.hear(*(course() for _ in range(8)))
    stage.send(lambda _job: Attempt(now(), 1, 200))
    ask("POST", f"{subscription}/replay", a_day_ago())
    stage.desk.collect()
    assert ask("GET", subscription).json["replay"]["looked_at"] == 3
    stage = Stage(stage.state)
    stage.desk.load()
    for _ in range(3):
        stage.send(lambda _job: Attempt(now(), 1, 200))
    assert ask("GET", subscription).json["replay"]["planned"] == 8
    assert {len(row["attempts"]) for row in stage.deliveries()} == {2}


def test_asking_twice_while_it_runs_starts_one(stage: Stage, ask: Ask) -> None:
    subscription, body = stage.subscribe("*"), a_day_ago()
    stage.hear(course())
    first, second = (ask("POST", f"{subscription}/replay", body) for _ in range(2))
    assert first.json == second.json
    other = ask("POST", f"{subscription}/replay", {"since": rfc3339(now() - timedelta(days=2))})
    assert (other.status_code, other.json["type"]) == (409, "urn:libranet:problem:replay-running")


def test_a_replay_asked_for_with_a_key_is_one_and_its_answer_stays(stage: Stage, ask: Ask) -> None:
    subscription, body = stage.subscribe("*"), a_day_ago()
    stage.hear(course())
    first = ask("POST", f"{subscription}/replay", body, Idempotency_Key="once")
    stage.send(refused)
    again = ask("POST", f"{subscription}/replay", body, Idempotency_Key="once")
    assert (first.json, again.headers["Idempotency-Replayed"]) == (again.json, "true")
    other = ask("POST", f"{subscription}/replay", {"since": rfc3339(now())}, Idempotency_Key="once")
    assert other.json["type"].endswith("idempotency-key-reused")


def test_what_cannot_be_replayed_says_what_to_do(stage: Stage, ask: Ask) -> None:
    pull, off = stage.subscribe("*", delivery="pull"), stage.subscribe("*")
    stage.state["subscriptions"][off] |= {"enabled": False, "disabled_at": now(), "disabled_reason": "x"}
    told = [ask("POST", f"{each}/replay", a_day_ago()) for each in (pull, off)]
    assert [(each.status_code, each.json["type"].rpartition(":")[2]) for each in told] == [
        (409, "nothing-is-sent"), (409, "subscription-disabled")]
    ahead = ask("POST", f"{stage.subscribe('*')}/replay", {"since": rfc3339(now() + timedelta(days=1))})
    assert (ahead.status_code, ahead.json["errors"][0]["field"]) == (422, "/since")


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-20T00:00:00"])
def test_a_replay_from_a_time_that_no_clock_shows_is_refused(stage: Stage, ask: Ask, since: str) -> None:
    answer = ask("POST", f"{stage.subscribe('*')}/replay", {"since": since})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "/since")


# secrets


def sent_to(stage: Stage, receiver: FakeService) -> Any:
    stage.hear(course())
    stage.send()
    return receiver.heard[-1]


def verified_by(secret: str, heard: Any) -> bool:
    try:
        return bool(Webhook(secret).verify(heard.body, heard.headers))
    except WebhookVerificationError:
        return False


def test_both_secrets_sign_until_the_overlap_ends(stage: Stage, ask: Ask, receiver: FakeService) -> None:
    subscription = stage.subscribe("*", url=f"{receiver.url}/hook")
    row = stage.state["subscriptions"][subscription]
    old = row["secret_for_tests"]
    answer = ask("POST", f"{subscription}/secret", {})
    new, heard = answer.json["secret"], sent_to(stage, receiver)
    assert not calls.NewSecret().validate(answer.json)
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(heard.headers["webhook-signature"].split()) == 2
    assert verified_by(old, heard)
    assert verified_by(new, heard)
    row["former_secrets"][0]["until"] = now()
    heard = sent_to(stage, receiver)
    assert (verified_by(old, heard), verified_by(new, heard)) == (False, True)
    assert new not in str(stage.state["subscriptions"])


def test_a_secret_that_leaked_ends_at_once(stage: Stage, ask: Ask, receiver: FakeService) -> None:
    subscription = stage.subscribe("*", url=f"{receiver.url}/hook")
    old = stage.state["subscriptions"][subscription]["secret_for_tests"]
    answer = ask("POST", f"{subscription}/secret", {"overlap_hours": 0}).json
    assert (verified_by(old, sent_to(stage, receiver)), answer["former_secrets_until"]) == (False, None)


def test_a_rotation_asked_for_with_a_key_is_one(stage: Stage, ask: Ask) -> None:
    subscription = stage.subscribe("*")
    first, again = (ask("POST", f"{subscription}/secret", {}, Idempotency_Key="once") for _ in range(2))
    assert (first.json, again.headers["Idempotency-Replayed"]) == (again.json, "true")
    other = ask("POST", f"{subscription}/secret", {"overlap_hours": 1}, Idempotency_Key="once")
    assert other.json["type"].endswith("idempotency-key-reused")
    assert ask("POST", f"{subscription}/secret", {}).json["secret"] != first.json["secret"]


@pytest.mark.parametrize("hours", [-1, 169, "24", 1.5, None])
def test_an_overlap_is_a_number_of_hours_up_to_a_week(stage: Stage, ask: Ask, hours: Any) -> None:
    answer = ask("POST", f"{stage.subscribe('*')}/secret", {"overlap_hours": hours})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "/overlap_hours")


def test_only_webhooks_have_a_secret(stage: Stage, ask: Ask) -> None:
    answer = ask("POST", f"{stage.subscribe('*', delivery='pull')}/secret", {})
    assert (answer.status_code, answer.json["type"]) == (409, "urn:libranet:problem:not-a-webhook")
