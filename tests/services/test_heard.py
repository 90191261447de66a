"""What may still be on its way as an event, and what would have been heard of by now."""

from datetime import timedelta

import pytest

from libranet import heard
from libranet.clock import now
from libranet.heard import Heard
from libranet.ids import keyed_id, new_id

QUEUE = "credentials.patrons"


@pytest.fixture
def hearing(monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.setattr(heard, "SETTLE_SECONDS", -1.0)
    made = Heard()
    made.expect(QUEUE)
    return made


def test_before_anything_was_heard_everything_may_come(hearing: Heard) -> None:
    assert hearing.may_come(new_id())
    assert not hearing.is_current()


def test_what_was_never_made_here_and_now_never_comes(hearing: Heard) -> None:
    assert not hearing.may_come("6f1f3a4e-1111-4222-8333-444444444444")
    assert not hearing.may_come("nothing")


def test_a_fresh_id_may_come_and_an_old_one_would_have_been_heard_of(hearing: Heard) -> None:
    hearing.connected(QUEUE)
    hearing.idle(QUEUE)
    assert hearing.is_current()
    assert hearing.may_come(new_id())
    assert not hearing.may_come("0190b3a0-2222-7222-8222-222222222222")


def test_while_the_broker_is_away_nothing_that_was_made_since_is_missing_for_good(hearing: Heard) -> None:
    hearing.handled(QUEUE, now() - timedelta(hours=1))
    assert hearing.may_come(new_id())
    assert not hearing.is_current()


def test_silence_counts_only_once_a_connection_has_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "SETTLE_SECONDS", 60.0)
    hearing = Heard()
    hearing.expect(QUEUE)
    hearing.connected(QUEUE)
    hearing.idle(QUEUE)
    assert not hearing.is_current()


def test_without_an_id_that_tells_its_time_it_may_come(hearing: Heard) -> None:
    assert hearing.may_come(None)


def test_the_queue_that_lags_most_counts(hearing: Heard) -> None:
    hearing.connected(QUEUE)
    hearing.idle(QUEUE)
    hearing.handled("credentials.courses", now() - timedelta(minutes=5))
    assert not hearing.is_current()


def test_an_id_that_follows_from_something_else_tells_no_time(monkeypatch: pytest.MonkeyPatch, hearing: Heard) -> None:
    assert not hearing.may_come(keyed_id("course", "a"))
