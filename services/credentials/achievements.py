"""Calls about achievements: what can be earned, and by what."""

from typing import Any

from contracts.calls import credentials as calls
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.ids import new_id
from libranet.problems import NotYet
from services.credentials import views
from services.credentials.domain import issuing
from services.credentials.domain.achievements import Achievement, define_achievement
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.refusals import AchievementUnknown, CourseUnknown
from services.credentials.images import pictured
from services.credentials.issuers import issuer_of
from services.credentials.store import CredentialStore


class AchievementCalls:
    """An achievement is defined by a node and earned in the nodes below it."""

    keys: KeyKeeper

    @answers(calls.DEFINE_ACHIEVEMENT)
    def define_achievement(self, request: CallRequest, store: CredentialStore) -> Answer:
        body = {**request.body, "course": str(request.body["course"]) if request.body.get("course") else None}
        if body["course"]:
            _check_course(body["course"], request.principal, store)
        achievement = define_achievement(Achievement(id=new_id(), owner=request.principal.node, **body))
        issuing.check_signable(achievement, issuer_of(achievement.owner, store, self.keys))
        achievement = pictured(achievement, store)
        return Answer(views.achievement(store.save_achievement(achievement, now())), status=201)

    @answers(calls.LIST_ACHIEVEMENTS)
    def list_achievements(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        limit = request.query["limit"]
        found = store.list_achievements(request.principal.node, request.query.get("cursor", ""), limit + 1)
        return views.page([views.achievement(each) for each in found], limit)

    @answers(calls.GET_ACHIEVEMENT)
    def get_achievement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = store.find_achievement(request.path["achievement"], request.principal)
        if found is None:
            raise AchievementUnknown("There is no such achievement here. GET /v1/achievements lists them.")
        return views.achievement(found)


def _check_course(course: str, principal: Principal, store: CredentialStore) -> None:
    """One that the library shares; what it cannot see is as unknown as what there is not."""
    owner = store.owner_of_course(course)
    if owner is None or not principal.shares(owner):
        unknown = CourseUnknown("Name a course that GET /v1/courses lists.", "/course")
        raise unknown if owner else NotYet(unknown)
