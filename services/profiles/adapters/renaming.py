"""Gives skills in profiles the names that taxonomies have for them now: in one replica, in the background.

Each profile is changed and told of in one transaction; after a kill the rest follows.
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
from services.profiles.patrons.domain import facts, patrons
from services.profiles.store import ProfilesStore

POLL_SECONDS = 2.0
BATCH = 50
ACTOR = "profiles"


class Renaming(Background, DependencyProvider):
    """Runs in every replica of profiles; renames in the one that holds the lease."""

    database = Database()
    part = "skill-names"
    trouble = "skills in profiles cannot be renamed"

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, "skill-names")

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
    """Renames in some profiles, or notes that none is left; False when there is nothing to do."""
    store, cause_id = ProfilesStore(work), new_id()
    told = store.skill_names.to_check(moment)
    if told is None:
        return False
    names = {other: name for other, name in store.skill_names.of_uris(told.others).items() if name == told.name}
    found = store.patrons.with_skills(names, BATCH) if names else []
    for patron in found:
        renamed = patrons.rename(patron, names)
        store.patrons.save(renamed, facts.profile_changed(patron, renamed), Cause(ACTOR, cause_id, cause_id))
    if not found:
        store.skill_names.save(told.looked_through(moment))
    return True
