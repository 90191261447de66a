"""Sign-in of API clients: `Authorization: Bearer <id>.<secret>` or Basic with the id as user name.

What was looked up is believed for five seconds, so a revocation is in force within ten. While the database is away,
clients that were seen lately keep working; unknown ones get 503.
"""

import base64
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import PyMongoError

from gateway.clients import ApiClient, Key
from gateway.refusals import sign_in_needed
from gateway.store import ClientStore
from libranet.clock import now
from libranet.logs import log, words_of
from libranet.problems import ServiceAway

FRESH_SECONDS = 5.0
STALE_SECONDS = 900.0
"""How long a client that was seen before may still sign in while the database is away."""
AWAY_SECONDS = 2.0
"""After a failed look-up nobody else waits for the database for this long."""
MAX_CACHED = 10_000
NOTE_USE_EVERY = timedelta(hours=1)
CLIENT_ID = re.compile(r"k_[a-z2-7]{16}")
MAX_SECRET_LENGTH = 200
HINT = "Send Authorization: Bearer <client id>.<secret>, or Basic with the client id as user name."


@dataclass(frozen=True)
class Offered:
    """What a caller shows."""

    client_id: str
    secret: str


def offered(header: str | None) -> Offered:
    """The id and secret of an Authorization header; a SignInNeeded says what is wrong with it."""
    if not header:
        raise sign_in_needed(HINT)
    scheme, _, text = header.strip().partition(" ")
    if scheme.lower() == "basic":
        text, separator = _basic(text.strip()), ":"
    elif scheme.lower() == "bearer":
        text, separator = text.strip(), "."
    else:
        raise sign_in_needed(f"This way of signing in is not known here. {HINT}")
    client_id, _, secret = text.partition(separator)
    if not CLIENT_ID.fullmatch(client_id) or not secret or len(secret) > MAX_SECRET_LENGTH:
        raise sign_in_needed(f"That is not a key of this platform. {HINT}")
    return Offered(client_id, secret)


def _basic(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        raise sign_in_needed(f"The Basic credentials are not base64 of id:secret. {HINT}") from None


class Authenticator:
    """Tells which client calls. Threads share it."""

    def __init__(self, store: ClientStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[ApiClient | None, float]] = OrderedDict()
        self._noted: dict[str, datetime] = {}
        self._away_until = 0.0

    def sign_in(self, header: str | None) -> ApiClient:
        """The client of an Authorization header. Raises SignInNeeded, or ServiceAway while nobody can tell."""
        claim = offered(header)
        client = self._client(claim.client_id)
        key = client.key_of(claim.secret) if client else None
        if client is None or key is None:
            raise sign_in_needed("The key is wrong, was replaced, or is switched off. Ask your operator for a new one.")
        self._note_use(client, key)
        return client

    def _client(self, client_id: str) -> ApiClient | None:
        moment = self._clock()
        client, seen_at = self._seen.get(client_id, (None, -STALE_SECONDS))
        if moment - seen_at < FRESH_SECONDS:
            return client
        if moment >= self._away_until:
            try:
                return self._remember(client_id, self._store.find(client_id), moment)
            except PyMongoError as error:
                self._away_until = self._clock() + AWAY_SECONDS
                log().warning("the database does not answer a sign-in", error=words_of(error))
        if client is not None and moment - seen_at < STALE_SECONDS:
            return client
        raise ServiceAway("Who you are cannot be looked up now; nothing was changed. Try again.")

    def _remember(self, client_id: str, client: ApiClient | None, moment: float) -> ApiClient | None:
        with self._lock:
            self._seen[client_id] = (client, moment)
            self._seen.move_to_end(client_id, last=client is not None)
            if len(self._seen) > MAX_CACHED:
                self._seen.popitem(last=False)
        return client

    def _note_use(self, client: ApiClient, key: Key) -> None:
        """Once an hour and key; it never holds a request up for long, and its failure is nobody's business."""
        moment = now()
        if key.last_used_at is not None and moment - key.last_used_at < NOTE_USE_EVERY:
            return
        with self._lock:
            noted = self._noted.get(key.hash)
            if noted is not None and moment - noted < NOTE_USE_EVERY:
                return
            self._noted[key.hash] = moment
        try:
            self._store.note_use(client.id, key)
        except PyMongoError:
            log().debug("the use of a key could not be noted", client=client.id)
