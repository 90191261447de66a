"""Calls about achievements: what can be earned, and by what."""

from typing import Any

from contracts.calls import credentials as calls
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.collection import Document
from libranet.ids import new_id
from libranet.problems import NotAllowed, NotYet
from services.credentials import views
from services.credentials.domain import issuing
from services.credentials.domain.achievements import Achievement, define_achievement, next_version
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.refusals import AchievementUnknown, CourseUnknown
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
        if not request.principal.sees(found["owner"]):
            raise NotAllowed(f"{found['owner']} defined it; who acts there, or above, may define it anew.")
        current = Achievement.read(found)
        following = next_version(current, self._defined(current.id, current.owner, request, store))
        return views.achievement(found if following is current else store.save_achievement(following, now()))

    @answers(calls.LIST_ACHIEVEMENTS)
    def list_achievements(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        limit = request.query["limit"]
        found = store.list_achievements(request.principal.node, request.query.get("cursor", ""), limit + 1)
        return views.page([views.achievement(each) for each in found], limit)

    @answers(calls.GET_ACHIEVEMENT)
    def get_achievement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        return views.achievement(_own_achievement(request, store))

    @answers(calls.GET_ACHIEVEMENT_VERSION)
    def get_achievement_version(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = store.find_version(request.path["achievement"], request.path["version"], request.principal)
        if found is None:
            raise AchievementUnknown("There is no such version here. The achievement tells the newest one's number.")
        return views.achievement(found)

    def _defined(self, own_id: str, owner: str, request: CallRequest, store: CredentialStore) -> Achievement:
        """What the body defines, if it may be defined and a credential of it be signed."""
        body = {**request.body, "owner": owner}
        if "course" in body:
            body["course"] = str(body["course"])
            _check_course(body["course"], request.principal, store)
        achievement = define_achievement(Achievement.of(own_id, body))
        issuing.check_signable(achievement, issuer_of(owner, store, self.keys))
        return achievement


def _own_achievement(request: CallRequest, store: CredentialStore) -> Document:
    """The achievement in the path, if it is something to the principal. Raises AchievementUnknown."""
    found = store.find_achievement(request.path["achievement"], request.principal)
    if found is None:
        raise AchievementUnknown("There is no such achievement here. GET /v1/achievements lists them.")
    return found


def _check_course(course: str, principal: Principal, store: CredentialStore) -> None:
    """One that the library shares; what it cannot see is as unknown as what there is not."""
    owner = store.owner_of_course(course)
    if owner is None or not principal.shares(owner):
        unknown = CourseUnknown("Name a course that GET /v1/courses lists.", "/course")
        raise unknown if owner else NotYet(unknown)
