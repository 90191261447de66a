"""Calls about mappings: a college states one, the achievement's owner decides whether credentials have it."""

from typing import Any

from contracts.calls import mappings as calls
from contracts.places import consortium_of
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, rfc3339
from services.credentials import views
from services.credentials.domain import deciding, facts, issuing, mappings
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.alignments import Alignment
from services.credentials.domain.endorsing_refusals import MappingUnfit, MappingUnknown, NotYours
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.mappings import Mapping
from services.credentials.issuers import issuer_of, name_of
from services.credentials.store import CredentialStore


class MappingCalls:
    """A college's own word, until the library makes it part of what it signs."""

    keys: KeyKeeper

    @answers(calls.STATE_MAPPING)
    def state_mapping(self, request: CallRequest, store: CredentialStore) -> Answer:
        college, own = request.principal.node, request.body.get("own_achievement")
        stated = mappings.stated(
            _achievement(request, store), college, request.body.get("level"), _target(request, store),
            str(own) if own else None, now())
        before = store.mappings.get(stated["_id"])
        if before is not None:
            stated = mappings.stated_again(before, now())
        else:
            mappings.check_room(store.mappings.count_stated(stated))
        _save(stated, before, request, store)
        return Answer(_shown(stated, store), status=200 if before else 201)

    @answers(calls.LIST_MAPPINGS)
    def list_mappings(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        query, limit = request.query, request.query["limit"]
        named = query.get("achievement")
        found = store.mappings.list_of(
            request.principal.node, str(named) if named else None, query.get("cursor", ""), limit + 1)
        return views.page([_shown(each, store) for each in found], limit)

    @answers(calls.GET_MAPPING)
    def get_mapping(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        return _shown(_found(request, store), store)

    @answers(calls.DECIDE_MAPPING)
    def decide_mapping(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = _found(request, store)
        if not deciding.may_define(request.principal, found["achievement_owner"]):
            raise NotYours(f"{found['achievement_owner']} decides what its credentials say.")
        wanted = (found["achievement"], found["version"])
        achievement = store.versions([wanted])[wanted]
        others = [each for each in store.mappings.accepted_of(achievement) if each["_id"] != found["_id"]]
        decided = mappings.decided(found, request.body["accepted"], others, now())
        if decided["state"] == mappings.ACCEPTED:
            self._check_signable(decided, others, achievement, store)
        _save(decided, found, request, store)
        return _shown(decided, store)

    @answers(calls.END_MAPPING)
    def end_mapping(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = _found(request, store)
        if not request.principal.sees(found["owner"]):
            raise NotYours(f"{found['owner']} states it; what it says of yours you may decline.")
        ended = mappings.ended(found, now())
        _save(ended, found, request, store)
        return _shown(ended, store)

    def _check_signable(self, accepted: Mapping, others: list[Mapping], achievement: Achievement,
                        store: CredentialStore) -> None:
        """Raises MappingUnfit or DocumentUnsound for what no credential could have."""
        mappings.check_unknown_alone(accepted, achievement)
        issuing.check_signable(mappings.applied(achievement, [*others, accepted]),
                               issuer_of(achievement.owner, store, self.keys))


def _achievement(request: CallRequest, store: CredentialStore) -> Achievement:
    """The version that the body names: one of the consortium. Raises MappingUnfit."""
    own_id, college = str(request.body["achievement"]), request.principal.node
    newest = store.achievements([own_id]).get(own_id)
    if newest is None or consortium_of(newest.owner) != consortium_of(college):
        raise MappingUnfit("Name an achievement that GET /v1/recognisable-achievements lists.", "/achievement")
    if request.principal.sees(newest.owner):
        raise MappingUnfit("It is your own: give it an alignment.", "/achievement")
    version = request.body.get("version", newest.version)
    if version > newest.version:
        raise MappingUnfit(f"Version {newest.version} is the newest.", "/version")
    return store.versions([(own_id, version)])[own_id, version]


def _target(request: CallRequest, store: CredentialStore) -> Alignment:
    """What the body maps to. Raises MappingUnfit for an achievement that is not the college's own."""
    if "target" in request.body:
        return dict(request.body["target"])
    own_id = str(request.body["own_achievement"])
    own = store.achievements([own_id]).get(own_id)
    if own is None or not request.principal.sees(own.owner):
        raise MappingUnfit("Name an achievement of your own.", "/own_achievement")
    return mappings.target_of(own)


def _found(request: CallRequest, store: CredentialStore) -> Mapping:
    found = store.mappings.find(request.path["mapping"], request.principal)
    if found is None:
        raise MappingUnknown("There is no such mapping here. GET /v1/mappings lists them.")
    return found


def _save(after: Mapping, before: Mapping | None, request: CallRequest, store: CredentialStore) -> None:
    if after is not before:
        store.mappings.save(after, [facts.mapping_told(after)], request.cause)


def _shown(found: Mapping, store: CredentialStore) -> dict[str, Any]:
    names = ("achievement", "achievement_name", "version", "target", "state")
    return {
        "id": found["_id"],
        "college": found["owner"],
        "college_name": name_of(found["owner"], store),
        **{name: found[name] for name in names},
        **{name: found[name] for name in ("level", "own_achievement") if found[name]},
        "changed_at": rfc3339(found["changed_at"]),
    }
