"""Files that are evidence: kept as blobs, and swept when their time is over, in one replica."""

from typing import Any

from nameko.extensions import DependencyProvider

from libranet.background import Background
from libranet.blobs import Blobs
from libranet.clock import now
from libranet.health import HEALTH
from libranet.lease import Lease
from libranet.mongo import Database

POLL_SECONDS = 600.0


class EvidenceFiles(Background, DependencyProvider):
    """Service methods get the blobs."""

    database = Database()
    part = "evidence_files"
    trouble = "files of evidence whose time is over cannot be deleted"

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, self.part)
        self._blobs = Blobs(self.database)

    def get_dependency(self, worker_ctx: Any) -> Blobs:
        return self._blobs

    def serve(self) -> None:
        self.database.prepare()
        while not self.stopping:
            if self._lease.is_held():
                self._blobs.sweep(now())
            HEALTH.well(self.part)
            self.rest(POLL_SECONDS)
