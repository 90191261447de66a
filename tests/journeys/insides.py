"""What only an operator sees: every document, every queue, every log file."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import bson
import pymongo

from contracts import topology
from libranet import broker
from libranet.cloudevent import Event, from_json
from libranet.local import Platform
from libranet.local.declared import declared_by
from libranet.local.parts import RUNNERS

Mongo = pymongo.MongoClient[dict[str, Any]]


def collections(mongo: Mongo) -> dict[str, Any]:
    """Every collection of every database of ours, as `profiles.patrons`."""
    names = [name for name in mongo.list_database_names() if name.startswith("libranet_")]
    return {f"{name.removeprefix('libranet_')}.{each}": mongo[name][each]
            for name in names for each in mongo[name].list_collection_names()}


def documents_with(mongo: Mongo, *texts: str) -> dict[str, set[str]]:
    """In which collections some document holds a text, in any form it is kept in; texts that nobody holds are left
    out."""
    found: dict[str, set[str]] = {}
    for name, collection in collections(mongo).items():
        for row in map(bson.encode, collection.find({})):
            for text in texts:
                if text.encode() in row:
                    found.setdefault(text, set()).add(name)
    return found


def files_with(folder: Path, text: str) -> list[str]:
    """The files below a folder that hold the text."""
    return [str(file.relative_to(folder)) for file in folder.rglob("*")
            if file.is_file() and text.encode() in file.read_bytes()]


def waiting_messages(platform: Platform) -> dict[str, int]:
    """How many messages lie in each queue, where there are any."""
    link = broker.Link(platform.environment()["AMQP_URI"])
    names = {name for service in RUNNERS for name in declared_by(service).queues}
    try:
        counts = {name: link.channel().queue_declare(name, passive=True).message_count for name in sorted(names)}
    finally:
        link.close()
    return {name: count for name, count in counts.items() if count}


def put(platform: Platform, queue: str, *bodies: bytes) -> None:
    """Lays messages into a real queue, as if somebody had published them."""
    link = broker.Link(platform.environment()["AMQP_URI"])
    publisher = broker.Publisher(link)
    for number, body in enumerate(bodies):
        publisher.publish(body, "", queue, f"put-by-a-test-{number}")
    assert publisher.wait() == [], "there is such a queue"
    link.close()


def archived(mongo: Mongo) -> list[Event]:
    """Every published event, the oldest first."""
    return sorted(_archived(mongo), key=lambda event: event.time)


def inbox_rows(events: Iterable[Event]) -> dict[str, list[str]]:
    """By queue the rows that its hearer's inbox has once these events took effect or were set aside."""
    rows: dict[str, list[str]] = {}
    for event in events:
        for queue in topology.hearers()[event.type]:
            rows.setdefault(queue, []).append(f"{queue}|{event.id}")
    return rows


def database_behind(mongo: Mongo, queue: str) -> pymongo.database.Database[dict[str, Any]]:
    """Where the hearer of the queue keeps its state."""
    return mongo[f"libranet_{queue.split('.')[0].replace('deliveries', 'gateway')}"]


def is_quiet(mongo: Mongo, since: datetime) -> bool:
    """Whether everything that was decided since then is published, and handled or set aside by all who hear it. Queues
    do not tell: what a hearer has in its hands lies in none."""
    if any(collection.count_documents({}) for name, collection in collections(mongo).items()
           if name.endswith(".outbox")):
        return False
    told = [event for event in _archived(mongo) if event.time >= since]
    return all(database_behind(mongo, queue).inbox.count_documents({"_id": {"$in": rows}}) == len(set(rows))
               for queue, rows in inbox_rows(told).items())


def _archived(mongo: Mongo) -> Iterator[Event]:
    for name, collection in collections(mongo).items():
        if name.endswith(".archive"):
            for row in collection.find({}):
                yield from (from_json(bytes(body)) for body in row["events"])
