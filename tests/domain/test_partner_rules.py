"""How a stream is numbered, when an endpoint is given up, which secrets sign, and what a replay takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.deliveries.domain import failing, partner_queue, replay, rotation, stream, subscriptions
from gateway.deliveries.domain.refusals import PositionUnknown, ReplayRunning, SinceAhead
from gateway.deliveries.domain.schedule import DELIVERED, FAILED, Attempt
from gateway.deliveries.feed import types_for

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PATIENCE = timedelta(days=5)
NODE = "demo.lakeside-college"
ISSUED, NOTICE = "org.libranet.credentials.credential-issued.v1", "org.libranet.deliveries.endpoint-disabled.v1"


def days(count: float) -> timedelta:
    return timedelta(days=count)


# streams


def grown(*steps: tuple[float, int]) -> dict[str, Any]:
    """A stream that got so many events on each of these days before now."""
    kept = stream.empty(NODE)
    for before, count in steps:
        kept = stream.extended(kept, count, NOW - days(before))
    return kept


def test_numbers_go_on_where_they_ended() -> None:
    assert grown((2, 3), (0, 4))["last"] == 7


def test_a_day_begins_at_its_first_number() -> None:
    kept = grown((2, 3), (2, 1), (1, 2), (0, 4))
    assert [stream.first_since(kept, NOW - days(each)) for each in (3, 2, 1, 0, -1)] == [1, 1, 5, 7, 11]


def test_a_day_without_events_begins_where_the_next_one_does() -> None:
    assert stream.first_since(grown((9, 3), (2, 1)), NOW - days(5)) == 4


def test_days_that_are_no_longer_kept_are_forgotten() -> None:
    kept = grown((40, 3), (29, 2), (0, 1))
    assert len(kept["days"]) == 2
    assert stream.first_kept(kept, NOW) == 4


def test_reading_begins_with_the_oldest_that_is_kept() -> None:
    kept = grown((40, 3), (1, 2))
    assert stream.read_position(None, kept, NOW) == 3
    assert stream.read_position("1", kept, NOW) == 3
    assert stream.read_position("4", kept, NOW) == 4
    assert stream.read_position(None, stream.empty(NODE), NOW) == 0


@pytest.mark.parametrize("text", ["6", "-1", "x", "1.0", "²", "9" * 16, " 1", "1 "])
def test_a_position_that_was_never_given_is_refused(text: str) -> None:
    with pytest.raises(PositionUnknown):
        stream.read_position(text, grown((1, 5)), NOW)


def test_positions_from_before_a_restore_lead_to_what_came_after_it() -> None:
    kept = stream.restored(grown((1, 5)))
    assert stream.read_position("4", kept, NOW) == 4
    assert stream.read_position("9", kept, NOW) == 5, "given after the backup"
    kept = stream.extended(kept, 7, NOW)
    given = stream.position(12, kept)
    assert stream.read_position(given, kept, NOW) == 12
    assert stream.read_position("9", kept, NOW) == 5
    later = stream.restored(kept)
    assert stream.read_position(given, later, NOW) == 12
    assert stream.read_position("9", later, NOW) == 5


def test_a_position_of_a_restored_platform_that_is_lost_too_is_refused() -> None:
    first, second = stream.restored(grown((1, 5))), stream.restored(grown((1, 5)))
    with pytest.raises(PositionUnknown):
        stream.read_position(stream.position(3, first), second, NOW)


def test_a_disabled_subscription_is_listened_for_as_long_as_it_could_resume() -> None:
    row = subscriptions.new("s", NODE, "webhook", ["*"], NOW) | {"enabled": False, "disabled_at": NOW}
    assert subscriptions.is_listening(row, NOW + days(29))
    assert not subscriptions.is_listening(row, NOW + days(31))


def test_only_what_somebody_there_asked_for_is_kept_and_notices_always() -> None:
    row = subscriptions.new("s", NODE, "pull", [ISSUED], NOW)
    assert subscriptions.is_kept(ISSUED, [row])
    assert subscriptions.is_kept(NOTICE, [row])
    assert not subscriptions.is_kept("org.libranet.learning.course-offered.v1", [row])


def test_a_notice_is_told_to_its_owner_alone() -> None:
    assert subscriptions.concerns(NODE, NOTICE, NODE)
    assert not subscriptions.concerns("demo.mill", NOTICE, NODE)
    assert not subscriptions.concerns("demo", NOTICE, NODE)


def test_the_feed_shows_what_the_subscriptions_ask_for_and_of_it_what_is_asked_now() -> None:
    rows = [subscriptions.new("s", NODE, "pull", [ISSUED], NOW)]
    assert types_for(rows, None) == [ISSUED, NOTICE]
    assert types_for(rows, ["*"]) == [ISSUED, NOTICE]
    assert types_for(rows, [NOTICE, "org.libranet.learning.course-offered.v1"]) == [NOTICE]


# endpoints


def tries(count: int, apart: timedelta, **what: Any) -> list[Attempt]:
    told = {"status": 500, **what}
    return [Attempt(NOW + number * apart, 0, **told) for number in range(count)]


def test_days_of_failure_switch_an_endpoint_off() -> None:
    verdict = failing.judge(None, tries(20, days(0.5)), PATIENCE)
    assert (verdict.reason, verdict.failing) == ("failing", {"since": NOW, "attempts": 12})
    assert failing.judge(None, tries(10, days(0.5)), PATIENCE).reason is None


def test_one_event_that_nobody_took_never_ends_a_subscription() -> None:
    verdict = failing.judge(None, tries(failing.FEWEST_ATTEMPTS - 1, days(30)), PATIENCE)
    assert verdict.reason is None


def test_many_failures_within_hours_do_not_either() -> None:
    assert failing.judge(None, tries(1000, timedelta(minutes=1)), PATIENCE).reason is None


def test_a_success_begins_anew() -> None:
    failed = failing.judge(None, tries(11, days(1)), PATIENCE).failing
    assert failing.judge(failed, tries(1, days(1), status=204), PATIENCE) == failing.Verdict(None)
    assert failing.judge(failed, tries(1, days(1), status=None, is_taken=True), PATIENCE) == failing.Verdict(None)


@pytest.mark.parametrize("what", [{"status": None, "reason": "no answer in time"}, {"status": 429}, {"status": 301},
                                  {"status": None, "reason": "the queue is full"}])
def test_an_endpoint_that_never_answers_fails_like_one_that_refuses(what: dict[str, Any]) -> None:
    assert failing.judge(None, tries(20, days(1), **what), PATIENCE).reason == "failing"


def test_our_own_faults_are_not_held_against_anybody() -> None:
    assert failing.judge(None, tries(99, days(1), status=None, is_our_fault=True), PATIENCE) == failing.Verdict(None)


def test_gone_switches_off_at_once() -> None:
    verdict = failing.judge(None, tries(1, days(1), status=410), PATIENCE)
    assert (verdict.reason, verdict.failing) == ("gone", {"since": NOW, "attempts": 1})


# secrets


def test_the_newest_secret_signs_first_and_the_former_until_its_overlap_ends() -> None:
    row = {"secret": b"one", "former_secrets": []}
    row |= rotation.rotated(row, b"two", NOW, timedelta(hours=24))
    assert rotation.in_use(row, NOW + timedelta(hours=23)) == [b"two", b"one"]
    assert rotation.in_use(row, NOW + timedelta(hours=24)) == [b"two"]
    assert rotation.former_until(row) == NOW + timedelta(hours=24)


def test_without_overlap_the_former_secret_ends_at_once() -> None:
    row = {"secret": b"one", "former_secrets": []}
    assert rotation.rotated(row, b"two", NOW, timedelta(0)) == {"secret": b"two", "former_secrets": []}


def test_a_second_rotation_keeps_the_newest_two_and_lengthens_none() -> None:
    row: dict[str, Any] = {"secret": b"0", "former_secrets": []}
    for number in range(1, 5):
        row |= rotation.rotated(row, b"%d" % number, NOW, timedelta(hours=24 - number))
    assert rotation.in_use(row, NOW) == [b"4", b"3", b"2"]
    assert {each["until"] for each in row["former_secrets"]} == {NOW + timedelta(hours=20)}


# replays


def a_replay(since: datetime, **more: Any) -> dict[str, Any]:
    return replay.begun("r", grown((3, 100), (1, 50)), replay.Wish(since, (ISSUED,), **more), NOW)


def test_a_replay_covers_what_was_kept_since_and_nothing_later() -> None:
    begun = a_replay(NOW - days(1))
    assert (begun["first"], begun["last"], begun["count"]) == (101, 150, 50)
    assert a_replay(NOW - days(300))["first"] == 1
    assert a_replay(NOW)["count"] == 0
    assert replay.settled(begun, {"last": 152})["last"] == 152


def test_a_replay_of_nothing_ends_with_its_first_piece() -> None:
    begun = a_replay(NOW)
    ended = replay.advanced(begun, begun["last"], 0)
    assert (ended["state"], ended["next"] - ended["first"]) == (replay.DONE, 0)


def test_a_time_to_come_is_refused() -> None:
    with pytest.raises(SinceAhead):
        a_replay(NOW + days(1))


def test_it_takes_its_types_from_its_time_on() -> None:
    begun = a_replay(NOW - days(2))
    event = {"type": ISSUED, "time": NOW - days(1)}
    assert replay.takes(begun, event, None)
    assert replay.takes(begun, event, DELIVERED)
    assert not replay.takes(begun, event | {"time": NOW - days(2.1)}, None)
    assert not replay.takes(begun, event | {"type": NOTICE}, None)


def test_resuming_takes_only_what_was_not_delivered() -> None:
    begun = a_replay(NOW - days(2), only_missing=True)
    event = {"type": ISSUED, "time": NOW - days(1)}
    assert [replay.takes(begun, event, status) for status in (None, FAILED, DELIVERED)] == [True, True, False]


def test_resuming_begins_before_the_failures_but_not_before_the_subscription() -> None:
    row = subscriptions.new("s", NODE, "webhook", [ISSUED], NOW - days(20)) | {
        "failing": {"since": NOW - days(6), "attempts": 20}, "disabled_at": NOW}
    assert replay.missed(row) == replay.Wish(NOW - days(8), (ISSUED,), only_missing=True)
    assert replay.missed(row | {"created_at": NOW - days(7)}).since == NOW - days(7)
    assert replay.missed(row | {"failing": None}).since == NOW - days(2)


def test_it_ends_when_all_was_looked_at() -> None:
    begun = a_replay(NOW - days(1))
    halfway = replay.advanced(begun, 120, 7)
    assert (halfway["state"], halfway["next"], halfway["planned"]) == (replay.RUNNING, 121, 7)
    assert replay.advanced(halfway, 150, 1)["state"] == replay.DONE


def test_while_one_runs_another_waits_and_the_same_may_begin_anew() -> None:
    begun = a_replay(NOW - days(1))
    with pytest.raises(ReplayRunning):
        replay.check_may_begin(begun, replay.Wish(NOW - days(2), (ISSUED,)))
    replay.check_may_begin(begun, replay.wish_of(begun))
    replay.check_may_begin(begun | {"state": replay.DONE}, replay.Wish(NOW - days(2), (ISSUED,)))
    replay.check_may_begin(None, replay.wish_of(begun))


# queues


def test_a_partners_user_may_read_its_own_queue_and_nothing_else() -> None:
    may = partner_queue.permissions(NODE)
    assert (may["configure"], may["write"], may["read"]) == ("^$", "^$", r"^demo\.lakeside\-college$")
    assert partner_queue.definitions(NODE, "hash")["permissions"][0]["vhost"] == "libranet-partners"
