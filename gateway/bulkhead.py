"""Room for calls to one service, so that a service that hangs does not hold every thread of the gateway."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HUNG_SECONDS = 1.0
"""A call that takes longer means that waiting for room is in vain: refuse at once."""


class NoRoom(Exception):
    """All places are taken."""


class Bulkhead:
    """At most `places` calls at a time. Whoever finds none waits up to HUNG_SECONDS while the service still answers,
    and not at all when it has stopped doing so."""

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places
        self._clock = clock
        self._taken: dict[int, float] = {}
        self._next = 0
        self._changed = threading.Condition()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Raises NoRoom."""
        ticket = self._take()
        try:
            yield
        finally:
            with self._changed:
                del self._taken[ticket]
                self._changed.notify()

    def _take(self) -> int:
        with self._changed:
            wait_until = self._clock() + HUNG_SECONDS
            while len(self._taken) >= self._places:
                oldest = next(iter(self._taken.values()))
                left = min(wait_until, oldest + HUNG_SECONDS) - self._clock()
                if left <= 0 or not self._changed.wait(left):
                    raise NoRoom
            self._next += 1
            self._taken[self._next] = self._clock()
            return self._next
