"""Files that are evidence: kept as blobs, and swept when their time is over, in one replica."""

from typing import Any

from nameko.extensions import DependencyProvider

from libranet.blobs import Blobs
from libranet.clock import now
from libranet.leased import Leased


class EvidenceFiles(Leased, DependencyProvider):
    """Service methods get the blobs."""

    part = "evidence_files"
    trouble = "files of evidence whose time is over cannot be deleted"
    poll_seconds = 600.0

    def setup(self) -> None:
        super().setup()
        self._blobs = Blobs(self.database)

    def get_dependency(self, worker_ctx: Any) -> Blobs:
        return self._blobs

    def serve(self) -> None:
        self.database.prepare()
        super().serve()

    def step(self) -> bool:
        self._blobs.sweep(now())
        return False
