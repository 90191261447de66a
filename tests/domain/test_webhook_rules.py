"""When a webhook is tried again, in which order, what a partner sees of an event, and what may be subscribed to."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from contracts.event_types import all_types
from gateway.deliveries.domain import consents, partner_view, schedule, subscriptions
from gateway.deliveries.domain.agenda import MOST_AT_ONCE, MOST_PER_ENDPOINT, MOST_PER_PARTNER, Agenda, Due
from gateway.deliveries.domain.refusals import SubscriptionsFull, TypeUnknown
from gateway.deliveries.domain.schedule import Attempt
from gateway.deliveries.post import Reply
from libranet.testing import an_event

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ISSUED = "org.libranet.credentials.credential-issued.v1"


def tried(status: int | None, retry_after: int | None = None) -> Attempt:
    return Attempt(NOW, 0, status, None if status else "no answer in time", retry_after)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_delivered(status: int) -> None:
    assert schedule.after(tried(status), 1, 0).status == schedule.DELIVERED


@pytest.mark.parametrize("status", [None, 100, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_everything_else_is_tried_again(status: int | None) -> None:
    outlook = schedule.after(tried(status), 1, 0)
    assert (outlook.status, outlook.next_attempt_at) == (schedule.PENDING, NOW + timedelta(seconds=5))


def test_nine_attempts_in_a_day_and_then_no_more() -> None:
    gaps = [(schedule.after(tried(500), tries, 0).next_attempt_at - NOW).total_seconds() for tries in range(1, 9)]
    assert gaps == [5, 60, 300, 1800, 7200, 18000, 28800, 36000]
    assert 24 * 3600 < sum(gaps) < 28 * 3600
    assert schedule.after(tried(500), 9, 0).status == schedule.FAILED


def test_the_draw_lengthens_the_delay_by_at_most_a_fifth() -> None:
    at = schedule.after(tried(500), 2, 1.0).next_attempt_at
    assert at == NOW + timedelta(seconds=72)


def test_gone_is_not_tried_again() -> None:
    assert schedule.after(tried(410), 1, 0).status == schedule.FAILED


@pytest.mark.parametrize(("status", "asked", "seconds"), [
    (429, 600, 600), (503, 600, 600), (429, 1, 5), (429, 10**9, 36000), (500, 600, 5), (429, None, 5)])
def test_a_receiver_may_ask_for_more_time_within_bounds(status: int, asked: int | None, seconds: int) -> None:
    assert schedule.after(tried(status, asked), 1, 0).next_attempt_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(("text", "seconds"), [
    ("120", 120), ("Sat, 21 Nov 2026 10:02:00 GMT", 120), ("Sat, 21 Nov 2026 09:00:00 GMT", 0), ("soon", None),
    ("-5", None), ("1.5", None), ("", None), (None, None), ("9" * 50, 999999999), ("²", None)])
def test_retry_after_is_a_number_or_a_date(text: str | None, seconds: int | None) -> None:
    assert Reply(429, text).retry_after_seconds(NOW) == seconds


def dues(subscription: str, count: int, node: str | None = None, seconds: int = 0) -> list[Due]:
    return [Due(NOW + timedelta(seconds=seconds, milliseconds=number), f"{subscription}-{number}", subscription,
                node or subscription) for number in range(count)]


def test_a_busy_endpoint_leaves_room_for_the_others() -> None:
    agenda = Agenda()
    agenda.add(dues("slow", 1000) + dues("quick", 2))
    taken = [due.subscription for due in agenda.take(NOW + timedelta(minutes=1))]
    assert (taken.count("slow"), taken.count("quick")) == (MOST_PER_ENDPOINT, 2)
    assert agenda.take(NOW + timedelta(minutes=1)) == []


def test_a_partner_with_many_endpoints_does_not_take_all_places() -> None:
    agenda = Agenda()
    agenda.add(due for number in range(10) for due in dues(f"s{number}", 20, node="greedy"))
    agenda.add(dues("other", 1))
    taken = agenda.take(NOW + timedelta(minutes=1))
    assert [due.node for due in taken].count("greedy") == MOST_PER_PARTNER
    assert [due.node for due in taken].count("other") == 1


def test_no_more_than_so_many_at_once_and_each_gets_its_turn() -> None:
    agenda = Agenda()
    agenda.add(due for number in range(300) for due in dues(f"s{number:03}", 2))
    first = agenda.take(NOW + timedelta(minutes=1))
    assert len(first) == MOST_AT_ONCE == len({due.subscription for due in first})
    for due in first:
        agenda.finish(due.delivery)
    second = {due.subscription for due in agenda.take(NOW + timedelta(minutes=1))}
    assert {f"s{number:03}" for number in range(MOST_AT_ONCE, 300)} <= second


def test_what_is_not_due_waits_and_what_is_planned_anew_moves() -> None:
    agenda = Agenda()
    later = dues("s", 1, seconds=60)[0]
    agenda.add([later])
    assert agenda.take(NOW) == []
    sooner = Due(NOW, later.delivery, "s", "s")
    agenda.add([sooner, sooner])
    assert agenda.take(NOW) == [sooner]
    agenda.finish(sooner.delivery)
    assert agenda.take(NOW + timedelta(days=1)) == []
    assert len(agenda) == 0


def test_what_is_under_way_is_not_planned_twice() -> None:
    agenda = Agenda()
    due = dues("s", 1)[0]
    agenda.add([due])
    agenda.take(NOW)
    agenda.add([due])
    assert agenda.take(NOW) == []


def test_a_consent_that_nobody_knows_of_is_not_given() -> None:
    assert not consents.is_given(None, NOW)
    kept = {"granted": True, "expires_at": NOW + timedelta(seconds=1)}
    assert consents.is_given(kept, NOW)
    assert not consents.is_given(kept, NOW + timedelta(seconds=1))
    assert not consents.is_given({"granted": False, "expires_at": None}, NOW)


UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.mark.parametrize("name", sorted(subscriptions.partner_types()))
def test_a_partner_sees_none_of_our_ids(name: str) -> None:
    for example in all_types()[name].schema["examples"]:
        event = an_event(name, example, subject="the subject")
        seen = partner_view.body("msg_1", partner_view.kept(event), "demo.lakeside-college").decode()
        ours = set(UUID.findall(json.dumps(example))) | {event.id, event.actor, event.causation_id,
                                                         event.correlation_id}
        known = {"subscription", "recognition", "reached"}  # the partner's own, which it knows by these ids
        if "to" in example:  # what both sides of an agreement name in their calls
            known |= {"endorsement", "of", "co_issuing", "mapping", "achievement"}
        ours -= {example.get(name) for name in known}
        assert not [one for one in ours if one in seen]
        assert json.loads(seen)["id"] == "msg_1"


def test_two_partners_know_one_patron_by_two_ids() -> None:
    ids = {partner_view.pairwise(node, "patron-1") for node in ("demo.college", "demo.mill")}
    assert len(ids) == 2
    assert partner_view.pairwise("demo.college", "patron-1") in ids


def test_a_member_that_the_view_does_not_name_is_not_told() -> None:
    example = all_types()[ISSUED].schema["examples"][0]
    event = partner_view.kept(an_event(ISSUED, example))
    event["data"] = {**event["data"], "birth_date": "1970-01-01"}
    shown = json.loads(partner_view.body("delivery-1", event, "demo.college"))
    assert set(shown["data"]) == set(partner_view.CREDENTIAL)
    assert shown["subject"] == example["public_id"]


def test_types_are_taken_in_short_in_full_and_as_a_star() -> None:
    assert subscriptions.full_types(["credential-issued", ISSUED]) == [ISSUED]
    assert subscriptions.full_types(["credential-issued", "*"]) == ["*"]


@pytest.mark.parametrize("name", ["nonsense", "", "consent-given", "org.libranet.profiles.patron-registered.v1"])
def test_an_unknown_or_internal_type_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(TypeUnknown, match="credential-issued") as no:
        subscriptions.full_types(["*", name])
    assert no.value.errors[0]["field"] == "/types/1"


def test_every_type_for_partners_is_heard_here_and_has_a_view() -> None:
    heard = {name for name, each in all_types().items() if "deliveries.facts" in each.schema["x-hearers"]}
    assert set(subscriptions.partner_types()) <= heard
    assert set(subscriptions.partner_types()) == set(partner_view.MEMBERS) == set(partner_view.SUBJECT)


def test_a_node_has_room_for_so_many_subscriptions() -> None:
    subscriptions.check_room(subscriptions.MOST_PER_NODE - 1)
    with pytest.raises(SubscriptionsFull):
        subscriptions.check_room(subscriptions.MOST_PER_NODE)
