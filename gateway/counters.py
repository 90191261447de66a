"""Counters for rate limits in memory: bounded, and without a thread of their own.

The storage that `limits` brings starts a timer thread that looks through all keys a hundred times a second; here a
counter ends when it is next looked at, and all ended ones are dropped when there are too many.
"""

import threading
import time
from typing import Any

from limits.storage import Storage

SCHEME = "bounded-memory"
ADDRESS = f"{SCHEME}://"
MAX_COUNTERS = 50_000


class BoundedMemory(Storage):
    """`{key: (count, ends at)}`. When all MAX_COUNTERS are live, the oldest is forgotten."""

    STORAGE_SCHEME = [SCHEME]

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        super().__init__(uri, **options)
        self._counters: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        with self._lock:
            count, ends_at = self._counters.get(key, (0, 0.0))
            if ends_at <= now:
                self._counters.pop(key, None)
                self._make_room(now)
                count, ends_at = 0, now + expiry
            self._counters[key] = (count + amount, ends_at)
            return count + amount

    def get(self, key: str) -> int:
        count, ends_at = self._counters.get(key, (0, 0.0))
        return count if ends_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._counters.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            count = len(self._counters)
            self._counters.clear()
            return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._counters.pop(key, None)

    def _make_room(self, now: float) -> None:
        if len(self._counters) < MAX_COUNTERS:
            return
        self._counters = {key: value for key, value in self._counters.items() if value[1] > now}
        while len(self._counters) >= MAX_COUNTERS:
            del self._counters[next(iter(self._counters))]
