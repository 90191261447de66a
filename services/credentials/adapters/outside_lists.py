"""Status lists of strangers: fetched from public addresses only (libranet/outside), bounded, and kept for a while.

Anyone may make us fetch, so failures are remembered too, and few are fetched at a time. Setting:
STATUS_ALLOWED_NETWORKS (CIDRs with commas).
"""

import time
from collections import OrderedDict
from collections.abc import Callable

import eventlet
import orjson
from eventlet.semaphore import Semaphore

from libranet.outside import asking, guard
from libranet.outside.asking import NoReply
from libranet.outside.guard import Resolver, UrlRefused
from services.credentials.domain.status_check import ListUnread

ALLOWED = "STATUS_ALLOWED_NETWORKS"
ACCEPT = "application/vc+ld+json, application/vc, application/ld+json;q=0.9, application/json;q=0.8"
MOST_BYTES = 2**20
MOST_AT_ONCE = 8
FETCH_SECONDS = 3.0
"""Two lists fit into the time that a caller waits."""
KEPT_SECONDS, FAILURE_KEPT_SECONDS = 300.0, 30.0
MOST_KEPT = 64


class OutsideLists:
    """One for the process."""

    def __init__(self, resolve: Resolver = guard.system_resolver, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolve = resolve
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, object]] = OrderedDict()
        self._places = Semaphore(MOST_AT_ONCE)

    def get(self, url: str) -> object:
        """The JSON there, up to five minutes old. Raises ListUnread."""
        until, found = self._kept.get(url, (0.0, None))
        if self._clock() >= until:
            found = self._fetched(url)
            seconds = FAILURE_KEPT_SECONDS if isinstance(found, ListUnread) else KEPT_SECONDS
            self._kept[url] = (self._clock() + seconds, found)
            self._kept.move_to_end(url)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        if isinstance(found, ListUnread):
            raise found
        return found

    def _fetched(self, url: str) -> object:
        """What there is, or why there is nothing."""
        if not self._places.acquire(blocking=False):
            raise ListUnread("too many lists are being fetched at the moment")
        try:
            with eventlet.Timeout(FETCH_SECONDS, NoReply("it took too long")):
                target = guard.check(url, guard.networks_of(ALLOWED), self._resolve)
                reply = asking.ask("GET", target, {"Accept": ACCEPT}, MOST_BYTES)
            return orjson.loads(reply.body) if reply.status == 200 else ListUnread(
                f"the list's address answers {reply.status}", reply.status)
        except UrlRefused:
            return ListUnread("the list's address is not connected to")
        except NoReply as error:
            return ListUnread(f"the list cannot be fetched ({error})")
        except ValueError:
            return ListUnread("the list is not written in JSON")
        finally:
            self._places.release()
