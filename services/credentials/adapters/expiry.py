"""Tells of credentials that will expire, of those that have, and of those that nobody has seen: in one replica, in the
background.

Each is told of once, with the write that says so; after a kill the rest follows. Setting: CREDENTIALS_UNCLAIMED_DAYS.
"""

from datetime import datetime, timedelta

from nameko.extensions import DependencyProvider

from libranet import settings
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.ids import new_id
from libranet.leased import Leased
from libranet.work import Work
from services.credentials.changing import supersede
from services.credentials.domain import claims, facts, life
from services.credentials.store import CredentialStore

BATCH = 100
ACTOR = "credentials"
UNCLAIMED_DAYS = 14


class Expiry(Leased, DependencyProvider):
    """Runs in every replica of credentials; tells in the one that holds the lease."""

    part = "expiry"
    trouble = "credentials that expire or that nobody has seen cannot be told of"
    poll_seconds = 60.0

    def setup(self) -> None:
        super().setup()
        self._patience = timedelta(days=settings.number("CREDENTIALS_UNCLAIMED_DAYS", UNCLAIMED_DAYS))

    def step(self) -> bool:
        return BATCH in (self.database.transact(lambda work: tell(work, now())),
                         self.database.transact(lambda work: remind(work, now() - self._patience)))


def tell(work: Work, moment: datetime) -> int:
    """Tells of a batch of what is due; gives how many there were. What has expired replaces nothing any more."""
    store, cause_id = CredentialStore(work), new_id()
    cause = Cause(ACTOR, cause_id, cause_id)
    due = store.due(moment, BATCH)
    store.touch(each["patron"] for each in due)
    for each in due:
        told = life.told(each, moment)
        store.save_told(told, facts.expiry_told(told, moment), cause)
    supersede([(each, cause) for each in due if life.has_expired(each, moment)], store, moment)
    return len(due)


def remind(work: Work, since: datetime) -> int:
    """Reminds of a batch of what was issued by then and neither shared nor claimed; gives how many there were."""
    store, cause_id = CredentialStore(work), new_id()
    due = store.unclaimed(since, BATCH)
    store.touch(each["patron"] for each in due)
    for each in due:
        if not claims.is_unclaimed(each, now()):
            store.save_seen({**each, "unclaimed_since": None})
            continue
        told = claims.reminded(each)
        store.save_told(told, facts.credential_unclaimed(told), Cause(ACTOR, cause_id, cause_id))
    return len(due)
