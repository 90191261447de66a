"""Commands for operators: what lies in quarantine, replays from the archive, and migrations."""

import heapq
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from importlib.metadata import entry_points
from operator import itemgetter
from typing import Any

import click
from pymongo.errors import PyMongoError

from contracts import topology
from contracts.event_types import all_types
from libranet import broker, operator_access, outbox, quarantine
from libranet.clock import rfc3339
from libranet.collection import CORE_COLLECTIONS, Collection
from libranet.mongo import Database
from libranet.work import Work

REPLAY_WINDOW = 200


def database_of(service: str) -> Database:
    """A service's database with its core collections, for an operator."""
    name = "gateway" if service == "deliveries" else service
    return Database().connect(service, (), name=f"libranet_{name}", holder=f"operator@{service}.{os.getpid()}")


def _queue_owner(queue: str) -> Database:
    if queue not in topology.queues():
        raise click.ClickException(f"No queue is called {queue}. There are: {', '.join(topology.queues())}.")
    return database_of(queue.split(".")[0])


@click.group("quarantine")
def quarantine_commands() -> None:
    """Events that could not be handled: list, show, replay, drop."""
    operator_access.connect()


@quarantine_commands.command("list")
@click.argument("queue", required=False)
def list_quarantine(queue: str | None) -> None:
    """List what lies in quarantine, of one QUEUE or of all."""
    for name in [queue] if queue else list(topology.queues()):
        for row in _queue_owner(name).reading().find("quarantine", {"queue": name}):
            click.echo(f"{row['_id']}  {rfc3339(row['last_seen_at'])}  {row['times']}x  {row['reason'][:100]}")


@quarantine_commands.command("show")
@click.argument("key")
def show_quarantine(key: str) -> None:
    """Show one event: KEY is the first column of `list`."""
    row = _queue_owner(key.split("|")[0]).reading().get("quarantine", key)
    if row is None:
        raise click.ClickException(f"Nothing in quarantine has the key {key}.")
    click.echo(f"reason: {row['reason']}\nfirst seen: {rfc3339(row['first_seen_at'])}\n")
    click.echo(bytes(row["body"]).decode(errors="replace"))


@quarantine_commands.command("replay")
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.option("--queue", help="All that lie in quarantine of this queue, the oldest first.")
def replay_quarantine(keys: tuple[str, ...], queue: str | None) -> None:
    """Send events to their queues again, after the cause was mended."""
    if bool(keys) == bool(queue):
        raise click.UsageError("Name the events by their keys, or all of one queue by --queue.")
    for key in keys or _keys_of(str(queue)):
        if _is_sent_again(key):
            click.echo(f"Sent: {key}")
        elif keys:
            raise click.ClickException(f"Nothing in quarantine has the key {key}.")


def _keys_of(queue: str) -> list[str]:
    rows = _queue_owner(queue).reading().find("quarantine", {"queue": queue}, fields=("first_seen_at",))
    return [row["_id"] for row in sorted(rows, key=itemgetter("first_seen_at", "_id"))]


def _is_sent_again(key: str) -> bool:
    """False where there is nothing of this key (any more)."""
    queue = key.split("|")[0]
    try:
        quarantine.release(_queue_owner(queue), key, lambda body: _publish(queue, iter([(key, body)])))
    except KeyError:
        return False
    return True


@quarantine_commands.command("drop")
@click.argument("key")
@click.confirmation_option(prompt="The event's effect will never happen. Drop it?")
def drop_quarantine(key: str) -> None:
    """Delete one event from quarantine for good; its inbox row stays, so a copy changes nothing."""
    database = _queue_owner(key.split("|")[0])
    if database.reading().get("quarantine", key) is None:
        raise click.ClickException(f"Nothing in quarantine has the key {key}.")
    database.transact(lambda work: work.delete("quarantine", {"_id": key}))
    click.echo("Dropped.")


@click.group("events")
def event_commands() -> None:
    """Published events: replay them to a new or restored hearer."""
    operator_access.connect()


@event_commands.command("replay")
@click.option("--type", "type_name", help="Full type, like org.libranet.learning.enrolled.v1; else all it hears.")
@click.option("--since", type=click.DateTime(), required=True, help="From this time (UTC) on.")
@click.option("--to", "queue", help="The queue that gets them, like analytics.facts; else each queue what it hears.")
def replay_events(type_name: str | None, since: datetime, queue: str | None) -> None:
    """Send archived events again, the oldest first. Hearers know repeated ones by their ids."""
    queues = topology.queues()
    if queue not in (None, *queues):
        raise click.ClickException(f"No queue is called {queue}. There are: {', '.join(queues)}.")
    hearing = {name: heard if type_name is None else [type_name] for name, heard in queues.items()
               if queue in (None, name) and type_name in (None, *heard)}
    if not hearing:
        who = f"{queue} does not hear" if queue else "No queue hears"
        raise click.ClickException(f"{who} {type_name}; see contracts/events/.")
    short = [name for name, types in hearing.items() if not _replay(name, types, since)]
    if short:
        raise click.ClickException(f"Not all were sent to {', '.join(short)}. Mend that and replay again: hearers know "
                                   "repeated events by their ids.")


def _replay(queue: str, types: Iterable[str], since: datetime) -> bool:
    """Whether all was sent; what kept it is said, and no reason to keep other queues waiting."""
    try:
        click.echo(f"Sent {_publish(queue, _archived(types, since))} events to {queue}.")
    except (click.ClickException, PyMongoError, *broker.BROKEN) as reason:
        click.echo(f"{queue}: {reason}", err=True)
        return False
    return True


@event_commands.command("dead")
@click.option("--replay", "then", flag_value="replay", help="Send each to the queue it came from, and forget it.")
@click.option("--drop", "then", flag_value="drop", help="Delete all of them for good.")
def dead_letters(then: str | None) -> None:
    """List what the broker itself gave up: messages given back a thousand times, which no handler ever finished."""
    with broker.Link() as link:
        channel, publisher = link.channel(), broker.Publisher(link)
        while (message := channel.basic_get(topology.DEAD_QUEUE)) is not None:
            queue, reason = _death_of(message)
            key = message.properties.get("message_id", "")
            click.echo(f"{queue}  {reason}  {key}")
            if then == "replay":
                publisher.publish(bytes(message.body), "", queue, key)
                _refuse_returned(publisher.wait())
            if then:
                channel.basic_ack(message.delivery_tag)


def _death_of(message: Any) -> tuple[str, str]:
    """The queue it died in first, and why; the broker writes both down."""
    headers = message.properties.get("application_headers") or {}
    return str(headers.get("x-first-death-queue", "")), str(headers.get("x-first-death-reason", "unknown"))


def _archived(types: Iterable[str], since: datetime) -> Iterator[tuple[str, bytes]]:
    """Of all who publish these types, in the order of time: what was decided first is heard first."""
    by_publisher: dict[str, set[str]] = {}
    for name in types:
        by_publisher.setdefault(all_types()[name].publisher, set()).add(name)
    streams = [_archived_of(publisher, names, since) for publisher, names in by_publisher.items()]
    for _, key, body in heapq.merge(*streams, key=itemgetter(0)):
        yield key, body


def _archived_of(publisher: str, types: set[str], since: datetime) -> Iterator[tuple[datetime, str, bytes]]:
    """Row by row: five weeks of a busy service do not fit into memory."""
    archive = database_of(publisher).database.archive
    for row in archive.find({"recorded_at": {"$gte": since}, "types": {"$in": sorted(types)}}).sort("recorded_at", 1):
        for event, body in zip(outbox.events_of(row), row["events"], strict=True):
            if event.type in types:
                yield row["recorded_at"], event.id, bytes(body)


def _publish(queue: str, messages: Iterator[tuple[str, bytes]]) -> int:
    count = 0
    with broker.Link() as link:
        publisher = broker.Publisher(link)
        for key, body in messages:
            publisher.publish(body, "", queue, key)
            count += 1
            if publisher.unconfirmed >= REPLAY_WINDOW:
                _refuse_returned(publisher.wait())
        _refuse_returned(publisher.wait())
    return count


def _refuse_returned(returned: list[str]) -> None:
    if returned:
        raise click.ClickException("The queue does not exist yet: start its service once, then replay.")


def _rewrite(collection: str, document_id: str, work: Work) -> None:
    """As it is by now: its service may have changed it since it was found."""
    document = work.get(collection, document_id)
    if document is not None:
        work.replace(collection, document)


def outdated(collection: Collection) -> dict[str, object]:
    """Which documents of a collection are of an older version."""
    return {"schema_version": {"$lt": collection.schema_version}}


def migrate_service(service: str, collections: tuple[Collection, ...]) -> tuple[int, int]:
    """Creates what is missing, takes changed retentions over and rewrites documents of older versions, one by one; safe
    to stop, to kill and to repeat: it has one name, by which the next run ends a transaction that a killed one left
    open. Gives how many documents were rewritten, and how many retentions changed."""
    database = database_of(service)
    database.connect(service, collections, name=database.database.name, holder=f"migrate@{service}")
    lifetimes = database.change_lifetimes()
    database.prepare()
    changed = 0
    for collection in (*CORE_COLLECTIONS, *collections):
        if collection.upgrade is None:
            continue
        for found in database.database[collection.name].find(outdated(collection), {"_id": 1}):
            database.transact(partial(_rewrite, collection.name, found["_id"]))
            changed += 1
    return changed, lifetimes


@click.command()
def migrate() -> None:
    """Bring every service's documents to the present schema version, and retentions to what is declared, while the
    platform runs."""
    operator_access.connect()
    for each in entry_points(group="libranet.services"):
        service = each.load()
        documents, lifetimes = migrate_service(each.name, service.collections)
        click.echo(f"{each.name}: {documents} documents rewritten, {lifetimes} retentions changed")
