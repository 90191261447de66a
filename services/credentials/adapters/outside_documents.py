"""What strangers publish (status lists, keys, credentials): fetched from public addresses only (libranet/outside),
bounded, and kept for a while.

Anyone may make us fetch, so failures are remembered too, few are fetched at a time, and one who asks has a few seconds
in all (`Errand`). Redirects are not followed.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import eventlet
import orjson
from eventlet.semaphore import Semaphore

from libranet.outside import asking, guard
from libranet.outside.asking import NoReply
from libranet.outside.guard import Resolver, UrlRefused
from services.credentials.domain.reading import Unread

ALLOWED = "STATUS_ALLOWED_NETWORKS"
JSON_TYPES = "application/vc+ld+json, application/vc, application/ld+json;q=0.9, application/json;q=0.8"
ANY_TYPES = f"{JSON_TYPES}, application/jwt;q=0.7, image/png;q=0.6, image/svg+xml;q=0.6, */*;q=0.1"
MOST_BYTES = 2**20
MOST_AT_ONCE = 8
FETCH_SECONDS = 3.0
ERRAND_SECONDS = 6.0
"""Less than the gateway waits."""
LEAST_SECONDS = 0.2
KEPT_SECONDS, FAILURE_KEPT_SECONDS = 300.0, 30.0
MOST_KEPT = 64


class OutsideDocuments:
    """One for the process. `setting` names the networks beyond the public internet that may be asked (CIDRs with
    commas); `accept` says what is asked for."""

    def __init__(self, setting: str = ALLOWED, accept: str = JSON_TYPES, resolve: Resolver = guard.system_resolver,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._setting = setting
        self._accept = accept
        self._resolve = resolve
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, bytes | Unread]] = OrderedDict()
        self._places = Semaphore(MOST_AT_ONCE)

    def get(self, url: str, seconds: float = FETCH_SECONDS) -> bytes:
        """What is there, up to five minutes old. Raises Unread, which is remembered only where there was time enough:
        nobody can have an address taken for silent by asking in a hurry."""
        until, found = self._kept.get(url, (0.0, b""))
        if self._clock() >= until:
            found = self._fetched(url, seconds)
            if not isinstance(found, Unread):
                self._keep(url, found, KEPT_SECONDS)
            elif seconds >= FETCH_SECONDS:
                self._keep(url, found, FAILURE_KEPT_SECONDS)
        if isinstance(found, Unread):
            raise found
        return found

    def _keep(self, url: str, found: bytes | Unread, seconds: float) -> None:
        self._kept[url] = (self._clock() + seconds, found)
        self._kept.move_to_end(url)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _fetched(self, url: str, seconds: float) -> bytes | Unread:
        """What there is, or why there is nothing."""
        if not self._places.acquire(blocking=False):
            raise Unread("too many addresses are being asked at the moment")
        try:
            with eventlet.Timeout(seconds, NoReply("it took too long")):
                target = guard.check(url, guard.networks_of(self._setting), self._resolve)
                reply = asking.ask("GET", target, {"Accept": self._accept}, MOST_BYTES)
            return reply.body if reply.status == 200 else Unread(
                f"its address answers {reply.status}", reply.status)
        except UrlRefused:
            return Unread("its address is not connected to")
        except NoReply as error:
            return Unread(f"it cannot be fetched ({error})")
        finally:
            self._places.release()


@dataclass
class Errand:
    """The time that one verification may spend asking others."""

    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._ends_at = self.clock() + ERRAND_SECONDS

    def bytes_at(self, url: str, documents: OutsideDocuments) -> bytes:
        """Raises Unread, once the time is over too."""
        left = self._ends_at - self.clock()
        if left < LEAST_SECONDS:
            raise Unread("others took too long, and there was no time left to ask")
        return documents.get(url, min(left, FETCH_SECONDS))

    def json_at(self, url: str, documents: OutsideDocuments) -> object:
        """Raises Unread for what is no JSON too."""
        try:
            return orjson.loads(self.bytes_at(url, documents))
        except orjson.JSONDecodeError:
            raise Unread("what is at its address is not written in JSON") from None
