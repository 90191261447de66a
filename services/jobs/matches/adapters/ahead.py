"""Reading ahead: the next items are fetched while the ones at hand are worked on."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, TypeVar

Item = TypeVar("Item")
AHEAD = 2
PATIENCE_SECONDS = 0.5
END = object()


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order; at most AHEAD of them wait. What the iterator raises is raised here.

    A thread, which is a green one in a service process.
    """
    waiting: Queue[Any] = Queue(AHEAD)
    over = Event()

    def read() -> None:
        try:
            for item in items:
                if not _put(waiting, item, over):
                    return
            _put(waiting, END, over)
        except Exception as error:  # noqa: BLE001 - whoever reads the items gets it
            _put(waiting, error, over)

    Thread(target=read, daemon=True, name="ahead").start()
    try:
        while (item := waiting.get()) is not END:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        over.set()


def _put(waiting: "Queue[Any]", item: Any, over: Event) -> bool:
    """Whether anybody still wants it."""
    while not over.is_set():
        try:
            waiting.put(item, timeout=PATIENCE_SECONDS)
            return True
        except Full:
            continue
    return False
