"""Answers what a label means, and takes curators' corrections."""

from typing import Any, Protocol

from contracts.calls import matching as calls
from libranet.calls import CallRequest, answers
from libranet.clock import now
from libranet.ids import keyed_id
from libranet.offhub import off_hub
from libranet.problems import NotFound, RequestInvalid
from services.jobs.domain.cursors import cursor_after, place_of
from services.jobs.postings.store import PostingStore
from services.jobs.skills import views
from services.jobs.skills.adapters.keeper import KnownSkills
from services.jobs.skills.adapters.walk import SkillWalk
from services.jobs.skills.domain.corrections import Correction
from services.jobs.skills.domain.lexicon import Lexicon
from services.jobs.skills.domain.taxonomy import Skill
from services.jobs.skills.domain.words import fold
from services.jobs.skills.store import SkillStore


class Stores(Protocol):
    """What these calls need of jobs' store."""

    skills: SkillStore
    postings: PostingStore


class WalkedSkills(KnownSkills):
    """The lexicon, with the walk that follows its changes."""

    walk = SkillWalk()


class SkillCalls:
    known: Any = WalkedSkills()
    """The lexicon of the moment."""

    @answers(calls.RESOLVE_SKILLS)
    def resolve_skills(self, request: CallRequest, _store: Stores) -> dict[str, Any]:
        """Each label with the skill that it means at the caller's node."""
        return {"items": off_hub(_resolved, self.known, request.body["labels"], request.principal.node)}

    @answers(calls.CORRECT_SKILLS)
    def correct_skills(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        """A correction for the caller's node and those below; the same place again takes the former one's place."""
        skill, owner = self._skill(request.body["skill"]), request.principal.node
        label, posting = request.body.get("label"), request.body.get("posting")
        if label is not None and not fold(label):
            raise RequestInvalid("Write a label that has a word in it.", "/label")
        if posting is not None:
            found = store.postings.get(str(posting))
            if found is None or not request.principal.sees(found.owner):
                raise NotFound("There is no such job of this node or of one below it.", "/posting")
        place = fold(label) if label is not None else str(posting)
        correction = Correction(
            keyed_id("skill-correction", owner, skill.uri, place), owner, request.body["action"], skill.uri,
            skill.label, label, None if posting is None else str(posting), now())
        store.skills.correct(correction)
        return views.correction(correction)

    @answers(calls.LIST_SKILL_CORRECTIONS)
    def list_skill_corrections(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        """Those of the caller's node and of nodes below it."""
        limit, after = request.query["limit"], place_of(request.query.get("cursor"))
        items: list[dict[str, Any]] = []
        while rows := store.skills.corrections_after(after, limit + 1):
            for each in rows:
                seen = request.principal.sees(each.owner)
                if seen and len(items) == limit:
                    return {"items": items, "next": cursor_after(after)}
                if seen:
                    items.append(views.correction(each))
                after = each.id
            if len(rows) <= limit:
                break
        return {"items": items, "next": None}

    @answers(calls.TAKE_BACK_SKILL_CORRECTION)
    def take_back_skill_correction(self, request: CallRequest, store: Stores) -> None:
        found = store.skills.correction(request.path["correction"])
        if found is None or not request.principal.sees(found.owner):
            raise NotFound("There is no such correction.")
        store.skills.take_back(found.id)

    def _skill(self, named: str) -> Skill:
        lexicon: Lexicon = self.known
        skill = lexicon.taxonomy.known(named, named)
        if skill is None:
            raise RequestInvalid("No skill has this URI or label; POST /v1/skills/resolve finds one.", "/skill")
        return skill


def _resolved(lexicon: Lexicon, labels: list[str], node: str) -> list[dict[str, Any]]:
    found = [(label, lexicon.resolve(label, node)) for label in labels]
    return [views.resolved(label, each, lexicon.names_of(each.skill.uri)[1:] if each else []) for label, each in found]
