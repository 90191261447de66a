"""Finds who meets a recognition that was just stated, or that begins to apply: in one replica, in the background.

It looks at so many credentials at a time and keeps how far it is with what it found; after a kill the rest follows.
"""

from datetime import datetime

from nameko.extensions import DependencyProvider

from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.ids import new_id
from libranet.leased import Leased
from libranet.work import Work
from services.credentials import reaching
from services.credentials.domain import recognition
from services.credentials.store import CredentialStore

BATCH = 50
ACTOR = "credentials"


class RecognitionWalk(Leased, DependencyProvider):
    """Runs in every replica of credentials; walks in the one that holds the lease."""

    part = "recognition-walk"
    trouble = "who meets a new recognition cannot be found"
    poll_seconds = 2.0

    def step(self) -> bool:
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
