"""What may still be on its way as an event, and what would have been heard of by now."""

from datetime import timedelta

import pytest

from libranet import heard
from libranet.clock import now
from libranet.heard import Heard
from libranet.ids import keyed_id, new_id

QUEUE = "credentials.patrons"
OLD = "0190b3a0-2222-7222-8222-222222222222"


@pytest.fixture
def hearing(monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.setattr(heard, "SETTLE_SECONDS", -1.0)
    made = Heard()
    made.expect(QUEUE)
    return made


def test_before_anything_was_heard_everything_may_come(hearing: Heard) -> None:
    assert hearing.may_come(new_id(), now())
    assert hearing.may_come(OLD, now())
    assert hearing.may_come(None, now())


def test_what_was_never_made_here_and_now_never_comes(hearing: Heard) -> None:
    for identity in ("6f1f3a4e-1111-4222-8333-444444444444", "nothing", keyed_id("course", "a")):
        assert not hearing.may_come(identity, now())


def test_a_fresh_id_may_come_and_an_old_one_would_have_been_heard_of(hearing: Heard) -> None:
    hearing.connected(QUEUE)
    hearing.emptied(QUEUE)
    assert hearing.may_come(new_id(), now())
    assert not hearing.may_come(OLD, now())


def test_while_the_broker_is_away_nothing_that_was_made_since_is_missing_for_good(hearing: Heard) -> None:
    hearing.handled(QUEUE, now() - timedelta(hours=1))
    assert hearing.may_come(new_id(), now())
    assert not hearing.may_come(OLD, now())


def test_an_empty_queue_counts_only_once_a_connection_has_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "SETTLE_SECONDS", 60.0)
    hearing = Heard()
    hearing.expect(QUEUE)
    hearing.connected(QUEUE)
    hearing.emptied(QUEUE)
    assert hearing.may_come(OLD, now())


def test_what_tells_no_time_may_come_until_all_was_heard_that_was_told_before_it_was_asked_for(hearing: Heard) -> None:
    hearing.connected(QUEUE)
    hearing.emptied(QUEUE)
    assert hearing.may_come(None, now())
    assert not hearing.may_come(None, now() - timedelta(seconds=2))


def test_the_queue_that_lags_most_counts(hearing: Heard) -> None:
    hearing.connected(QUEUE)
    hearing.emptied(QUEUE)
    hearing.handled("credentials.courses", now() - timedelta(minutes=5))
    assert hearing.until < now() - timedelta(minutes=4)


def test_a_process_that_hears_nothing_has_nothing_to_wait_for() -> None:
    assert not Heard().may_come(OLD, now())
