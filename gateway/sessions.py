"""Sessions: a patron or a guest who is signed in for a while. `Authorization: Bearer s_<token>`.

A token has 256 random bits and is kept as its SHA-256. A session ends when it is not used for a while (soon, as public
computers change hands), when it is too old, or when somebody ends it; the end is in force at once, as nothing is
cached.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from contracts.principal import PERSONS, Principal
from gateway.clients import hash_of
from gateway.refusals import sign_in_needed
from libranet import settings
from libranet.clock import now, rfc3339
from libranet.collection import Collection, Document, Index, Retention
from libranet.logs import log, words_of
from libranet.problems import ServiceAway

SESSIONS = Collection("sessions", Retention.of_days(0, "expires_at", "a moment after nobody may use it any more"),
                      (Index("actor"),), personal=True)
PREFIX = "s_"
SECRET_BYTES = 32
TOKEN = re.compile(r"s_[A-Za-z0-9_-]{43}")
PERSON_SCOPES = ("jobs:read", "courses:read", "recognitions:read")
"""What is open to every person besides what is about themselves."""
NOTE_USE_EVERY = timedelta(minutes=1)
"""A use is written down this often, so that reading does not cost a write each time."""


class NotAPerson(ValueError):
    """Sessions are for patrons and guests; programs have keys."""


@dataclass(frozen=True)
class SessionSettings:
    """Settings: `SESSION_IDLE_MINUTES` (30), `SESSION_HOURS` (12)."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)

    @classmethod
    def from_environment(cls) -> "SessionSettings":
        return cls(timedelta(minutes=settings.number("SESSION_IDLE_MINUTES", 30)),
                   timedelta(hours=settings.number("SESSION_HOURS", 12)))


@dataclass(frozen=True)
class Session:
    """One that has just begun: `token` is shown this once. It ends at `ends_at`, or when unused for `idle`."""

    token: str
    ends_at: datetime
    idle: timedelta

    @property
    def shown(self) -> dict[str, Any]:
        """To whoever it is for."""
        return {"token": self.token, "expires_at": rfc3339(self.ends_at),
                "idle_seconds": int(self.idle.total_seconds())}


class SessionStore:
    """Sessions in the gateway's database. Threads share it."""

    def __init__(self, database: Database[Any], limits: SessionSettings | None = None) -> None:
        self._sessions = database[SESSIONS.name]
        self._limits = limits or SessionSettings()

    def begin(self, kind: str, actor: str, node: str, scopes: tuple[str, ...] = ()) -> Session:
        """A new session of a patron or a guest of `node`, who may besides what is open to themselves use `scopes`."""
        if kind not in PERSONS:
            raise NotAPerson(kind)
        token, moment = PREFIX + secrets.token_urlsafe(SECRET_BYTES), now()
        latest = moment + self._limits.longest
        self._sessions.insert_one({
            "_id": hash_of(token), "kind": kind, "actor": actor, "node": node, "scopes": list(scopes),
            "begun_at": moment, "used_at": moment, "latest_at": latest, "schema_version": SESSIONS.schema_version,
            "expires_at": min(moment + self._limits.idle, latest)})
        return Session(token, latest, self._limits.idle)

    def find(self, token: str) -> Principal | None:
        """Who holds this token; None once the session has ended."""
        moment = now()
        row = self._sessions.find_one({"_id": hash_of(token)})
        if row is None or row["expires_at"] <= moment:
            return None
        if moment - row["used_at"] >= NOTE_USE_EVERY:
            self._sessions.update_one({"_id": row["_id"]}, {"$set": {
                "used_at": moment, "expires_at": min(moment + self._limits.idle, row["latest_at"])}})
        return _principal(row)

    def end(self, token: str) -> None:
        """Signs out; ending it again does no harm."""
        self._sessions.delete_one({"_id": hash_of(token)})

    def end_all(self, actor: str) -> None:
        """Signs a person out everywhere."""
        self._sessions.delete_many({"actor": actor})


def token_of(authorization: str | None) -> str | None:
    """The session's token in an Authorization header; None where it is none of ours."""
    scheme, _, text = (authorization or "").strip().partition(" ")
    token = text.strip()
    return token if scheme.lower() == "bearer" and TOKEN.fullmatch(token) else None


def sign_in(store: SessionStore, token: str) -> Principal:
    """Who holds the token. Raises SignInNeeded, or ServiceAway while nobody can tell."""
    try:
        principal = store.find(token)
    except PyMongoError as error:
        log().warning("the database does not answer a session", error=words_of(error))
        raise ServiceAway("Who you are cannot be looked up now; nothing was changed. Try again.") from None
    if principal is None:
        raise sign_in_needed("You have been signed out. Sign in again, or type your resume code.")
    return principal


def _principal(row: Document) -> Principal:
    return Principal(actor=row["actor"], kind=row["kind"], node=row["node"], scopes=tuple(row["scopes"]))
