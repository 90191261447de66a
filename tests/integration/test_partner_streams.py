"""Streams on the real database: whoever reads on from a position misses nothing, whatever commits when."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from gateway.deliveries.collections import COLLECTIONS
from gateway.deliveries.domain import stream, subscriptions
from gateway.deliveries.domain.replay import Wish, begun
from gateway.deliveries.feed import Feed
from gateway.deliveries.replaying import Replays
from gateway.deliveries.service import Deliveries
from gateway.deliveries.store import DeliveryStore
from gateway.deliveries.subscription_store import SubscriptionStore
from libranet.clock import now
from libranet.ids import new_id
from libranet.local import Platform
from libranet.mongo import Database
from tests.services.deliveries_stage import OFFERED, course

pytestmark = pytest.mark.real
NODE = "demo.lakeside-college"
HEARERS, BATCHES, EVENTS_A_BATCH = 4, 8, 5


@pytest.fixture
def database(parts: Platform) -> Iterator[Database]:
    made = Database().connect("deliveries", COLLECTIONS, name=f"test_streams_{new_id()}", holder=f"test@{new_id()}")
    made.prepare()
    yield made
    made.client.drop_database(made.database.name)
    made.client.close()


def subscribe(database: Database, delivery: str = "pull") -> str:
    identity = new_id()
    SubscriptionStore(database.database).add(
        subscriptions.new(identity, NODE, delivery, ["*"], now() - timedelta(days=1)) | {"digest": ""})
    return identity


class Hearer(Deliveries):
    """The service's own handling without nameko's parts; `before_commit` is when another may come first."""

    def __init__(self, before_commit: Any = lambda: None) -> None:
        self._before_commit = before_commit
        self.sender: Any = self

    def wake(self) -> None:
        """Nobody sends here."""

    def hear(self, database: Database, *events: Any) -> None:
        def effect(work: Any) -> None:
            self.facts(list(events), DeliveryStore(work))
            self._before_commit()

        database.transact(effect)


def read_on(feed: Feed, after: str | None) -> tuple[list[str], str]:
    items, place = feed.page(NODE, after, [OFFERED], 200, now())
    return [each["id"] for each in items], place


def test_a_reader_misses_nothing_of_many_hearers_that_commit_at_once(database: Database) -> None:
    subscribe(database)
    feed, seen, place, done = Feed(database.database), list[str](), None, threading.Event()
    batches = [[[course() for _ in range(EVENTS_A_BATCH)] for _ in range(BATCHES)] for _ in range(HEARERS)]

    def hear_all(mine: list[list[Any]]) -> None:
        for batch in mine:
            hear_patiently(database, batch)

    def read_all() -> None:
        nonlocal place
        while not done.is_set():
            found, place = read_on(feed, place)
            seen.extend(found)

    reader = threading.Thread(target=read_all)
    hearers = [threading.Thread(target=hear_all, args=(mine,)) for mine in batches]
    for each in (reader, *hearers):
        each.start()
    for each in hearers:
        each.join()
    done.set()
    reader.join()
    found, place = read_on(feed, place)
    told = {subscriptions.message_id(event.id, NODE) for mine in batches for batch in mine for event in batch}
    assert sorted([*seen, *found]) == sorted(told)
    assert place == str(HEARERS * BATCHES * EVENTS_A_BATCH)


def hear_patiently(database: Database, batch: list[Any]) -> None:
    """As the hearer does: a batch whose transaction was lost to a rival is handled again."""
    while True:
        try:
            Hearer().hear(database, *batch)
            return
        except PyMongoError as error:
            if not error.has_error_label("TransientTransactionError"):
                raise
            time.sleep(0.05)


def test_of_two_batches_the_one_that_commits_second_gets_the_higher_numbers(database: Database) -> None:
    subscribe(database)
    feed, early, late = Feed(database.database), course(), course()
    interrupted: list[str] = []

    def let_another_come_first() -> None:
        if not interrupted:
            interrupted.append("once")
            Hearer().hear(database, late)

    Hearer(let_another_come_first).hear(database, early)
    ids, place = read_on(feed, None)
    assert ids == [subscriptions.message_id(each.id, NODE) for each in (late, early)]
    assert place == "2"


def test_what_is_heard_while_a_subscription_is_switched_on_is_not_lost_between(database: Database) -> None:
    """The hearer still saw it switched off, and the replay already saw the stream's end."""
    identity = subscribe(database, "webhook")
    row = database.reading().get("subscriptions", identity)
    assert row is not None
    database.transact(lambda work: work.replace("subscriptions", row | {"enabled": False, "disabled_at": now()}))
    store, replays, between = SubscriptionStore(database.database), Replays(), list[str]()

    def switch_on() -> None:
        if between:
            return
        between.append("once")
        disabled = store.find(identity)
        assert disabled is not None
        wish = Wish(now() - timedelta(hours=1), ("*",), only_missing=True)
        store.enable(disabled, begun(new_id(), store.stream(NODE), wish, now()))
        replays.begin([identity])
        database.transact(lambda work: replays.plan_some(work, now()))

    Hearer(switch_on).hear(database, course())
    while replays:
        database.transact(lambda work: replays.plan_some(work, now()))
    assert [each["subscription"] for each in database.reading().find("deliveries", {})] == [identity]
    assert stream.empty(NODE).keys() <= store.stream(NODE).keys()
