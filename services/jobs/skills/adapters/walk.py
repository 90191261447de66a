"""Follows changes of taxonomy or corrections, in one replica, in the background: tells which URIs stand for one skill
now, and looks through open postings again.

Its place is saved with each batch, so a killed walk goes on. It writes only postings whose skills came out otherwise,
and tells every replica's index of them. At its end it marks the demand of their owners, once for however many changed.
Each of its transactions moves its place on, so a replica whose lease ran out meanwhile finds it moved, and lets go.
"""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from nameko.extensions import SharedExtension
from prometheus_client import Gauge

from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.ids import new_id
from libranet.leased import Leased
from libranet.logs import log
from libranet.offhub import off_hub
from libranet.work import Work
from services.jobs.postings.domain.posting import Posting
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.keeper import LexiconKeeper
from services.jobs.skills.domain import joining
from services.jobs.skills.domain.joining import Joined
from services.jobs.skills.domain.lexicon import Lexicon
from services.jobs.skills.store import Overtaken, SkillStore, Walk

BATCH = 100
ACTOR = "jobs"
LEFT = Gauge("libranet_skill_walk_postings", "Open postings to be looked through again for skills")


class SkillWalk(Leased, SharedExtension):
    """Runs in every replica of jobs; walks in the one that holds the lease."""

    keeper = LexiconKeeper()
    part = "skill-walk"
    trouble = "postings cannot be looked through again"
    poll_seconds = 1.0

    def step(self) -> bool:
        if self.keeper.is_current():
            with suppress(Overtaken):
                self.walk(self.keeper.lexicon)
            LEFT.set(0)
        return False

    def walk(self, lexicon: Lexicon) -> None:
        """Until all are done, another lexicon is there, or the lease is gone. Raises Overtaken."""
        walk = self._begun(lexicon)
        if walk.finished_at:
            return
        walk = self._tell_joined(walk, lexicon)
        ids = sorted(each for each in PostingStore(self.database.reading()).open_ids() if each > walk.after)
        for start in range(0, len(ids), BATCH):
            LEFT.set(len(ids) - start)
            if self.keeper.lexicon is not lexicon or not self.may_go_on():
                return
            walk = self._step(walk, ids[start:start + BATCH], lexicon)
        self.database.transact(lambda work: _finish(walk, work))
        if ids:
            log().info("postings were looked through again", postings=walk.done, changed=walk.changed)

    def _begun(self, lexicon: Lexicon) -> Walk:
        """The walk with this lexicon: the one that is kept, or a new one in its place."""
        kept = SkillStore(self.database.reading()).walk()
        if kept is not None and kept.stamp == lexicon.stamp:
            return kept
        new = Walk(lexicon.stamp, owners=kept.owners if kept else ())
        self.database.transact(partial(_begin, new, kept, lexicon.revision))
        return new

    def _tell_joined(self, walk: Walk, lexicon: Lexicon) -> Walk:
        joined = joining.changes(lexicon.taxonomy, SkillStore(self.database.reading()).joined())
        for start in range(0, len(joined), BATCH):
            walk = self.database.transact(partial(_tell_joined, walk, joined[start:start + BATCH]))
        return walk

    def _step(self, walk: Walk, ids: list[str], lexicon: Lexicon) -> Walk:
        def effect(work: Work) -> Walk:
            found = list(PostingStore(work).get_many(ids).values())
            return _keep(walk, ids, off_hub(looked_through, found, lexicon), work)

        return self.database.transact(effect)


def _begin(new: Walk, kept: Walk | None, revision: int, work: Work) -> None:
    """Unless its lexicon is a former one by now."""
    if not SkillStore(work).stays_at(revision):
        raise Overtaken
    SkillStore(work).save_walk(new, kept)


def _tell_joined(walk: Walk, joined: list[Joined], work: Work) -> Walk:
    cause_id = new_id()
    SkillStore(work).save_joined(joined, joining.facts(joined), Cause(ACTOR, cause_id, cause_id))
    step = replace(walk, joined=walk.joined + len(joined))
    SkillStore(work).save_walk(step, walk)
    return step


def _keep(walk: Walk, ids: list[str], changed: list[Posting], work: Work) -> Walk:
    """The walk after these postings, some of which have changed."""
    PostingStore(work).keep_skills(changed)
    PostingStore(work).tell(each.id for each in changed)
    step = replace(walk, after=ids[-1], done=walk.done + len(ids), changed=walk.changed + len(changed),
                   owners=tuple(sorted({*walk.owners, *(each.owner for each in changed)})))
    SkillStore(work).save_walk(step, walk)
    return step


def _finish(walk: Walk, work: Work) -> None:
    """What its postings ask for is told from now on."""
    for owner in walk.owners:
        PostingStore(work).demand_changed(owner)
    SkillStore(work).save_walk(replace(walk, owners=(), finished_at=now()), walk)


def looked_through(postings: list[Posting], lexicon: Lexicon) -> list[Posting]:
    """Those whose skills come out otherwise, with the skills of now."""
    found = [replace(each, skills=lexicon.extract(each.title, each.text, each.owner, each.id)) for each in postings]
    return [now_found for before, now_found in zip(postings, found, strict=True) if now_found.skills != before.skills]
