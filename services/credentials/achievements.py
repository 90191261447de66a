"""Calls about achievements: what can be earned, and by what."""

from typing import Any

from contracts.calls import credentials as calls
from contracts.calls.achievements import AWARDS, READS
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.collection import Document
from libranet.ids import new_id
from libranet.problems import NotAllowed, NotYet
from services.credentials import beside, views
from services.credentials.domain import deciding, issuing
from services.credentials.domain.achievements import Achievement, define_achievement, next_version
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.refusals import (
    AchievementUnknown,
    AwardedOtherwise,
    ComponentUnknown,
    CourseUnknown,
)
from services.credentials.images import pictured
from services.credentials.issuers import issuer_of
from services.credentials.store import CredentialStore


class AchievementCalls:
    """An achievement is defined by a node and earned in the nodes below it."""

    keys: KeyKeeper

    @answers(calls.DEFINE_ACHIEVEMENT)
    def define_achievement(self, request: CallRequest, store: CredentialStore) -> Answer:
        defined = self._defined(new_id(), request.principal.node, request, store)
        return Answer(views.achievement(store.save_achievement(defined, now())), status=201)

    @answers(calls.REPLACE_ACHIEVEMENT)
    def replace_achievement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = _own_achievement(request, store)
        if not deciding.may_define(request.principal, found["owner"]):
            raise NotAllowed(f"{found['owner']} defined it; who acts there, or above, may define it anew.")
        current = Achievement.read(found)
        following = next_version(current, self._defined(current.id, current.owner, request, store))
        return views.achievement(found if following is current else store.save_achievement(following, now()))

    @answers(calls.LIST_ACHIEVEMENTS)
    def list_achievements(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        limit = request.query["limit"]
        found = store.list_achievements(request.principal.node, request.query.get("cursor", ""), limit + 1)
        return views.page([_shown(each, store) for each in found], limit)

    @answers(calls.GET_ACHIEVEMENT)
    def get_achievement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        return _shown(_own_achievement(request, store), store)

    @answers(calls.GET_ACHIEVEMENT_VERSION)
    def get_achievement_version(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = store.find_version(request.path["achievement"], request.path["version"], request.principal)
        if found is None:
            raise AchievementUnknown("There is no such version here. The achievement tells the newest one's number.")
        return _shown(found, store)

    @answers(calls.LIST_ISSUED)
    def list_issued_credentials(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        """A page may have fewer than asked for: what is not the principal's to know is passed over."""
        found, who, limit = _own_achievement(request, store), request.principal, request.query["limit"]
        issued = store.issued_for(found["_id"], who, request.query.get("cursor", ""), limit + 1)
        own = {each["_id"] for each in issued if deciding.is_issuer(who, each, READS)}
        page = views.page([views.issued(each, now()) for each in issued], limit)
        return {**page, "items": [each for each in page["items"] if each["id"] in own]}

    def _defined(self, own_id: str, owner: str, request: CallRequest, store: CredentialStore) -> Achievement:
        """What the body defines, if it may be defined and a credential of it be signed."""
        _check_earned(request)
        wanted = Achievement.of(own_id, {**_members(request.body), "owner": owner})
        if wanted.course:
            _check_course(wanted.course, request, store)
        _check_components(wanted, request.principal, store)
        achievement = define_achievement(wanted)
        issuing.check_signable(achievement, issuer_of(owner, store, self.keys))
        return pictured(achievement, store)


def _own_achievement(request: CallRequest, store: CredentialStore) -> Document:
    """The achievement in the path, if it is something to the principal. Raises AchievementUnknown."""
    found = store.find_achievement(request.path["achievement"], request.principal)
    if found is None:
        raise AchievementUnknown("There is no such achievement here. GET /v1/achievements lists them.")
    return found


def _shown(found: Document, store: CredentialStore) -> dict[str, Any]:
    """With what others say of it."""
    return {**views.achievement(found), **beside.achievement(Achievement.read(found), store)}


def _members(body: dict[str, Any]) -> dict[str, Any]:
    """What the body defines, as the domain has it."""
    earned_by = body.get("earned_by", {})
    members = {**body, **{name: earned_by[told] for name, told in views.EARNED_BY.items() if told in earned_by}}
    if "course" in members:
        members["course"] = str(members["course"])
    if "components" in members:
        members["components"] = [str(each) for each in members["components"]]
        members.setdefault("at_least", len(members["components"]))
    return members


def _check_earned(request: CallRequest) -> None:
    """Raises AwardedOtherwise where something earns it by itself, for whoever may award only what it recognises."""
    named = next((name for name in ("course", "earned_by") if name in request.body), None)
    if named and not request.principal.may([AWARDS]):
        raise AwardedOtherwise("Leave this out, and name the achievement in what a recognition of yours gives: "
                               "POST /v1/recognitions.", f"/{named}")


def _check_course(course: str, request: CallRequest, store: CredentialStore) -> None:
    """One that the library shares; what it cannot see is as unknown as what there is not."""
    owner = store.owner_of_course(course)
    if owner is None or not request.principal.shares(owner):
        place = "/course" if "course" in request.body else "/earned_by/course"
        unknown = CourseUnknown("Name a course that GET /v1/courses lists.", place)
        raise unknown if owner else NotYet(unknown)


def _check_components(stack: Achievement, principal: Principal, store: CredentialStore) -> None:
    """Others that are something to the principal, each once."""
    for place, each in enumerate(stack.components):
        is_other = each != stack.id and each not in stack.components[:place]
        if not is_other or store.find_achievement(each, principal) is None:
            raise ComponentUnknown("Name other achievements that GET /v1/achievements lists, each once.",
                                   f"/earned_by/achievements/{place}")
