"""Finds who meets a recognition that was just stated, or that begins to apply: in one replica, in the background.

It looks at so many credentials at a time and keeps how far it is with what it found; after a kill the rest follows.
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
from services.credentials import reaching
from services.credentials.domain import recognition
from services.credentials.store import CredentialStore

POLL_SECONDS = 2.0
BATCH = 50
ACTOR = "credentials"


class RecognitionWalk(Background, DependencyProvider):
    """Runs in every replica of credentials; walks in the one that holds the lease."""

    database = Database()
    part = "recognition-walk"
    trouble = "who meets a new recognition cannot be found"

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, "recognition-walk")

    def serve(self) -> None:
        while not self.stopping:
            is_ours = self._lease.is_held()
            HEALTH.well(self.part)
            while is_ours and not self.stopping and self._step():
                is_ours = self._lease.is_held()
            self.rest(POLL_SECONDS)

    def _step(self) -> bool:
        return self.database.transact(lambda work: step(work, now()))


def step(work: Work, moment: datetime) -> bool:
    """Judges those whom the next credentials belong to; gives whether there was anything to do."""
    store, cause_id = CredentialStore(work), new_id()
    walk = store.recognitions.due_walk(moment)
    if walk is None:
        return False
    stated = store.recognitions.stated(walk["_id"])
    found = store.recognitions.holders(stated["achievements"], walk["after"], BATCH)
    if found and recognition.applies(stated, moment):
        cause = Cause(ACTOR, cause_id, cause_id)
        reaching.judge([stated], store, moment, {each["patron"]: cause for each in found})
        store.recognitions.save_walk({**walk, "after": found[-1]["_id"]})
    else:
        store.recognitions.end_walk(walk["_id"])
    return True
