"""The broker and the database: whether they take what they are given, and what lies in them that should not."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from amqp.exceptions import NotFound

from contracts import topology
from libranet import broker, quarantine
from libranet.clock import now
from libranet.collection import CORE_COLLECTIONS, Collection
from libranet.doctor.finding import Finding, bad, look, well
from libranet.ids import new_id
from libranet.lease import Lease
from libranet.mongo import Database, connect
from libranet.operate import database_of, outdated

MANY_MESSAGES = 10_000
OLD_FACT = timedelta(minutes=1)
SKEW_SECONDS, WORST_SKEW_SECONDS = 2.0, 10.0
"""A principal is good for a minute and ten seconds of another clock."""
PROBE = "doctor"


def broker_takes() -> Iterator[Finding]:
    """Whether a message is confirmed: one to nowhere, which comes back."""
    with broker.Link() as link:
        publisher = broker.Publisher(link)
        publisher.publish(b"", "", f"libranet.{PROBE}.{new_id()}", PROBE)
        try:
            publisher.wait()
        except broker.NotConfirmed as reason:
            yield bad("broker", f"It takes no messages: {reason}.",
                      "Look for its memory and disk alarms (`rabbitmq-diagnostics alarms`) and make room. Nothing is "
                      "lost: facts wait in the outboxes.")
            return
    yield well("broker", "It confirms what is published.")


def queues() -> Iterator[Finding]:
    """Whether each is there and heard, and what lies in it."""
    with broker.Link() as link:
        for queue in topology.queues():
            yield _queue(link, queue)
        dead = _count(link, topology.DEAD_QUEUE)
    if dead and dead[0]:
        yield look("broker", f"{dead[0]} messages lie with the dead letters: no handler ever finished them.",
                   "`libranet events dead` lists them; `--replay` sends them back.")


def _queue(link: broker.Link, queue: str) -> Finding:
    service, count = queue.split(".")[0], _count(link, queue)
    if count is None:
        return bad("broker", f"The queue {queue} is not there.", f"Restart {service}, which declares it.")
    messages, hearers = count
    if not hearers:
        return bad("broker", f"Nobody hears {queue}, where {messages} messages wait.",
                   f"See why {service} is not connected: its /readyz and its log.")
    if messages > MANY_MESSAGES:
        return look("broker", f"{messages} messages wait in {queue}.", f"Run more replicas of {service}, or wait.")
    return well("broker", f"{queue} is heard; {messages} messages wait.")


def _count(link: broker.Link, queue: str) -> tuple[int, int] | None:
    """How many messages lie there and how many hear it; None where there is no such queue."""
    try:
        found = link.channel().queue_declare(queue, passive=True)
    except NotFound:
        return None
    return found.message_count, found.consumer_count


def database_takes() -> Iterator[Finding]:
    """Whether it has a primary, takes a write, and tells the same time."""
    with connect() as client:
        asked = time.time()
        told: dict[str, Any] = client.admin.command("hello")
        answered = time.time()
    if "setName" not in told:
        yield bad("database", "It is no member of a replica set, so it has no transactions.",
                  "Start it with --replSet, and run rs.initiate() once.")
        return
    lease = Lease(database_of("profiles"), PROBE)
    lease.is_held()
    lease.give_back()
    yield well("database", f"The replica set {told['setName']} takes writes.")
    off = (told["localTime"].timestamp() - (asked + answered) / 2)
    yield clock("database", max(0.0, abs(off) - (answered - asked) / 2))


def clock(part: str, off_seconds: float) -> Finding:
    """What it means that a part's clock is so far from this machine's."""
    said = f"Its clock and this machine's differ by {off_seconds:.1f} s."
    if off_seconds > WORST_SKEW_SECONDS:
        return bad(part, said, "Mend the time service of both: calls are refused as too old, tokens run out early.")
    if off_seconds > SKEW_SECONDS:
        return look(part, said, "Look at the time service of both.")
    return well(part, said)


def service_data(service: str, own: tuple[Collection, ...]) -> Iterator[Finding]:
    """What lies in a service's database: outbox, quarantine, older documents, missing collections."""
    database, collections = database_of(service), (*CORE_COLLECTIONS, *own)
    found = [*_missing(service, database, collections), *_outbox(service, database), *_quarantine(service, database),
             *_outdated(service, database, collections)]
    yield from found or [well(service, "Its facts are published, nothing is set aside, its documents are up to date.")]


def _missing(service: str, database: Database, collections: tuple[Collection, ...]) -> Iterator[Finding]:
    names = set(database.database.list_collection_names())
    missing = [each.name for each in collections if each.name not in names]
    for each in collections:
        there = {tuple(found["key"]) for found in database.database[each.name].list_indexes()}
        missing += [f"index of {each.name} on {', '.join(index.keys)}" for index in each.indexes
                    if index.keys not in there]
    if missing:
        yield bad(service, f"Its database lacks: {'; '.join(missing)}.", f"Restart {service}, which makes them.")


def _outbox(service: str, database: Database) -> Iterator[Finding]:
    oldest = database.database.outbox.find_one({}, {"recorded_at": 1}, sort=[("_id", 1)])
    if oldest and now() - oldest["recorded_at"] > OLD_FACT:
        waits = int((now() - oldest["recorded_at"]).total_seconds())
        yield bad(service, f"A fact has waited {waits} s to be published.",
                  f"/readyz of {service} says what its relay waits for. Nothing is lost.")


def _quarantine(service: str, database: Database) -> Iterator[Finding]:
    rows = database.database.quarantine.count_documents({})
    if rows:
        level = bad if rows >= quarantine.quarantine_limit() else look
        yield level(service, f"{rows} events are set aside.",
                    "`libranet quarantine list` and `show` say why; `replay` each after its cause was mended.")


def _outdated(service: str, database: Database, collections: tuple[Collection, ...]) -> Iterator[Finding]:
    for each in collections:
        if count := database.database[each.name].count_documents(outdated(each)):
            yield look(service, f"{count} documents of {each.name} are of an older version.", "Run `libranet migrate`.")
