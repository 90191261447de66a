"""What a measured process says of itself: when its clock began, and what was done and spent until it ended.

The clock begins with the first call after the warm-up and ends with the beginning of the last call, so the same work
lies between for a handler of one event and for a handler of a hundred. CPU time is user and system time of the whole
process, with nothing taken off.
"""

import json
import os
import resource
import time
from typing import Any

EVENTS, WARM_UP, REPORT = "BENCH_EVENTS", "BENCH_WARM_UP", "BENCH_REPORT_FD"


class Meter:
    """Counts up to the events that the process was told to expect."""

    def __init__(self) -> None:
        self.total = int(os.environ[EVENTS])
        self.warm_up = int(os.environ[WARM_UP])
        self.count = 0
        self._report_fd = int(os.environ[REPORT])
        self._began: tuple[float, float, int] | None = None

    @property
    def began(self) -> bool:
        return self._began is not None

    def seen(self, events: int = 1) -> None:
        """Call it first thing in every handler call, with the number of events that the call brings."""
        if not self.began and self.count >= self.warm_up:
            self.begin()
        if self.count + events >= self.total:
            self.end(self.count)
        self.count += events

    def begin(self) -> None:
        """The clock starts; `count` events lie before it."""
        self._began = (time.perf_counter(), cpu_seconds(), self.count)
        self.tell(mark="began")

    def end(self, count: int, **more: Any) -> None:
        """The clock stops; `count` events were done since the process started. `more` is told along."""
        assert self._began
        started, spent, before = self._began
        self.tell(mark="ended", events=count - before, seconds=time.perf_counter() - started,
                  cpu_seconds=cpu_seconds() - spent, **more)

    def tell(self, **fields: Any) -> None:
        """One line to the process that measures."""
        os.write(self._report_fd, json.dumps(fields).encode() + b"\n")


def cpu_seconds() -> float:
    """User and system time of this process so far, its threads included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
