"""Work that one replica of a service does at a time, in steps, beside its calls."""

from abc import abstractmethod
from typing import ClassVar

from libranet.background import Background
from libranet.health import HEALTH
from libranet.lease import Lease
from libranet.mongo import Database


class Leased(Background):
    """Runs in every replica; works in the one that holds the lease called `part`. Stands before nameko's own class
    among the bases."""

    database = Database()
    poll_seconds: ClassVar[float]
    """How long it rests when there was nothing to do."""

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, self.part)

    @abstractmethod
    def step(self) -> bool:
        """Does some of the work; says whether there may be more of it. A stop waits for it, so it is short or looks at
        `may_go_on`."""

    def serve(self) -> None:
        while not self.stopping:
            is_ours = self._lease.is_held()
            HEALTH.well(self.part)
            while is_ours and self.step():
                is_ours = self.may_go_on()
            self.rest(self.poll_seconds)
        self._lease.give_back()

    def may_go_on(self) -> bool:
        """Whether nobody stops it, and the lease is still its own."""
        return not self.stopping and self._lease.is_held()
