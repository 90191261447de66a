"""Work that computes for longer than an event loop may stand still: done in one native thread, in the order asked.

Always the same thread, because some libraries (libxml2 under lxml) tie what they build to the thread that began it.
What runs there must not touch what eventlet has patched: no socket, no database, no lock of the event loop's side.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from eventlet import patcher, tpool

Result = TypeVar("Result")
Task = tuple[Callable[[], Any], Any]

_queue = patcher.original("queue")
_threading = patcher.original("threading")


class Aside:
    """One native thread; it ends with the process."""

    def __init__(self, name: str) -> None:
        self._tasks = _queue.SimpleQueue()
        _threading.Thread(target=self._serve, name=name, daemon=True).start()

    def run(self, call: Callable[[], Result]) -> Result:
        """What `call` gives or raises; other greenthreads go on meanwhile."""
        answer = _queue.SimpleQueue()
        self._tasks.put((call, answer))
        result, error = tpool.execute(answer.get)
        if error is not None:
            raise error
        found: Result = result
        return found

    def _serve(self) -> None:
        while True:
            call, answer = self._tasks.get()
            try:
                answer.put((call(), None))
            except BaseException as error:  # noqa: BLE001 - it is the asker's to handle
                answer.put((None, error))
