"""How far this process has heard: whether what a caller names may still be on its way as an event.

Promises nothing about events that nobody published yet: for SETTLE_SECONDS after a connection came (back), silence
does not count as having heard everything.
"""

import threading
import time
from datetime import UTC, datetime, timedelta

from libranet.clock import now
from libranet.ids import made_at

SETTLE_SECONDS = 5.0
MARGIN = timedelta(seconds=30)
"""Another replica may hold a batch, or the publisher's relay be behind; an event crosses in some 50 ms."""
CURRENT = timedelta(seconds=10)
NOTHING = datetime.min.replace(tzinfo=UTC)


class Heard:
    """What each queue's hearer last said. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, datetime] = {}
        self._connected_at: dict[str, float] = {}

    def expect(self, queue: str) -> None:
        """Nothing has been heard from this queue yet."""
        with self._lock:
            self._until.setdefault(queue, NOTHING)

    def connected(self, queue: str) -> None:
        with self._lock:
            self._connected_at[queue] = time.monotonic()

    def handled(self, queue: str, told_at: datetime) -> None:
        """A batch is done; its last event was told then."""
        with self._lock:
            self._until[queue] = max(self._until.get(queue, NOTHING), told_at)

    def idle(self, queue: str) -> None:
        """Nothing waits in the queue."""
        with self._lock:
            if time.monotonic() - self._connected_at.get(queue, time.monotonic()) > SETTLE_SECONDS:
                self._until[queue] = now()

    @property
    def until(self) -> datetime:
        """Everything that was told before this moment has been heard; now, where this process hears nothing."""
        with self._lock:
            return min(self._until.values(), default=now())

    def is_current(self) -> bool:
        """Whether hearing goes on: what does not come soon does not exist."""
        return self.until > now() - CURRENT

    def may_come(self, identity: str | None) -> bool:
        """Whether an event about this id may be on its way. An id that was not made here and now never is; where none
        is given, it may."""
        if identity is None:
            return True
        try:
            return made_at(identity) > self.until - MARGIN
        except ValueError:
            return False
        except OverflowError:  # nothing was heard yet
            return True


HEARD = Heard()
"""This process."""
