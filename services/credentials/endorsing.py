"""Calls about endorsements: a node asks, another offers, the one that is endorsed accepts; each side may end it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from contracts.calls import endorsements as calls
from contracts.calls.endorsements import ACHIEVEMENT, CREDENTIAL, ISSUER
from contracts.places import consortium_of
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.ids import is_uuid
from libranet.problems import NotYet
from services.credentials import endorsement_views, views
from services.credentials.adapters.status_places import Places
from services.credentials.domain import endorsing, facts, life
from services.credentials.domain.consents import SHARING, consent_id, is_given
from services.credentials.domain.endorsing import Endorsement, Target
from services.credentials.domain.endorsing_refusals import (
    EndorsementTakenBack,
    EndorsementUnknown,
    EndorserUnknown,
    NothingToEndorse,
    NotYours,
)
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.refusals import PatronUnknown
from services.credentials.issuers import issuer_of, name_of, platform_address
from services.credentials.patrons import library_of
from services.credentials.sharing import token_of
from services.credentials.store import CredentialStore
from services.credentials.vouching import signer_of

UNKNOWN = "There is no such endorsement here. GET /v1/endorsements lists them."
UNKNOWN_TO_PATRON = "There is no such endorsement. GET /v1/patrons/{id}/endorsements lists them."
LEAST_A_LOT, MOST_PASSED_OVER = 50, 2000
"""How many endorsements are looked at in one go for a page, and how many in all."""


class EndorsementCalls:
    """Nothing is signed before both sides agree to it."""

    keys: KeyKeeper
    places: Places

    @answers(calls.OFFER_ENDORSEMENT)
    def offer_endorsement(self, request: CallRequest, store: CredentialStore) -> Answer:
        target = _endorsable(request, store)
        endorser = request.principal.node
        endorsing.check_not_own(target, endorser)
        before = store.endorsements.turns(endorser, target.about)
        stands = endorsing.offered(before, target, endorser, request.body["comment"], now())
        for each in stands:
            _save(each, before, request, store)
        return _answer(stands[-1], before, store)

    @answers(calls.ASK_FOR_ENDORSEMENT)
    def ask_for_endorsement(self, request: CallRequest, store: CredentialStore) -> Answer:
        target, endorser = _endorsable(request, store), request.body["endorser"]
        if not request.principal.sees(target.owner):
            raise NotYours(f"{target.owner} decides who is asked to endorse it; who acts there, or above, may ask.")
        check_node(endorser, target.owner, "/endorser", store)
        endorsing.check_not_own(target, endorser)
        before = store.endorsements.turns(endorser, target.about)
        asked = endorsing.asked(before, target, endorser, request.body.get("note"), now())
        _save(asked, before, request, store)
        return _answer(asked, before, store)

    @answers(calls.LIST_ENDORSEMENTS)
    def list_endorsements(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        """What a co-issuer may not know of is passed over. After MOST_PASSED_OVER a page ends with fewer than asked
        for, and the next goes on there."""
        limit, found = request.query["limit"], []
        for lot, ends_at in _lots(request, store):
            found += _known(lot, request.principal, store)
            if len(found) > limit:
                ends_at = found[limit - 1]["_id"]
                break
        return {"items": [endorsement_views.endorsement(each, store) for each in found[:limit]], "next": ends_at}

    @answers(calls.GET_ENDORSEMENT)
    def get_endorsement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        return endorsement_views.endorsement(_found(request, store), store)

    @answers(calls.DECIDE_ENDORSEMENT)
    def decide_endorsement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = _found(request, store)
        if found["patron"] is not None or not request.principal.sees(found["target_owner"]):
            raise NotYours("Whoever is endorsed decides. What you endorse yourself you may take back.")
        return endorsement_views.endorsement(self._decided(found, request, store), store)

    @answers(calls.TAKE_BACK_ENDORSEMENT)
    def take_back_endorsement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = _found(request, store)
        if not request.principal.sees(found["owner"]):
            raise NotYours(f"{found['owner']} endorses; what is endorsed of yours you may decline.")
        after = endorsing.taken_back(found, request.body["reason"], now())
        _save(after, [found], request, store)
        return endorsement_views.endorsement(after, store)

    @answers(calls.GET_PUBLIC_ENDORSEMENT)
    def get_public_endorsement(self, request: CallRequest, store: CredentialStore) -> Answer:
        public_id = request.path["public_endorsement"]
        found = store.endorsements.find_public(public_id)
        if found is None and store.was_erased(public_id):
            raise EndorsementTakenBack("Whose credential it was of asked for erasure.")
        if found is None:
            raise EndorsementUnknown("There is no endorsement at this address.")
        form, media_type = views.form_asked(request.query.get("form"), request.headers.get("Accept"))
        body = found["document"].encode() if form == views.JSON_LD else token_of(found, form, self.keys)
        headers = {views.STATUS_HEADER: found["status"], "Vary": "Accept"}
        return views.public(body, request, media_type, headers=headers)

    @answers(calls.LIST_PATRON_ENDORSEMENTS)
    def list_patron_endorsements(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron, limit = request.path["patron"], request.query["limit"]
        library_of(patron, request.principal, store)
        found = store.endorsements.of_patron(patron, request.query.get("cursor", ""), limit + 1)
        page = views.page([endorsement_views.of_patron(each, store) for each in found], limit)
        return Answer(page, about=patron)

    @answers(calls.DECIDE_PATRON_ENDORSEMENT)
    def decide_patron_endorsement(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron = request.path["patron"]
        library_of(patron, request.principal, store)
        found = store.endorsements.find(request.path["endorsement"])
        if found is None or found["patron"] != patron:
            raise EndorsementUnknown(UNKNOWN_TO_PATRON)
        return Answer(endorsement_views.of_patron(self._decided(found, request, store), store), about=patron)

    def _decided(self, found: Endorsement, request: CallRequest, store: CredentialStore) -> Endorsement:
        moment = now()
        after = self._accepted(found, moment, store) if request.body["accepted"] else endorsing.declined(found, moment)
        _save(after, [found], request, store)
        return after

    def _accepted(self, found: Endorsement, moment: datetime, store: CredentialStore) -> Endorsement:
        if found["state"] == endorsing.ACCEPTED:
            return found
        endorsing.check_acceptable(found)
        signer = None if found["document"] else signer_of(
            found["owner"], found["kind"] == CREDENTIAL, store, self.keys, self.places)
        return endorsing.accepted(found, signer, self._subject(found, store), platform_address(), moment)

    def _subject(self, found: Endorsement, store: CredentialStore) -> str:
        """The id by which documents name what is endorsed."""
        if found["kind"] == ACHIEVEMENT:
            return f"urn:uuid:{found['of']}"
        if found["kind"] == ISSUER:
            return issuer_of(found["of"], store, self.keys).did
        credential = store.find_public(found["of"])
        if credential is None:
            raise EndorsementUnknown(UNKNOWN_TO_PATRON)
        return str(credential["public_url"])


def check_node(node: str, owner: str, field: str, store: CredentialStore) -> None:
    """Raises EndorserUnknown for what is no node of the owner's consortium, NotYet for one that may just be added."""
    unknown = EndorserUnknown("Name a node that GET /v1/nodes lists.", field)
    if consortium_of(node) != consortium_of(owner):
        raise unknown
    if store.title_of(node) is None:
        raise NotYet(unknown)


def _endorsable(request: CallRequest, store: CredentialStore) -> Target:
    """What the body names, if the principal may know of it. Raises NothingToEndorse."""
    of, node = request.body["of"], request.principal.node
    find = {ACHIEVEMENT: _achievement, ISSUER: _issuer, CREDENTIAL: _credential}[request.body["kind"]]
    target = find(of, node, store)
    if target is None or consortium_of(target.owner) != consortium_of(node):
        raise NothingToEndorse(
            "Name an achievement that GET /v1/recognisable-achievements lists, a node that GET /v1/nodes lists, or the "
            "public address of a credential that is shared, with you or with everybody.", "/of")
    return target


def _achievement(of: str, node: str, store: CredentialStore) -> Target | None:
    found = store.achievements([of]).get(of) if is_uuid(of) else None
    return endorsing.of_achievement(found) if found else None


def _issuer(of: str, node: str, store: CredentialStore) -> Target | None:
    return endorsing.of_issuer(of, name_of(of, store)) if store.title_of(of) is not None else None


def _credential(of: str, node: str, store: CredentialStore) -> Target | None:
    """One that holds, and is shared with everybody or with this node."""
    found = store.find_public(of)
    if found is None or not life.holds_at(found, now()):
        return None
    asked = _sharing(found, node)
    return endorsing.of_credential(found) if _is_shown(found, store.consents([asked]).get(asked)) else None


def _sharing(credential: dict[str, Any], node: str) -> str:
    """The id of the consent by which the node is shown the credential."""
    return consent_id(credential["patron"], SHARING, node)


def _is_shown(credential: dict[str, Any], consent: dict[str, Any] | None) -> bool:
    return bool(credential["shared_at"]) or is_given(consent, now())


def _found(request: CallRequest, store: CredentialStore) -> Endorsement:
    """The one in the path, if the principal is of one of its sides. Raises EndorsementUnknown."""
    found = store.endorsements.find(request.path["endorsement"])
    if found is None or not _known([found], request.principal, store):
        raise EndorsementUnknown(UNKNOWN)
    return found


def _lots(request: CallRequest, store: CredentialStore) -> Iterator[tuple[list[Endorsement], str | None]]:
    """Those of both sides from the cursor on, with where the next lot begins; None at the end."""
    query = request.query
    size, after = max(query["limit"] + 1, LEAST_A_LOT), query.get("cursor", "")
    for _ in range(MOST_PASSED_OVER // size):
        lot = store.endorsements.list_of(request.principal.node, query.get("state"), after, size)
        if len(lot) < size:
            yield lot, None
            return
        after = lot[-1]["_id"]
        yield lot, after


def _known(found: list[Endorsement], principal: Principal, store: CredentialStore) -> list[Endorsement]:
    """Those of them that the principal may know of."""
    shown = _of_shown([each for each in found if each["co_issued"]], store)
    return [each for each in found if _may_know(each, each["_id"] in shown, principal)]


def _may_know(found: Endorsement, is_shown: bool, principal: Principal) -> bool:
    """Of patrons' credentials the endorser knows what it offered, and of what it co-issued what it is shown."""
    if not principal.sees(found["owner"]):
        return found["patron"] is None and principal.sees(found["target_owner"])
    return not found["co_issued"] or is_shown


def _of_shown(found: list[Endorsement], store: CredentialStore) -> set[str]:
    """The ids of those, of patrons' credentials, whose endorser may see the credential now."""
    credentials = store.sharing_of(each["of"] for each in found)
    there = [(each, credentials[each["of"]]) for each in found if each["of"] in credentials]
    consents = store.consents(_sharing(credential, each["owner"]) for each, credential in there)
    return {each["_id"] for each, credential in there
            if _is_shown(credential, consents.get(_sharing(credential, each["owner"])))}


def _save(after: Endorsement, before: list[Endorsement], request: CallRequest, store: CredentialStore) -> None:
    """The endorser is told of a patron's credential only while it may see that."""
    if after in before:
        return
    if after["patron"] is not None and store.touch([after["patron"]]):
        raise PatronUnknown("There is no such patron here.")
    told = facts.endorsement_told(after)
    is_kept_from = (
        after["patron"] is not None and told.data["to"] == after["owner"] and not _of_shown([after], store))
    store.endorsements.save(after, [] if is_kept_from else [told], request.cause)


def _answer(stands: Endorsement, before: list[Endorsement], store: CredentialStore) -> Answer:
    is_new = all(each["_id"] != stands["_id"] for each in before)
    return Answer(endorsement_views.endorsement(stands, store), status=201 if is_new else 200)
