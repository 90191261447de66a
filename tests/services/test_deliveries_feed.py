"""The pull feed: what a partner reads with GET /v1/events, in which order, and what it is not shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from contracts.calls import subscriptions as calls
from gateway import failures, tracing
from gateway.deliveries import feed as feeds
from gateway.deliveries.feed import Feed
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.routes import events
from libranet.clock import now
from libranet.ids import new_id
from tests.services.deliveries_stage import COLLEGE, ISSUED, OFFERED, Stage, consent, course, credential, erased
from tests.services.gateway_stage import MemoryClients, a_guard

Ask = Callable[..., Any]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("WEBHOOK_KEK", "ab" * 32)
    return Stage()


@pytest.fixture
def clients() -> MemoryClients:
    return MemoryClients()


@pytest.fixture
def ask(stage: Stage, clients: MemoryClients) -> Ask:
    app = Flask("gateway")
    for part in (tracing, failures):
        part.install(app)
    guard = a_guard(clients)
    collections: Any = stage.collections()
    events.install(app, guard, SubscriptionStore(collections), Feed(collections))
    http = app.test_client()
    (key,) = clients.invite("college", COLLEGE)

    def asked(query: str = "", by: str = key) -> Any:
        return http.get(f"/v1/events{query}", headers={"Authorization": f"Bearer {by}"})

    return asked


def titles(answer: Any) -> list[str]:
    return [each["data"]["course"] for each in answer.json["items"]]


@pytest.fixture
def patron() -> str:
    return new_id()


def test_a_partner_reads_what_it_may_know_in_order_and_goes_on_from_there(stage: Stage, ask: Ask) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(course(), course())
    stage.hear(course())
    first = ask("?limit=2")
    rest = ask(f"?limit=2&after={first.json['next']}")
    assert [each["id"] for each in (*first.json["items"], *rest.json["items"])] == [
        row["message"] for row in stage.told()]
    end = ask(f"?after={rest.json['next']}").json
    assert end == {"items": [], "next": rest.json["next"]}
    stage.hear(course())
    assert len(ask(f"?after={rest.json['next']}").json["items"]) == 1
    assert not calls.PartnerEventList().validate(first.json)


def test_a_pull_subscription_makes_no_deliveries(stage: Stage) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(course())
    assert stage.deliveries() == []
    assert stage.state["arrivals"] == {}


def test_an_event_has_the_same_id_and_words_whichever_way_it_comes(stage: Stage, ask: Ask, patron: str) -> None:
    stage.subscribe("*")
    stage.subscribe("*", delivery="pull")
    stage.hear(consent(patron), credential(patron))
    (row,), (shown,) = stage.deliveries(), ask().json["items"]
    assert shown["id"] == row["message"]
    assert patron not in str(shown)


def test_somebody_without_a_subscription_is_told_how_to_get_one(ask: Ask) -> None:
    answer = ask()
    assert (answer.status_code, answer.json["type"]) == (409, "urn:libranet:problem:subscription-needed")
    assert "pull" in answer.json["detail"]


def test_a_consent_that_is_withdrawn_hides_what_was_told_and_a_new_one_shows_it(
        stage: Stage, ask: Ask, patron: str) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(consent(patron), credential(patron), course())
    assert len(ask().json["items"]) == 2
    stage.hear(consent(patron, granted=False, sequence=2))
    answer = ask()
    assert [each["type"] for each in answer.json["items"]] == [OFFERED]
    assert ask(f"?after={answer.json['next']}").json["items"] == []
    stage.hear(consent(patron, sequence=3))
    assert len(ask().json["items"]) == 2


def test_a_consent_that_expired_meanwhile_hides_it_too(stage: Stage, ask: Ask, patron: str) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(consent(patron, expires_at=now() + timedelta(hours=1)), credential(patron))
    assert len(ask().json["items"]) == 1
    (row,) = stage.state["consents"].values()
    row["expires_at"] = now() - timedelta(seconds=1)
    assert ask().json["items"] == []


def test_without_consent_nothing_is_put_into_the_stream(stage: Stage, patron: str) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(credential(patron))
    assert stage.told() == []


def test_a_consent_that_arrives_after_its_event_puts_it_at_the_end(stage: Stage, ask: Ask, patron: str) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(credential(patron), course())
    place = ask().json["next"]
    stage.hear(consent(patron, decided_at=now() - timedelta(minutes=1)))
    assert [each["type"] for each in ask(f"?after={place}").json["items"]] == [ISSUED]


def test_an_erased_patron_leaves_a_hole_that_nobody_falls_into(stage: Stage, ask: Ask, patron: str) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(consent(patron), course(), credential(patron), course())
    stage.hear(erased(patron))
    first = ask("?limit=1")
    assert [each["type"] for each in ask(f"?after={first.json['next']}").json["items"]] == [OFFERED]
    assert patron not in str(stage.state["partner_events"])


def test_an_erasure_in_the_same_batch_leaves_no_number_behind(stage: Stage, patron: str) -> None:
    stage.subscribe("*", delivery="pull")
    stage.hear(consent(patron), credential(patron), erased(patron))
    assert (stage.told(), stage.state["partner_streams"]) == ([], {})


def test_a_partner_sees_its_own_stream_only(stage: Stage, ask: Ask, clients: MemoryClients, patron: str) -> None:
    stage.subscribe("*", delivery="pull")
    stage.subscribe("*", delivery="pull", node="demo.mill")
    (other,) = clients.invite("college", "demo.mill")
    stage.hear(consent(patron), credential(patron), course())
    assert [each["type"] for each in ask(by=other).json["items"]] == [OFFERED]
    theirs, ours = ask(by=other).json["items"][0], ask().json["items"][1]
    assert theirs["id"] != ours["id"]
    assert theirs["data"]["course"] != ours["data"]["course"]


def test_only_types_that_a_subscription_asks_for_are_kept_and_shown(stage: Stage, ask: Ask, patron: str) -> None:
    stage.subscribe(ISSUED, delivery="pull")
    stage.hear(consent(patron), credential(patron), course())
    assert [row["event"]["type"] for row in stage.told()] == [ISSUED]
    assert ask("?types=course-offered").json["items"] == []
    assert len(ask("?types=course-offered,credential-issued").json["items"]) == 1


@pytest.mark.parametrize(("query", "field"), [
    ("?after=7", "/after"), ("?after=x", "/after"), ("?after=", "/after"), ("?types=nonsense", "/types"),
    ("?types=course-offered,,", "/types"), ("?limit=0", "/limit"), ("?limit=201", "/limit"), ("?cursor=1", "/cursor")])
def test_a_question_that_cannot_be_answered_is_refused_by_name(stage: Stage, ask: Ask, query: str, field: str) -> None:
    stage.subscribe("*", delivery="pull")
    answer = ask(query)
    assert (answer.status_code, [each["field"] for each in answer.json["errors"]]) == (422, [field])


def test_a_long_stretch_of_others_types_is_passed_in_steps(
        stage: Stage, ask: Ask, monkeypatch: pytest.MonkeyPatch, patron: str) -> None:
    monkeypatch.setattr(feeds, "MOST_LOOKED_AT", 30)
    stage.subscribe("*", delivery="pull")
    stage.hear(consent(patron), *(course() for _ in range(70)), credential(patron))
    found, place, asked = [], "0", 0
    while not found and asked < 10:
        answer = ask(f"?types=credential-issued&after={place}").json
        found, place, asked = answer["items"], answer["next"], asked + 1
    assert (len(found), asked) == (1, 3)


def test_a_platform_may_not_read_events(ask: Ask, clients: MemoryClients) -> None:
    (key,) = clients.invite("platform")
    assert ask(by=key).status_code == 403
