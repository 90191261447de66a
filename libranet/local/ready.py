"""Whether each part answers: the broker by a handshake, the database by a command, the rest by `/readyz`."""

import http.client
from collections.abc import Callable, Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from libranet import broker
from libranet.local.ports import LOOPBACK

TRY_SECONDS = 2.0

Probe = Callable[[], bool]


def probe(part: str, operator: Mapping[str, str], ports: Mapping[str, int]) -> Probe:
    """The question whether `part` is ready; `operator` is the environment of the operator's commands."""
    if part == "broker":
        return lambda: broker_answers(operator["AMQP_URI"])
    if part == "database":
        return lambda: database_answers(operator["MONGO_URI"])
    return lambda: http_answers(ports[part])


def broker_answers(uri: str) -> bool:
    """Whether a client can open a connection and a channel there."""
    try:
        link = broker.Link(uri)
        link.channel().close()
        link.close()
    except broker.BROKEN:
        return False
    return True


def database_answers(uri: str) -> bool:
    """Whether the database takes the operator's login and knows of a primary."""
    try:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=int(TRY_SECONDS * 1000)) as client:
            client.admin.command("ping")
    except PyMongoError:
        return False
    return True


def http_answers(port: int) -> bool:
    """Whether `/readyz` on this port of the loopback address says 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TRY_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
