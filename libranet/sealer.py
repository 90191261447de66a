"""The sealer: puts audit entries into blocks of a chain, about a second after they were written (libranet/audit.py).

One sealer a service at a time, by a lease. It promises that entries are sealed once: two sealers that overlap want the
same block number, and the database gives it to one of them.
"""

import time

from nameko.extensions import SharedExtension

from libranet.audit import ENTRIES, AuditTrail, Head
from libranet.background import Background
from libranet.clock import rfc3339
from libranet.health import HEALTH
from libranet.lease import Lease
from libranet.logs import log
from libranet.mongo import Database, is_duplicate

SEAL_SECONDS = 1.0
TELL_HEAD_SECONDS = 24 * 3600
"""The log is carried elsewhere: with a head in it, a chain that was cut short shows too."""


class Sealer(Background, SharedExtension):
    """Runs in every replica of a service; works in the one that holds the lease. A stop seals what is there."""

    database = Database()
    part = "audit"
    trouble = "the audit cannot be sealed"

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, "sealer")
        self._told_at = -float(TELL_HEAD_SECONDS)

    def failed(self, error: Exception) -> None:
        if not is_duplicate(error):
            super().failed(error)

    def serve(self) -> None:
        while not self.stopping:
            self._turn()
            self.rest(SEAL_SECONDS)
        self._turn()
        self._lease.give_back()

    def _turn(self) -> None:
        if self._lease.is_held():
            self._seal_all()
        HEALTH.well(self.part)

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
