"""Tells of credentials that will expire, and of those that have: in one replica, in the background.

Each is told of once, with the write that says so; after a kill the rest follows.
"""

from datetime import datetime

from nameko.extensions import DependencyProvider

from libranet.background import Background
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.health import HEALTH
from libranet.ids import new_id
from libranet.lease import Lease
from libranet.mongo import Database
from libranet.work import Work
from services.credentials.domain import facts, life
from services.credentials.store import CredentialStore

POLL_SECONDS = 60.0
BATCH = 100
ACTOR = "credentials"


class Expiry(Background, DependencyProvider):
    """Runs in every replica of credentials; tells in the one that holds the lease."""

    database = Database()
    part = "expiry"
    trouble = "credentials that expire cannot be told of"

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, "expiry")

    def serve(self) -> None:
        while not self.stopping:
            is_ours = self._lease.is_held()
            HEALTH.well(self.part)
            while is_ours and not self.stopping and self._tell() == BATCH:
                is_ours = self._lease.is_held()
            self.rest(POLL_SECONDS)

    def _tell(self) -> int:
        return self.database.transact(lambda work: tell(work, now()))


def tell(work: Work, moment: datetime) -> int:
    """Tells of a batch of what is due; gives how many there were."""
    store, cause_id = CredentialStore(work), new_id()
    due = store.due(moment, BATCH)
    store.touch(each["patron"] for each in due)
    for each in due:
        told = life.told(each, moment)
        store.save_told(told, facts.expiry_told(told, moment), Cause(ACTOR, cause_id, cause_id))
    return len(due)
