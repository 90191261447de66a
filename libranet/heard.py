"""How far this process has heard: whether what a caller names may still be on its way as an event.

Silence proves nothing: the broker may hang. What counts is a batch that was handled, and the broker's own word that
a queue is empty; for SETTLE_SECONDS after a connection came (back) not even that, as publishers come back too.
"""

import threading
import time
from datetime import UTC, datetime, timedelta

from libranet.clock import now
from libranet.ids import made_at

SETTLE_SECONDS = 5.0
CROSSING = timedelta(seconds=5)
"""An event crosses in some 50 ms; on a busy machine the publisher's relay or another replica may take longer."""
CROSSING_AT_ONCE = timedelta(seconds=1.5)
"""For ids that tell no time: what was told just before a call, when the machine is not overloaded."""
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

    def emptied(self, queue: str) -> None:
        """The broker said just now that nothing waits in the queue."""
        with self._lock:
            if time.monotonic() - self._connected_at.get(queue, time.monotonic()) > SETTLE_SECONDS:
                self._until[queue] = now()

    @property
    def until(self) -> datetime:
        """Everything that was told before this moment has been heard; now, where this process hears nothing."""
        with self._lock:
            return min(self._until.values(), default=now())

    def may_come(self, identity: str | None, asked_at: datetime) -> bool:
        """Whether an event about this id may be on its way. An id that was not made here and now never is; without
        one, what was asked for might have been told until then."""
        if identity is None:
            return asked_at + CROSSING_AT_ONCE > self.until
        try:
            return made_at(identity) + CROSSING > self.until
        except ValueError:
            return False


HEARD = Heard()
"""This process."""
