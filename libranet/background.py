"""Work that a process does beside its calls: a greenthread for each extension that has some.

It begins anew when its parts fail it, says so once, and ends cleanly: a stop is told, and waited for.
"""

import time
from abc import abstractmethod
from typing import Any, ClassVar

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import Extension
from pymongo.errors import PyMongoError

from libranet.health import HEALTH
from libranet.logs import log, words_of
from libranet.worker import contained

PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 2.0
"""After a failure; twice as long after each that follows soon."""
SOON_SECONDS = 10


class Background(Extension):
    """Runs `serve` until it is to stop. Stands before nameko's own class among the bases.

    `part` is its name in /readyz, `trouble` what the log says of its failures, `failures` what they raise.
    """

    part: str
    trouble: ClassVar[str]
    failures: ClassVar[tuple[type[Exception], ...]] = (PyMongoError,)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.stopping = False
        self._woken = Signal()

    def setup(self) -> None:
        HEALTH.expect(self.part)

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run, identifier=self.part)

    def stop(self) -> None:
        """Waits until `serve` has ended."""
        self.stopping = True
        self.wake()
        self._thread.wait()

    def kill(self) -> None:
        self.stopping = True

    @abstractmethod
    def serve(self) -> None:
        """Does the work and reports to HEALTH, until `stopping`; raising one of `failures` begins it anew."""

    def failed(self, error: Exception) -> None:
        """Told of each failure."""
        if HEALTH.ill(self.part, type(error).__name__):
            log().warning(self.trouble, part=self.part, error=words_of(error))

    def wake(self) -> None:
        """Ends the rest: there is something to do."""
        if not self._woken.ready():
            self._woken.send(None)

    def rest(self, seconds: float) -> None:
        """Waits so long, or until woken; at once when it was woken since the last rest."""
        with eventlet.Timeout(seconds, False):
            self._woken.wait()
        if self._woken.ready():
            self._woken = Signal()

    def _run(self) -> None:
        serve = contained(self.serve)
        pause = PAUSE_SECONDS
        while not self.stopping:
            started = time.monotonic()
            try:
                serve()
            except self.failures as error:
                self.failed(error)
                if time.monotonic() - started > SOON_SECONDS:
                    pause = PAUSE_SECONDS
                self.rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
