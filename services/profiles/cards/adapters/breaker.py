"""Spares a library's system that fails, and its patrons the wait: after some failures nobody asks it for a while.

Counted in each process. Then one question is let through; its outcome decides for all.
"""

import threading
import time
from collections.abc import Callable

FAILURES = 3
PAUSE_SECONDS = 20.0


class Breaker:
    """One system's. Threads share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    def pause_left(self) -> float:
        """Seconds until somebody may ask; 0 for whoever may ask now. After a pause that is one caller."""
        with self._lock:
            moment = self._clock()
            if self._failures < FAILURES:
                return 0.0
            if moment < self._open_until:
                return self._open_until - moment
            self._open_until = moment + PAUSE_SECONDS
            return 0.0

    def note(self, good: bool) -> None:
        """How a question ended: whether the system was there. An answer that cannot be used lets nobody in either, but
        it comes at once, and one odd card must not shut out all others."""
        with self._lock:
            self._failures = 0 if good else self._failures + 1
            if self._failures >= FAILURES:
                self._open_until = self._clock() + PAUSE_SECONDS
