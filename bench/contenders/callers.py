"""So many threads that ask, each after its own last answer; how long each answer took."""

import statistics
import threading
import time
from collections.abc import Callable

from bench.meter import Meter

START_SECONDS = 30
Ask = Callable[[], object]


def ask_all(make: Callable[[], Ask], callers: int) -> None:
    """Makes one `ask` a thread, warms it up, then shares the calls out; tells how long the median answer took."""
    meter = Meter()
    share = meter.total // callers
    seconds: list[float] = []
    together = threading.Barrier(callers + 1)

    def caller() -> None:
        ask = make()
        _first(ask)
        for _ in range(meter.warm_up // callers):
            ask()
        together.wait()
        together.wait()
        for _ in range(share):
            began = time.perf_counter()
            ask()
            seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=caller) for _ in range(callers)]
    for thread in threads:
        thread.start()
    together.wait()
    meter.begin()
    together.wait()
    for thread in threads:
        thread.join()
    meter.end(share * callers, p50_ms=statistics.median(seconds) * 1000)


def _first(ask: Ask) -> None:
    """The first answer, however long the other side takes to start."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            ask()
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
