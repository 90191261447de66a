"""API clients: who they are, what they may do, and their secrets. Pure: no database, no web framework.

A secret has 256 random bits, so its plain SHA-256 is kept: there is nothing to guess that a slow hash would protect.
At most two keys of a client are live, which lets a library change its key without a stop.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.principal import Principal

LIVE_KEYS = 2
SECRET_BYTES = 32
ID_BYTES = 10

SCOPES_OF_KIND: dict[str, tuple[str, ...]] = {
    "library": (
        "patrons:read", "patrons:write", "courses:read", "courses:write", "credentials:read", "credentials:write",
        "credentials:verify", "measures:read", "nodes:read", "settings:read", "subscriptions:write", "statements:read",
        "cards:write", "events:read", "jobs:read", "skills:write", "feeds:write", "submissions:write",
        "reviews:write", "recognitions:read", "endorsements:read", "endorsements:write", "reconsiderations:write"),
    "platform": ("statements:write", "statements:read"),
    "college": (
        "subscriptions:write", "events:read", "credentials:verify", "nodes:read", "recognitions:read",
        "recognitions:write", "endorsements:read", "endorsements:write", "achievements:write"),
    "operator": ("nodes:read", "nodes:write", "settings:read", "measures:read", "recognitions:read"),
}
"""What a client of a kind may do unless the operator says otherwise."""


@dataclass(frozen=True)
class Key:
    """One live key, as its hash."""

    hash: str
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class ApiClient:
    """A program that acts for a node. `id` is also the user name of Basic sign-in and the xAPI key."""

    id: str
    node: str
    kind: str
    name: str
    scopes: tuple[str, ...]
    keys: tuple[Key, ...] = field(default=())
    enabled: bool = True

    def key_of(self, secret: str) -> Key | None:
        """The live key that this secret opens, compared in constant time; None when the client is disabled."""
        offered = hash_of(secret)
        matches = [key for key in self.keys if hmac.compare_digest(key.hash, offered)]
        return matches[0] if matches and self.enabled else None

    def principal(self, request_id: str = "") -> Principal:
        """Who acts when this client calls."""
        return Principal(actor=self.id, kind=self.kind, node=self.node, scopes=self.scopes, request_id=request_id)


def new_client_id() -> str:
    """`k_` and 16 readable characters."""
    return "k_" + base64.b32encode(secrets.token_bytes(ID_BYTES)).decode().lower()


def new_secret() -> str:
    """43 characters of base64url; shown once, never stored."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def rotated(keys: tuple[Key, ...], fresh: Key) -> tuple[Key, ...]:
    """The live keys after a rotation: the fresh one and the newest before it."""
    newest = sorted(keys, key=lambda key: key.created_at)[-(LIVE_KEYS - 1):]
    return (*newest, fresh)


def to_document(client: ApiClient) -> dict[str, Any]:
    """As it is stored."""
    return {
        "_id": client.id, "node": client.node, "kind": client.kind, "name": client.name,
        "scopes": list(client.scopes), "enabled": client.enabled, "schema_version": 1,
        "keys": [{"hash": key.hash, "created_at": key.created_at, "last_used_at": key.last_used_at}
                 for key in client.keys],
    }


def from_document(document: dict[str, Any]) -> ApiClient:
    """As it was stored."""
    return ApiClient(
        id=document["_id"], node=document["node"], kind=document["kind"], name=document["name"],
        scopes=tuple(document["scopes"]), enabled=document["enabled"],
        keys=tuple(Key(key["hash"], key["created_at"], key.get("last_used_at")) for key in document["keys"]),
    )
