"""Calls about co-issuing: an owner proposes, the node agrees to a version, either ends it."""

from typing import Any

from contracts.calls import co_issuing as calls
from libranet.calls import CallRequest, answers
from libranet.clock import now, rfc3339
from libranet.problems import NotAllowed
from services.credentials import beside, views
from services.credentials.domain import co_issuing, deciding, endorsing, facts
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.co_issuing import AGREED, ENDED, PROPOSED, CoIssuing
from services.credentials.domain.endorsing_refusals import CoIssuingUnknown, NotYours
from services.credentials.domain.refusals import AchievementUnknown
from services.credentials.endorsing import check_node
from services.credentials.issuers import name_of
from services.credentials.store import CredentialStore


class CoIssuingCalls:
    """Both sides see it, and either may end it."""

    @answers(calls.PROPOSE_CO_ISSUER)
    def propose_co_issuer(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = store.find_achievement(request.path["achievement"], request.principal)
        if found is None:
            raise AchievementUnknown("There is no such achievement here. GET /v1/achievements lists them.")
        if not deciding.may_define(request.principal, found["owner"]):
            raise NotAllowed(f"{found['owner']} defined it; who acts there, or above, may propose a co-issuer.")
        achievement, node = Achievement.read(found), request.body["node"]
        check_node(node, achievement.owner, "/node", store)
        endorsing.check_not_own(endorsing.of_achievement(achievement), node)
        before = store.co_issuings.of_achievement(achievement)
        proposed = co_issuing.proposed(before, achievement, node, now())
        if proposed is not before:
            store.co_issuings.save(proposed, [facts.co_issuing_told(proposed, node)], request.cause)
        return _shown(proposed, store)

    @answers(calls.LIST_CO_ISSUINGS)
    def list_co_issuings(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        limit = request.query["limit"]
        found = store.co_issuings.list_of(request.principal.node, request.query.get("cursor", ""), limit + 1)
        return views.page([_shown(each, store) for each in found], limit)

    @answers(calls.GET_CO_ISSUING)
    def get_co_issuing(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        return _shown(_found(request, store), store)

    @answers(calls.AGREE_TO_CO_ISSUE)
    def agree_to_co_issue(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = _found(request, store)
        if not request.principal.sees(found["node"]):
            raise NotYours(f"{found['node']} decides whether it issues this, too.")
        agreed = co_issuing.agreed(found, _achievement(found, store), request.body["version"], now())
        if agreed is not found:
            store.co_issuings.save(agreed, [facts.co_issuing_told(agreed, agreed["owner"])], request.cause)
        return _shown(agreed, store)

    @answers(calls.END_CO_ISSUING)
    def end_co_issuing(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = _found(request, store)
        ended = co_issuing.ended(found, now())
        if ended is not found:
            other = found["node"] if request.principal.sees(found["owner"]) else found["owner"]
            store.co_issuings.save(ended, [facts.co_issuing_told(ended, other)], request.cause)
        return _shown(ended, store)


def _found(request: CallRequest, store: CredentialStore) -> CoIssuing:
    found = store.co_issuings.find(request.path["co_issuing"], request.principal)
    if found is None:
        raise CoIssuingUnknown("There is no such co-issuing here. GET /v1/co-issuings lists them.")
    return found


def _achievement(found: CoIssuing, store: CredentialStore) -> Achievement:
    return Achievement.read(store.achievement(found["achievement"]))


def _shown(found: CoIssuing, store: CredentialStore) -> dict[str, Any]:
    document = store.achievement(found["achievement"])
    achievement = Achievement.read(document)
    version = {"version": found["version"]} if found["version"] else {}
    return {
        "id": found["_id"],
        **{name: found[name] for name in ("achievement", "owner", "node", "state")},
        "node_name": name_of(found["node"], store),
        **version,
        "changed_at": rfc3339(found["changed_at"]),
        "definition": {**views.achievement(document), **beside.achievement(achievement, store)},
        "next_step": _next_step(found, achievement),
    }


def _next_step(found: CoIssuing, achievement: Achievement) -> str:
    agree = f"POST /v1/co-issuings/{found['_id']}/agree with version {achievement.version}."
    if found["state"] == AGREED and not co_issuing.is_in_force(found, achievement):
        return f"The achievement was changed, and its owner issues it alone. To go on together: {agree}"
    return {
        PROPOSED: f"{found['node']} agrees: {agree}",
        AGREED: "Both issue it from now on.",
        ENDED: "Its owner may propose it again.",
    }[found["state"]]
