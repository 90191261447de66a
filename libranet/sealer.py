"""The sealer: puts audit entries into blocks of a chain, about a second after they were written (libranet/audit.py).

One sealer a service at a time, by a lease. It promises that entries are sealed once: two sealers that overlap want the
same block number, and the database gives it to one of them.
"""

import time

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import SharedExtension
from pymongo.errors import PyMongoError

from libranet.audit import ENTRIES, AuditTrail, Head
from libranet.clock import rfc3339
from libranet.health import HEALTH
from libranet.lease import Lease
from libranet.logs import log, words_of
from libranet.mongo import Database, is_duplicate

SEAL_SECONDS = 1.0
TELL_HEAD_SECONDS = 24 * 3600
"""The log is carried elsewhere: with a head in it, a chain that was cut short shows too."""


class Sealer(SharedExtension):
    """Runs in every replica of a service; works in the one that holds the lease."""

    database = Database()

    def setup(self) -> None:
        self._signal = Signal()
        self._stopping = False
        self._lease = Lease(self.database, "sealer")
        self._told_at = -float(TELL_HEAD_SECONDS)
        HEALTH.expect("audit")

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run, identifier="sealer")

    def stop(self) -> None:
        """Seals what is there, gives the lease back, and ends."""
        self._stopping = True
        if not self._signal.ready():
            self._signal.send(None)
        self._thread.wait()

    def kill(self) -> None:
        self._stopping = True

    def _run(self) -> None:
        while not self._stopping:
            self._turn()
            with eventlet.Timeout(SEAL_SECONDS, False):
                self._signal.wait()
        self._turn()
        try:
            self._lease.give_back()
        except PyMongoError:
            return  # it runs out by itself

    def _turn(self) -> None:
        try:
            if self._lease.is_held():
                self._seal_all()
            HEALTH.well("audit")
        except PyMongoError as error:
            if not is_duplicate(error) and HEALTH.ill("audit", type(error).__name__):
                log().warning("the audit cannot be sealed", error=words_of(error))

    def _seal_all(self) -> None:
        head = None
        while self._lease.is_held() and self.database.reading().find(ENTRIES, {}, limit=1):
            head = self.database.transact(lambda work: AuditTrail(work).seal()) or head
        self._tell(head)

    def _tell(self, head: Head | None) -> None:
        """A head a day into the log; the first one right after the start."""
        if head is not None and time.monotonic() - self._told_at > TELL_HEAD_SECONDS:
            self._told_at = time.monotonic()
            log().info("the audit's newest block", number=head.number, hash=head.hash,
                       sealed_at=rfc3339(head.sealed_at) if head.sealed_at else None)
