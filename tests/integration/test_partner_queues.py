"""A partner's queue at a real broker: made by an operator, filled by the deliveries, read by its user alone."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import kombu
import pytest
from amqp.exceptions import AccessRefused, AMQPError, NotAllowed, NotFound

from contracts import topology
from gateway.deliveries import broker_accounts
from gateway.deliveries import queues as queues_module
from gateway.deliveries.attempting import Job
from gateway.deliveries.domain import partner_queue
from gateway.deliveries.domain.agenda import Due
from gateway.deliveries.queues import AWAY, FAULTY, FULL, MISSING, TAKEN, WORDS, Queues
from libranet.broker import Link
from libranet.clock import now
from libranet.ids import new_id
from libranet.local import Platform
from libranet.local.broker import password_hash
from tests.patience import until

pytestmark = [pytest.mark.real, pytest.mark.own_broker]
NODE, NEIGHBOUR = "test.lakeside", "test.mill"


@dataclass
class Stand:
    """Two partners with a queue each, and the deliveries' own way to them."""

    uris: dict[str, str]
    queues: Queues


@pytest.fixture(scope="module")
def stand(parts: Platform) -> Iterator[Stand]:
    before = dict(os.environ)
    os.environ["LIBRANET_HOME"] = str(parts.home.path)  # whose broker it is
    accounts, uris = broker_accounts.accounts(), {}
    for node in (NODE, NEIGHBOUR):
        accounts.put(partner_queue.definitions(node, password_hash("secret/&")))
        uris[node] = broker_accounts.uri_of(node, "secret/&")
    own = parts.environment("deliveries")["AMQP_URI"].rpartition("/")[0] + "/" + topology.PARTNER_VHOST
    queues = Queues(lambda: Link(own))
    yield Stand(uris, queues)
    queues.drop()
    os.environ.clear()
    os.environ.update(before)


def a_job(node: str = NODE) -> Job:
    identity = new_id()
    event = {"type": "org.libranet.learning.course-offered.v1", "source": "learning", "time": now(),
             "owner": "test.riverside", "sequence": 1, "data": {"course": new_id(), "title": "Spreadsheets"}}
    return Job(Due(now(), identity, "s", node), {"_id": identity, "message": f"msg_{identity}", "event": event},
               {"owner": node, "delivery": "amqp"}, (), time.monotonic())


def reasons(queues: Queues, *jobs: Job) -> list[str | None]:
    return [each.reason for each in queues.lay(jobs)]


def received(uri: str, count: int) -> list[Any]:
    """What a partner's program reads, by kombu, without declaring anything."""
    found: list[Any] = []

    def take(_body: Any, message: Any) -> None:
        found.append(message)
        message.ack()

    with kombu.Connection(uri, connect_timeout=60) as connection:
        queue = kombu.Queue(NODE, no_declare=True)
        with kombu.Consumer(connection.channel(), queue, on_message=lambda message: take(None, message),
                            accept=["application/cloudevents+json"]):
            while len(found) < count:
                connection.drain_events(timeout=60)
    return found


def test_a_partner_reads_its_events_by_the_uri_it_was_given(stand: Stand) -> None:
    jobs = [a_job() for _ in range(150)]
    attempts = stand.queues.lay(jobs)
    assert [each.succeeded for each in attempts] == [True] * 150
    messages = received(stand.uris[NODE], 150)
    assert [each.properties["message_id"] for each in messages] == [job.delivery["message"] for job in jobs]
    event = json.loads(messages[0].body)
    assert (event["specversion"], event["id"]) == ("1.0", messages[0].properties["message_id"])
    assert messages[0].content_type == "application/cloudevents+json"


@pytest.mark.parametrize("forbidden", [
    lambda channel: channel.basic_get(NEIGHBOUR),
    lambda channel: channel.basic_consume(NEIGHBOUR, callback=print),
    lambda channel: channel.queue_purge(NEIGHBOUR),
    lambda channel: channel.queue_declare("test.new"),
    lambda channel: channel.queue_declare(""),
    lambda channel: channel.queue_declare(NODE, durable=True, auto_delete=False, arguments=partner_queue.ARGUMENTS),
    lambda channel: channel.queue_delete(NODE),
    lambda channel: channel.queue_bind(NODE, "amq.topic", "#"),
    lambda channel: channel.exchange_declare("mine", "topic"),
    lambda channel: publish(channel, "", NODE),
    lambda channel: publish(channel, "", NEIGHBOUR),
    lambda channel: publish(channel, "amq.topic", "x"),
    lambda channel: publish(channel, "amq.rabbitmq.trace", "x"),
], ids=["get", "consume", "purge", "declare", "declare-unnamed", "redeclare", "delete", "bind", "exchange",
        "publish-own", "publish-other", "publish-topic", "publish-trace"])
def test_everything_else_is_refused(stand: Stand, forbidden: Any) -> None:
    link = Link(stand.uris[NODE])
    with pytest.raises((AccessRefused, NotFound)):
        forbidden(link.channel())
    link.drop()


def publish(channel: Any, exchange: str, key: str) -> None:
    import amqp

    channel.confirm_select()
    channel.basic_publish_confirm(amqp.Message(b"x"), exchange=exchange, routing_key=key)


@pytest.mark.parametrize("vhost", ["libranet", "%2F"])
def test_a_partner_gets_into_no_other_virtual_host(stand: Stand, vhost: str) -> None:
    with pytest.raises((NotAllowed, AccessRefused, AMQPError, OSError)):
        Link(stand.uris[NODE].rpartition("/")[0] + "/" + vhost)


def test_the_deliveries_themselves_can_read_nothing_there(parts: Platform, stand: Stand) -> None:
    link = Link(parts.environment("deliveries")["AMQP_URI"].rpartition("/")[0] + "/" + topology.PARTNER_VHOST)
    with pytest.raises(AccessRefused):
        link.channel().basic_get(NODE)
    link.drop()


def test_a_full_and_a_missing_queue_are_failures_of_their_own_messages(
        parts: Platform, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {**partner_queue.ARGUMENTS, "x-max-length": 1}
    monkeypatch.setattr(partner_queue, "ARGUMENTS", small)
    broker_accounts.accounts().put(partner_queue.definitions("test.small", password_hash("x")))

    def told() -> list[str | None]:
        return reasons(stand.queues, a_job(), a_job("test.small"), a_job("test.nowhere"), a_job())

    until(lambda: told() == [WORDS[TAKEN], WORDS[FULL], WORDS[MISSING], WORDS[TAKEN]])  # it counts a moment late


def test_a_broken_connection_is_our_own_fault_and_the_next_batch_finds_a_new_one(stand: Stand) -> None:
    assert reasons(stand.queues, a_job()) == [WORDS[TAKEN]]
    stand.queues._window.link.connection.transport.sock.close()  # type: ignore[union-attr]
    (attempt,) = stand.queues.lay([a_job()])
    assert (attempt.reason, attempt.is_our_fault) == (WORDS[AWAY], True)
    assert reasons(stand.queues, a_job()) == [WORDS[TAKEN]]


def test_an_event_that_cannot_be_told_keeps_its_neighbours_not_back(stand: Stand) -> None:
    good, bad = a_job(), a_job()
    bad.delivery["event"]["type"] = "org.libranet.learning.unheard-of.v1"
    told = stand.queues.lay([bad, good])
    assert [(each.reason, each.is_our_fault) for each in told] == [(WORDS[FAULTY], True), (WORDS[TAKEN], False)]


def test_while_the_broker_is_away_nothing_is_held_against_the_partner() -> None:
    (attempt,) = Queues(lambda: Link("amqp://a:b@127.0.0.1:1/x")).lay([a_job()])
    assert (attempt.succeeded, attempt.is_our_fault, attempt.status) == (False, True, None)


def test_a_new_password_ends_the_one_before_and_a_removal_leaves_nothing(stand: Stand) -> None:
    accounts = broker_accounts.accounts()
    accounts.put(partner_queue.definitions("test.leaving", password_hash("first")))
    accounts.put(partner_queue.definitions("test.leaving", password_hash("second")))
    with pytest.raises((AccessRefused, AMQPError, OSError)):
        Link(broker_accounts.uri_of("test.leaving", "first"))
    reading = Link(broker_accounts.uri_of("test.leaving", "second"))
    accounts.disconnect("test.leaving")
    with pytest.raises((AMQPError, OSError)):
        reading.pause(60)
    for _ in range(2):
        accounts.remove("test.leaving")
    with pytest.raises((AccessRefused, AMQPError, OSError)):
        Link(broker_accounts.uri_of("test.leaving", "second"))
    until(lambda: reasons(stand.queues, a_job("test.leaving")) == [WORDS[MISSING]])  # by a new connection if need be


def test_idle_connections_stay_alive(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues_module, "KEEP_ALIVE_SECONDS", 0)
    assert reasons(stand.queues, a_job()) == [WORDS[TAKEN]]
    for _ in range(3):
        stand.queues.keep_alive()
    assert reasons(stand.queues, a_job()) == [WORDS[TAKEN]]


def test_where_there_is_no_right_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMQP_URI", "amqps://me:word@broker.example.org/libranet")
    with pytest.raises(broker_accounts.NoRightToIt, match="rabbitmqctl import_definitions"):
        broker_accounts.accounts().put(partner_queue.definitions(NODE, "hash"))
    assert broker_accounts.uri_of(NODE, "a/b") == (
        "amqps://partner.test.lakeside:a%2Fb@broker.example.org/libranet-partners")
