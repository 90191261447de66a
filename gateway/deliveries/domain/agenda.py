"""Which deliveries are taken next: those that are due, fairly among partners and endpoints.

Held in memory by the one process that sends; the database holds the same and fills it again after a kill. A slow or
dead endpoint takes a few places at most, and a partner with many endpoints not all of them.
"""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_AT_ONCE = 192
MOST_PER_ENDPOINT = 32
MOST_PER_PARTNER = 64
"""Taken at once; `sender.py` has fewer of them on the wire at any moment. Enough that one write stores many."""


@dataclass(frozen=True, order=True)
class Due:
    """A delivery that waits for its time."""

    at: datetime
    delivery: str
    subscription: str
    node: str

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Due":
        """From a stored pending delivery."""
        return cls(row["next_attempt_at"], row["_id"], row["subscription"], row["recipient"])


class Agenda:
    """Not shared between threads; one greenthread uses it."""

    def __init__(self) -> None:
        self._heaps: dict[str, list[Due]] = {}
        self._newest: dict[str, Due] = {}
        self._in_flight: dict[str, Due] = {}
        self._turn: list[str] = []

    def __len__(self) -> int:
        """How many wait or are under way."""
        return len(self._newest) + len(self._in_flight)

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def add(self, dues: Iterable[Due]) -> None:
        """Plans deliveries. One that is planned already moves to its new time; one under way is left to its end."""
        for due in dues:
            if due.delivery in self._in_flight or self._newest.get(due.delivery) == due:
                continue
            self._newest[due.delivery] = due
            if due.subscription not in self._heaps:
                self._heaps[due.subscription] = []
                self._turn.append(due.subscription)
            heapq.heappush(self._heaps[due.subscription], due)

    def take(self, moment: datetime) -> list[Due]:
        """Those to send now, as many as there is room for; each endpoint gets a turn before one gets a second."""
        taken: list[Due] = []
        per_endpoint = Counter(due.subscription for due in self._in_flight.values())
        per_partner = Counter(due.node for due in self._in_flight.values())
        served = True
        while served:
            served = False
            for subscription in list(self._turn):
                if len(self._in_flight) >= MOST_AT_ONCE:
                    return taken
                due = self._first(subscription)
                if (due is None or due.at > moment or per_endpoint[subscription] >= MOST_PER_ENDPOINT
                        or per_partner[due.node] >= MOST_PER_PARTNER):
                    continue
                heapq.heappop(self._heaps[subscription])
                del self._newest[due.delivery]
                self._in_flight[due.delivery] = due
                per_endpoint[subscription] += 1
                per_partner[due.node] += 1
                self._turn.remove(subscription)
                self._turn.append(subscription)
                taken.append(due)
                served = True
        return taken

    def finish(self, delivery: str) -> None:
        """The attempt is over and stored; `add` plans the next one, if there is any."""
        self._in_flight.pop(delivery, None)

    def _first(self, subscription: str) -> Due | None:
        """The endpoint's earliest, past those that were planned anew; an endpoint with none loses its turn."""
        heap = self._heaps[subscription]
        while heap and self._newest.get(heap[0].delivery) != heap[0]:
            heapq.heappop(heap)
        if not heap:
            del self._heaps[subscription]
            self._turn.remove(subscription)
            return None
        return heap[0]
