"""Tells of credentials that will expire, and of those that have: in one replica, in the background.

Each is told of once, with the write that says so; after a kill the rest follows.
"""

from datetime import datetime

from nameko.extensions import DependencyProvider

from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.ids import new_id
from libranet.leased import Leased
from libranet.work import Work
from services.credentials.domain import facts, life
from services.credentials.store import CredentialStore

BATCH = 100
ACTOR = "credentials"


class Expiry(Leased, DependencyProvider):
    """Runs in every replica of credentials; tells in the one that holds the lease."""

    part = "expiry"
    trouble = "credentials that expire cannot be told of"
    poll_seconds = 60.0

    def step(self) -> bool:
        return self.database.transact(lambda work: tell(work, now())) == BATCH


def tell(work: Work, moment: datetime) -> int:
    """Tells of a batch of what is due; gives how many there were."""
    store, cause_id = CredentialStore(work), new_id()
    due = store.due(moment, BATCH)
    store.touch(each["patron"] for each in due)
    for each in due:
        told = life.told(each, moment)
        store.save_told(told, facts.expiry_told(told, moment), Cause(ACTOR, cause_id, cause_id))
    return len(due)
