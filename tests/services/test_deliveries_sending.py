"""Sending to a real HTTP server on the loopback address, which the operator's setting allows here."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from gateway.deliveries import attempting, sending
from gateway.deliveries.domain.agenda import MOST_PER_ENDPOINT
from gateway.deliveries.domain.schedule import Attempt
from gateway.deliveries.subscription_store import SubscriptionStore
from libranet.clock import now
from libranet.ids import new_id
from tests.services.deliveries_stage import COLLEGE, Stage, consent, course, credential, erased
from tests.services.gateway_stage import FakeService, Said


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_KEK", "ab" * 32)
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def patron(stage: Stage, receiver: FakeService) -> str:
    """Somebody who consents, with one credential that is due to the receiver."""
    patron = new_id()
    stage.subscribe("*", url=f"{receiver.url}/hook?from=libranet")
    stage.hear(consent(patron), credential(patron))
    return patron


@pytest.mark.usefixtures("patron")
def test_the_receiver_gets_a_signed_cloudevent(stage: Stage, receiver: FakeService) -> None:
    (row,) = stage.send()
    (heard,) = receiver.heard
    secret = stage.state["subscriptions"][row["subscription"]]["secret_for_tests"]
    event = Webhook(secret).verify(heard.body, heard.headers)
    assert heard.target == "/hook?from=libranet"
    assert heard.headers["Content-Type"] == "application/cloudevents+json"
    assert heard.headers["webhook-id"] == event["id"] == row["message"]
    assert (row["status"], row["next_attempt_at"], row["attempts"][0]["status"]) == ("delivered", None, 204)
    assert stage.state["arrivals"] == {}


@pytest.mark.parametrize("status", [302, 307, 308])
@pytest.mark.usefixtures("patron")
def test_a_redirect_is_not_followed(stage: Stage, receiver: FakeService, status: int) -> None:
    receiver.script = [Said(status, b"", {"Location": f"{receiver.url}/inside"})]
    (row,) = stage.send()
    assert [heard.target for heard in receiver.heard] == ["/hook?from=libranet"]
    assert (row["status"], row["attempts"][0]["status"]) == ("pending", status)


@pytest.mark.usefixtures("patron")
def test_a_failure_is_tried_again_with_the_same_id(stage: Stage, receiver: FakeService) -> None:
    receiver.script = [Said(500, b"no"), Said(200, b"yes")]
    (row,) = stage.send()
    assert row["status"] == "pending"
    assert timedelta(seconds=4) < row["next_attempt_at"] - now() < timedelta(seconds=6)
    assert stage.send()[0]["tries"] == 1
    stage.make_due([row])
    (row,) = stage.send()
    assert (row["status"], [each["status"] for each in row["attempts"]]) == ("delivered", [500, 200])
    assert len({heard.headers["webhook-id"] for heard in receiver.heard}) == 1


@pytest.mark.usefixtures("patron")
def test_retry_after_is_honoured(stage: Stage, receiver: FakeService) -> None:
    receiver.script = [Said(429, b"", {"Retry-After": "600"})]
    (row,) = stage.send()
    assert row["next_attempt_at"] - now() > timedelta(seconds=590)


@pytest.mark.usefixtures("patron")
def test_gone_disables_the_subscription_and_ends_what_waits_for_it(stage: Stage, receiver: FakeService) -> None:
    receiver.script = [Said(410, b"")]
    stage.send()
    (subscription,) = stage.state["subscriptions"].values()
    assert (subscription["enabled"], stage.deliveries()[0]["status"]) == (False, "failed")
    subscription["enabled"] = True
    stage.hear(course())
    subscription |= {"enabled": False, "disabled_at": now()}
    last = stage.send()[-1]
    assert (last["status"], last["attempts"][0]["reason"]) == ("failed", sending.DISABLED)
    assert len(receiver.heard) == 1


def test_consent_is_asked_again_when_it_is_sent(stage: Stage, receiver: FakeService, patron: str) -> None:
    stage.hear(consent(patron, granted=False, sequence=2))
    assert stage.send()[0]["status"] == "withheld"
    stage.hear(consent(patron, granted=True, sequence=3))
    assert (stage.send()[0]["status"], receiver.heard) == ("withheld", [])
    (row,) = stage.deliveries()
    SubscriptionStore(stage.collections()).redeliver(row["subscription"], row["_id"], now())  # type: ignore[arg-type]
    assert (stage.send()[0]["status"], len(receiver.heard)) == ("delivered", 1)


def test_nothing_is_sent_of_a_patron_erased_meanwhile(stage: Stage, receiver: FakeService, patron: str) -> None:
    stage.desk.collect()
    stage.hear(erased(patron))
    assert (stage.send(), receiver.heard) == ([], [])
    assert len(stage.desk.agenda) == 0


def test_an_attempt_that_outlives_its_patron_leaves_nothing(stage: Stage, patron: str) -> None:
    def erase_meanwhile(_job: Any) -> Attempt:
        stage.hear(erased(patron))
        return Attempt(now(), 1, 500)

    assert stage.send(erase_meanwhile) == []
    assert len(stage.desk.agenda) == 0


@pytest.mark.usefixtures("patron")
def test_what_was_asked_for_again_while_under_way_is_sent_again(stage: Stage, receiver: FakeService) -> None:
    def ask_meanwhile(job: Any) -> Attempt:
        store = SubscriptionStore(stage.collections())  # type: ignore[arg-type]
        store.redeliver(job.due.subscription, job.due.delivery, now() + timedelta(milliseconds=1))
        return Attempt(now(), 1, 200)

    (row,) = stage.send(ask_meanwhile)
    assert row["status"] == "pending"
    threading.Event().wait(0.01)
    (row,) = stage.send()
    assert (row["status"], len(receiver.heard)) == ("delivered", 1)


@pytest.mark.usefixtures("patron")
def test_a_process_killed_between_sending_and_storing_sends_again(stage: Stage, receiver: FakeService) -> None:
    stage.desk.collect()
    jobs, _ = stage.desk.next_jobs()
    attempting.attempt(jobs[0])
    stage = Stage(stage.state)
    stage.desk.load()
    (row,) = stage.send()
    assert row["status"] == "delivered"
    assert [heard.headers["webhook-id"] for heard in receiver.heard] == [row["message"]] * 2


@pytest.mark.usefixtures("patron")
def test_a_deleted_subscription_ends_its_deliveries(stage: Stage, receiver: FakeService) -> None:
    stage.state["subscriptions"].clear()
    assert (stage.send()[0]["status"], receiver.heard) == ("failed", [])


@pytest.mark.usefixtures("patron")
def test_an_address_that_is_no_longer_allowed_is_not_sent_to(
        stage: Stage, receiver: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBHOOK_ALLOWED_NETWORKS")
    (row,) = stage.send()
    assert (row["status"], receiver.heard) == ("pending", [])
    assert "https" in row["attempts"][0]["reason"]
    SubscriptionStore(stage.collections()).allow_network(COLLEGE, "127.0.0.0/8")  # type: ignore[arg-type]
    stage.make_due([row])
    assert stage.send()[0]["status"] == "delivered"


@pytest.mark.usefixtures("patron")
def test_a_name_is_asked_for_once_an_attempt_and_the_connection_goes_to_what_was_found(
        stage: Stage, receiver: FakeService) -> None:
    (subscription,) = stage.state["subscriptions"].values()
    subscription["url"] = receiver.url.replace("127.0.0.1", "partner.example.org")
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    (row,) = stage.send(lambda job: attempting.attempt(job, resolve))
    assert (row["status"], asked) == ("delivered", ["partner.example.org"])
    assert receiver.heard[0].headers["Host"].startswith("partner.example.org:")


def test_a_slow_partner_does_not_hold_the_others(stage: Stage) -> None:
    patrons = [new_id() for _ in range(50)]
    slow = stage.subscribe("*", url="https://slow.example.org/")
    stage.hear(*(event for each in patrons for event in (consent(each), credential(each))))
    quick = stage.subscribe("*", node="demo.mill", url="https://quick.example.org/")
    stage.hear(course())
    stage.desk.collect()
    jobs, _ = stage.desk.next_jobs()
    under_way = [job.subscription["_id"] for job in jobs]
    assert (under_way.count(slow), under_way.count(quick)) == (MOST_PER_ENDPOINT, 1)


def test_no_row_and_no_body_holds_the_secret_in_the_clear(stage: Stage) -> None:
    subscription = stage.state["subscriptions"][stage.subscribe("*")]
    secret = subscription.pop("secret_for_tests")
    assert secret not in json.dumps(subscription, default=repr)
