"""What the gateway keeps: API clients, in the database `libranet_gateway` that it shares with the deliveries process.

Threads share one client. Every method raises PyMongoError while the database does not answer.
"""

from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from gateway.badge_connect import collections as badge_connect
from gateway.clients import ApiClient, Key, from_document, hash_of, new_client_id, new_secret, rotated, to_document
from gateway.roles import ROLE_GRANTS
from gateway.sessions import SESSIONS
from gateway.sign_in import providers
from libranet import settings
from libranet.clock import now
from libranet.collection import Collection, Document, Retention

DATABASE = "libranet_gateway"
API_CLIENTS = "api_clients"
COLLECTIONS = (
    Collection(API_CLIENTS, Retention.forever("as long as the library, college or platform is connected")),
    SESSIONS,
    ROLE_GRANTS,
    *providers.COLLECTIONS,
    *badge_connect.COLLECTIONS,
)
SELECTION_MILLISECONDS = 1000
"""Short, because a request waits: an absent database is told within a second."""


class ClientUnknown(LookupError):
    """No API client has this id."""


def connect() -> Database[Document]:
    """The gateway's database; does not wait for the server. Settings: `MONGO_URI`."""
    client: MongoClient[Document] = MongoClient(
        settings.secret("MONGO_URI"), serverSelectionTimeoutMS=SELECTION_MILLISECONDS, connectTimeoutMS=1000,
        socketTimeoutMS=3000, tz_aware=True, maxPoolSize=32)
    return client[DATABASE].with_options(
        write_concern=WriteConcern("majority"), read_concern=ReadConcern("majority"))


class ClientStore:
    """API clients by id."""

    def __init__(self, database: Database[Any]) -> None:
        self._database = database
        self._clients = database[API_CLIENTS]

    def add(self, node: str, kind: str, name: str, scopes: tuple[str, ...]) -> tuple[ApiClient, str]:
        """A new client and its first secret, which is not kept: show it once."""
        secret = new_secret()
        client = ApiClient(new_client_id(), node, kind, name, tuple(scopes), (Key(hash_of(secret), now()),))
        self._clients.insert_one(to_document(client))
        return client, secret

    def find(self, client_id: str) -> ApiClient | None:
        document = self._clients.find_one({"_id": client_id})
        return from_document(document) if document else None

    def get(self, client_id: str) -> ApiClient:
        """Raises ClientUnknown."""
        client = self.find(client_id)
        if client is None:
            raise ClientUnknown(f"There is no API client {client_id}.")
        return client

    def list(self, node: str | None = None) -> list[ApiClient]:
        """All clients, or those of one node."""
        return [from_document(each) for each in self._clients.find({"node": node} if node else {}).sort("_id", 1)]

    def rotate(self, client_id: str) -> str:
        """A second secret, to be shown once; the oldest of two stops working."""
        secret = new_secret()
        keys = rotated(self.get(client_id).keys, Key(hash_of(secret), now()))
        documents = [{"hash": key.hash, "created_at": key.created_at, "last_used_at": key.last_used_at}
                     for key in keys]
        self._clients.update_one({"_id": client_id}, {"$set": {"keys": documents}})
        return secret

    def revoke(self, client_id: str) -> None:
        """The client is shut out at once here, and within ten seconds at every gateway. Raises ClientUnknown."""
        if self._clients.update_one({"_id": client_id}, {"$set": {"enabled": False}}).matched_count == 0:
            raise ClientUnknown(f"There is no API client {client_id}.")

    def note_use(self, client_id: str, key: Key) -> None:
        """When a key was last used, so that an operator knows which of two is still needed."""
        self._clients.update_one({"_id": client_id, "keys.hash": key.hash}, {"$set": {"keys.$.last_used_at": now()}})

    def ping(self) -> None:
        """Raises PyMongoError unless the database answers."""
        self._database.command("ping")
