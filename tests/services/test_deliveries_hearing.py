"""What becomes a delivery and what does not: messages in, state out."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.event_types import all_types
from libranet.clock import now
from libranet.ids import new_id
from libranet.testing import an_event
from tests.services.deliveries_stage import COLLEGE, ISSUED, SHARED, Stage, consent, course, credential, erased


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("WEBHOOK_KEK", "ab" * 32)
    return Stage()


@pytest.fixture
def patron() -> str:
    return new_id()


def test_a_credential_of_a_patron_who_consents_becomes_one_delivery(stage: Stage, patron: str) -> None:
    subscription = stage.subscribe("*")
    stage.hear(consent(patron), credential(patron))
    (row,) = stage.deliveries()
    assert (row["subscription"], row["status"], row["patron"]) == (subscription, "pending", patron)
    assert stage.woken == 1


def test_without_consent_nothing_is_planned(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.hear(credential(patron), credential(patron, SHARED))
    assert stage.deliveries() == []
    assert stage.woken == 0


@pytest.mark.parametrize("other", [{"recipient": "demo.mill"}, {"purpose": "issue-credentials"}, {"granted": False},
                                   {"recipient": "demo.lakeside-college.campus"}, {"recipient": "demo"}])
def test_a_consent_to_somebody_or_something_else_allows_nothing(stage: Stage, patron: str, other: dict) -> None:
    stage.subscribe("*")
    stage.hear(consent(patron, **other), credential(patron))
    assert stage.deliveries() == []


def test_a_consent_that_has_expired_allows_nothing(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.hear(consent(patron, expires_at=now() - timedelta(seconds=1)), credential(patron))
    assert stage.deliveries() == []


def test_an_older_consent_changes_nothing(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.hear(consent(patron, granted=False, sequence=2))
    stage.hear(consent(patron, granted=True, sequence=1), credential(patron))
    stage.hear(consent(patron, granted=True, sequence=2), credential(patron))
    assert stage.deliveries() == []


def test_a_withdrawal_counts_from_then_on(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.hear(consent(patron, sequence=1), credential(patron), consent(patron, granted=False, sequence=2),
               credential(patron))
    assert len(stage.deliveries()) == 1


def test_a_consent_that_was_given_before_the_event_and_arrives_after_it_still_counts(stage: Stage, patron: str) -> None:
    stage.subscribe("credential-never", ISSUED)
    stage.hear(credential(patron))
    stage.hear(consent(patron, decided_at=now() - timedelta(minutes=1)))
    assert len(stage.deliveries()) == 1
    stage.hear(consent(patron, sequence=2, decided_at=now() - timedelta(minutes=1)))
    assert len(stage.deliveries()) == 1


def test_a_later_consent_does_not_send_what_happened_before_it(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.hear(credential(patron))
    stage.hear(consent(patron, decided_at=now() + timedelta(minutes=1)))
    assert stage.deliveries() == []


def test_a_replay_makes_no_twin(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    event = credential(patron)
    stage.hear(consent(patron), event, event)
    stage.hear(event)
    assert len(stage.deliveries()) == 1
    stage.deliveries()[0]["status"] = "delivered"
    stage.hear(event)
    assert [row["status"] for row in stage.deliveries()] == ["delivered"]
    assert len(stage.state["arrivals"]) == 1


def test_only_what_was_subscribed_to_is_delivered(stage: Stage, patron: str) -> None:
    stage.subscribe(SHARED)
    stage.hear(consent(patron), credential(patron), credential(patron, SHARED), course())
    assert [row["event"]["type"] for row in stage.deliveries()] == [SHARED]


def test_a_course_goes_to_partners_of_the_same_consortium(stage: Stage) -> None:
    stage.subscribe("*")
    stage.subscribe("*", node="elsewhere.college")
    stage.hear(course(owner="demo.riverside.central"))
    assert [row["recipient"] for row in stage.deliveries()] == [COLLEGE]


def test_each_subscription_gets_its_own_delivery(stage: Stage, patron: str) -> None:
    both = {stage.subscribe("*"), stage.subscribe(ISSUED)}
    stage.subscribe("*", node="demo.mill")
    stage.hear(consent(patron), credential(patron))
    assert {row["subscription"] for row in stage.deliveries()} == both


def test_a_disabled_subscription_gets_nothing(stage: Stage) -> None:
    stage.state["subscriptions"][stage.subscribe("*")] |= {"enabled": False, "disabled_at": now()}
    stage.hear(course())
    assert stage.deliveries() == []


def test_an_erasure_leaves_nothing_of_the_patron_and_is_answered(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.subscribe("*", node="demo.mill")
    neighbour = new_id()
    stage.hear(consent(patron), credential(patron), consent(neighbour), credential(neighbour))
    (answer,) = stage.hear(erased(patron))
    assert (answer.short_type, answer.data["patron"], answer.data["deleted"]) == ("patron-data-erased", patron, 3)
    tombstone = stage.state["patrons"].pop(patron)
    assert tombstone["early"] == []
    assert patron not in str([rows for name, rows in stage.state.items() if name != "patrons"])
    assert [row["patron"] for row in stage.deliveries()] == [neighbour]


def test_what_arrives_after_the_erasure_brings_nothing_back(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.hear(consent(patron), credential(patron), erased(patron), credential(patron), consent(patron, sequence=2))
    stage.hear(consent(patron, sequence=3), credential(patron))
    assert (stage.deliveries(), stage.state["consents"]) == ([], {})
    assert stage.state["patrons"][patron]["early"] == []


def test_consents_to_other_purposes_are_not_even_kept(stage: Stage, patron: str) -> None:
    stage.hear(consent(patron, purpose="issue-credentials", recipient="demo.riverside"))
    assert (stage.state["consents"], stage.state["patrons"]) == ({}, {})


def reach(patron: str, name: str = "recognition-reached", college: str = COLLEGE) -> Any:
    type_name = f"org.libranet.credentials.{name}.v1"
    data = {**all_types()[type_name].schema["examples"][0], "patron": patron, "college": college}
    return an_event(type_name, data, subject=data["reached"])


@pytest.mark.parametrize("name", ["recognition-reached", "recognition-lost"])
def test_what_is_for_one_college_is_told_to_no_other_partner(stage: Stage, patron: str, name: str) -> None:
    for node in (COLLEGE, "demo.mill", f"{COLLEGE}.campus", "demo"):
        stage.subscribe("*", node=node)
    stage.hear(*[consent(patron, recipient=node) for node in (COLLEGE, "demo.mill", f"{COLLEGE}.campus", "demo")])
    event = reach(patron, name)
    stage.hear(event, event)
    assert [row["recipient"] for row in stage.deliveries()] == [COLLEGE]
    assert stage.told("demo.mill") == []


def test_a_college_hears_of_nobody_who_does_not_let_it_know(stage: Stage, patron: str) -> None:
    stage.subscribe("*")
    stage.hear(consent(patron, recipient="demo.mill"), reach(patron))
    assert stage.deliveries() == []
    stage.hear(consent(patron, decided_at=now() - timedelta(minutes=1)))
    assert [row["recipient"] for row in stage.deliveries()] == [COLLEGE], "the consent was on its way"
