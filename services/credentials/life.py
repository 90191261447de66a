"""Calls about what becomes of a credential after it was issued, and the lists in which anyone may look that up."""

from collections import OrderedDict
from datetime import datetime

import orjson

from contracts.calls import credentials as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.collection import Document
from libranet.problems import NotAllowed
from services.credentials import views
from services.credentials.award import Awarding
from services.credentials.changing import close_revoked, save_status, supersede
from services.credentials.domain import clr, issuers, life, proofs, recognition, renewing, status_lists
from services.credentials.domain.consents import AWARDING, consent_id, is_given
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.refusals import (
    ConsentMissing,
    CredentialErased,
    CredentialUnknown,
    ListUnknown,
    RecordUnknown,
    RecordWithdrawn,
)
from services.credentials.domain.status_lists import PURPOSES, StatusList
from services.credentials.issuers import platform_address
from services.credentials.store import CredentialStore

MOST_SIGNED = 64
_SIGNED: OrderedDict[tuple[str, str, str, int, datetime], bytes] = OrderedDict()
"""This process's newest signed lists: a list that did not change is signed once an hour."""


class LifeCalls(Awarding):
    """What a credential's issuer decides later, and whether others may accept it."""

    @answers(calls.REVOKE_CREDENTIAL)
    def revoke_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = issued_credential(request, store)
        moment = now()
        revoked = life.revoke(found, request.body["reason"], moment)
        if revoked is not found:
            revoked = close_revoked(revoked, moment, request.cause, store)
        return self._changed(found, revoked, request, store)

    @answers(calls.SUSPEND_CREDENTIAL)
    def suspend_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = issued_credential(request, store)
        return self._changed(found, life.suspend(found, request.body["reason"], now()), request, store)

    @answers(calls.REINSTATE_CREDENTIAL)
    def reinstate_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = issued_credential(request, store)
        return self._changed(found, life.reinstate(found, now()), request, store)

    @answers(calls.REVALIDATE_CREDENTIAL)
    def revalidate_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        found, extend, moment = issued_credential(request, store), request.body["extend"], now()
        renewing.check_renewable(found, extend)
        _check_agreed(found, store)
        wanted = recognition.version_of(found)
        achievement = store.versions([wanted])[wanted]
        until = achievement.end_after(moment) if extend else found["valid_until"]
        renewed = self.renewed(found, renewing.document_of(found), achievement, moment, until, store)
        store.touch([found["patron"]])
        store.save_revalidated(renewed, found, request.cause)
        supersede([(renewed, request.cause)], store, moment)
        self.follow_change(found, renewed, request.cause, store)
        return _shown(store.credential(found["_id"]), request)

    @answers(calls.GET_STATUS_LIST)
    def get_status_list(self, request: CallRequest, store: CredentialStore) -> Answer:
        purpose, found = request.path["status_purpose"], store.status_lists.find(request.path["status_list"])
        if found is None or purpose not in PURPOSES:
            raise ListUnknown("A credential names its list in its credentialStatus.")
        body = signed_list(found, purpose, store, self.keys)
        return views.public(body, request, calls.GET_STATUS_LIST.media_type, status_lists.CACHE_SECONDS)

    def _changed(self, before: Document, after: Document, request: CallRequest, store: CredentialStore) -> Answer:
        if after is not before:
            store.touch([after["patron"]])
            save_status(after, request.cause, store)
            self.follow_change(before, after, request.cause, store)
        return _shown(store.credential(after["_id"]), request)


def _shown(credential: Document, request: CallRequest) -> Answer:
    """All of it to who sees its patron, what its issuer may know to others."""
    shown = views.credential if request.principal.sees(credential["owner"]) else views.issued
    return Answer(shown(credential, now()), about=credential["patron"])


def own_list(url: str, store: CredentialStore, keys: KeyKeeper) -> bytes | None:
    """The list at this address, None for one that is not of this platform."""
    head, _, tail = url.partition(f"{platform_address()}/status-lists/")
    list_id, _, purpose = tail.partition("/")
    found = store.status_lists.find(list_id) if not head and purpose in PURPOSES else None
    return signed_list(found, purpose, store, keys) if found else None


def own_credential(request: CallRequest, store: CredentialStore) -> Document:
    """The credential in the path, if the principal sees it. Raises CredentialUnknown."""
    found = store.find_credential(request.path["credential"], request.principal)
    if found is None:
        raise CredentialUnknown("There is no such credential here. GET /v1/patrons/{id}/credentials lists them.")
    return found


def _check_agreed(credential: Document, store: CredentialStore) -> None:
    """Raises ConsentMissing where a college would sign something anew about somebody who does not agree to it by
    now."""
    issuer = issuers.node_of(credential)
    wanted = consent_id(credential["patron"], AWARDING, issuer)
    if issuer != credential["owner"] and not is_given(store.consents([wanted]).get(wanted), now()):
        raise ConsentMissing(f"Its learner has to agree to {AWARDING} by {issuer} again first.")


def issued_credential(request: CallRequest, store: CredentialStore) -> Document:
    """The credential in the path, if the principal acts for its issuer. Raises CredentialUnknown, and NotAllowed for
    one that another node issued to a patron whom the principal sees."""
    found = store.find_issued(request.path["credential"], request.principal)
    if found is None:
        issuer = issuers.node_of(own_credential(request, store))
        raise NotAllowed(f"{issuer} issued it; who acts there, or above, decides what becomes of it.")
    return found


def learners_credential(request: CallRequest, store: CredentialStore) -> Document:
    """The credential in the path, if it is that of the patron in the path too. Raises CredentialUnknown."""
    found = own_credential(request, store)
    if found["patron"] != request.path["patron"]:
        raise CredentialUnknown("This patron has no such credential. GET /v1/patrons/{id}/credentials lists theirs.")
    return found


def shared_credential(public_id: str, store: CredentialStore) -> Document:
    """The credential that anybody sees at its address. Raises CredentialErased or CredentialUnknown."""
    found = store.find_public(public_id)
    if found is None and store.was_erased(public_id):
        raise CredentialErased("Its learner asked for erasure. Ask the learner for another proof.")
    if found is None or not found["shared_at"]:
        raise CredentialUnknown("No credential is shared at this address.")
    return found


def public_record(public_id: str, store: CredentialStore) -> Document:
    """The learner's record that anybody sees at its address. Raises RecordWithdrawn or RecordUnknown."""
    found = store.records.find_public(public_id)
    if (found and found["status"] == clr.WITHDRAWN) or (found is None and store.was_erased(public_id)):
        raise RecordWithdrawn("Its learner took it back. Ask the learner for another one.")
    if found is None:
        raise RecordUnknown("There is no record at this address.")
    return found


def signed_list(status_list: StatusList, purpose: str, store: CredentialStore, keys: KeyKeeper) -> bytes:
    """The list as everyone gets it, signed under the name that issued the credentials it is about."""
    node, moment = status_list.node, now()
    key = issuers.key_speaking_as(status_list.issuer, keys.keys_of(node), keys.signing_key(node))
    hour = status_lists.start_of_hour(moment)
    known_by = (status_list.id, purpose, key.method, status_list.changes, hour)
    if known_by not in _SIGNED:
        address = status_lists.list_address(platform_address(), status_list.id, purpose)
        indices = store.status_lists.indices(status_list.id, purpose)
        unsigned = status_lists.list_credential(
            address, purpose, indices, status_list.issuer, status_list.changed_at, moment)
        _SIGNED[known_by] = orjson.dumps(proofs.add_proofs(unsigned, key, unsigned["validFrom"]))
        while len(_SIGNED) > MOST_SIGNED:
            _SIGNED.popitem(last=False)
    return _SIGNED[known_by]
