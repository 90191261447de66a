"""Follows changes of taxonomy or corrections, in one replica, in the background: tells which URIs stand for one skill
now, and looks through open postings again.

Its place is saved with each batch, so a killed walk goes on. It writes only postings whose skills came out otherwise,
and tells every replica's index of them. At its end it marks the demand of their owners, once for however many changed.
"""

from dataclasses import replace
from functools import partial

from nameko.extensions import SharedExtension
from prometheus_client import Gauge

from libranet.background import Background
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.health import HEALTH
from libranet.ids import new_id
from libranet.lease import Lease
from libranet.logs import log
from libranet.mongo import Database
from libranet.offhub import off_hub
from libranet.work import Work
from services.jobs.postings.domain.posting import Posting
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.keeper import LexiconKeeper
from services.jobs.skills.domain import joining
from services.jobs.skills.domain.joining import Joined
from services.jobs.skills.domain.lexicon import Lexicon
from services.jobs.skills.store import SkillStore, Walk

POLL_SECONDS = 1.0
BATCH = 100
ACTOR = "jobs"
LEFT = Gauge("libranet_skill_walk_postings", "Open postings to be looked through again for skills")


class SkillWalk(Background, SharedExtension):
    """Runs in every replica of jobs; walks in the one that holds the lease."""

    database = Database()
    keeper = LexiconKeeper()
    part = "skill-walk"
    trouble = "postings cannot be looked through again"

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, "skill-walk")

    def serve(self) -> None:
        while not self.stopping:
            is_ours = self._lease.is_held() and self.keeper.is_current()
            HEALTH.well(self.part)
            if is_ours:
                self.walk(self.keeper.lexicon)
            self.rest(POLL_SECONDS)

    def walk(self, lexicon: Lexicon) -> None:
        """Until all are done, another lexicon is there, or the lease is gone."""
        store = SkillStore(self.database.reading())
        walk = store.walk()
        if walk is not None and walk.stamp == lexicon.stamp and walk.finished_at:
            return
        self._tell_joined(joining.changes(lexicon.taxonomy, store.joined()))
        if walk is None or walk.stamp != lexicon.stamp:
            walk = Walk(lexicon.stamp, owners=walk.owners if walk else ())
        ids = sorted(each for each in PostingStore(self.database.reading()).open_ids() if each > walk.after)
        for start in range(0, len(ids), BATCH):
            LEFT.set(len(ids) - start)
            if self.stopping or self.keeper.lexicon is not lexicon or not self._lease.is_held():
                return
            walk = self._step(walk, ids[start:start + BATCH], lexicon)
        LEFT.set(0)
        self.database.transact(lambda work: _finish(walk, work))
        if ids:
            log().info("postings were looked through again", postings=walk.done, changed=walk.changed)

    def _tell_joined(self, joined: list[Joined]) -> None:
        for start in range(0, len(joined), BATCH):
            self.database.transact(partial(_tell_joined, joined[start:start + BATCH]))

    def _step(self, walk: Walk, ids: list[str], lexicon: Lexicon) -> Walk:
        def effect(work: Work) -> Walk:
            found = list(PostingStore(work).get_many(ids).values())
            return _keep(walk, ids, off_hub(looked_through, found, lexicon), work)

        return self.database.transact(effect)


def _tell_joined(joined: list[Joined], work: Work) -> None:
    cause_id = new_id()
    SkillStore(work).save_joined(joined, joining.facts(joined), Cause(ACTOR, cause_id, cause_id))


def _keep(walk: Walk, ids: list[str], changed: list[Posting], work: Work) -> Walk:
    """The walk after these postings, some of which have changed."""
    PostingStore(work).keep_skills(changed)
    PostingStore(work).tell(each.id for each in changed)
    step = replace(walk, after=ids[-1], done=walk.done + len(ids), changed=walk.changed + len(changed),
                   owners=tuple(sorted({*walk.owners, *(each.owner for each in changed)})))
    SkillStore(work).save_walk(step)
    return step


def _finish(walk: Walk, work: Work) -> None:
    """What its postings ask for is told from now on."""
    for owner in walk.owners:
        PostingStore(work).demand_changed(owner)
    SkillStore(work).save_walk(replace(walk, owners=(), finished_at=now()))


def looked_through(postings: list[Posting], lexicon: Lexicon) -> list[Posting]:
    """Those whose skills come out otherwise, with the skills of now."""
    found = [replace(each, skills=lexicon.extract(each.title, each.text, each.owner, each.id)) for each in postings]
    return [now_found for before, now_found in zip(postings, found, strict=True) if now_found.skills != before.skills]
