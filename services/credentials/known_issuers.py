"""Calls about issuers elsewhere that the consortium knows: what verifications go by, and nothing else does."""

from typing import Any

from contracts.calls import verification as calls
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, rfc3339
from libranet.collection import Document
from libranet.ids import keyed_id
from libranet.problems import NotAllowed
from services.credentials import views
from services.credentials.domain.refusals import KnownIssuerUnknown
from services.credentials.store import CredentialStore


class KnownIssuerCalls:
    """The consortium's own list: its libraries read it, and itself changes it."""

    @answers(calls.KNOW_ISSUER)
    def know_issuer(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        _check_consortium(request.principal)
        own_id = keyed_id("known-issuer", request.principal.node, request.body["issuer"])
        known = {"_id": own_id, **request.body, "known_since": now()}
        return _shown(store.known_issuers.save(known, request.principal))

    @answers(calls.LIST_KNOWN_ISSUERS)
    def list_known_issuers(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        limit = request.query["limit"]
        found = store.known_issuers.list_issuers(request.principal.node, request.query.get("cursor", ""), limit + 1)
        return views.page([_shown(each) for each in found], limit)

    @answers(calls.FORGET_ISSUER)
    def forget_issuer(self, request: CallRequest, store: CredentialStore) -> Answer:
        if not store.known_issuers.forget(request.path["known_issuer"], request.principal):
            raise KnownIssuerUnknown("GET /v1/known-issuers lists those that there are.")
        return Answer(None, 204)


def _check_consortium(principal: Principal) -> None:
    if "." in principal.node:
        raise NotAllowed("Whom the consortium knows, the consortium itself says. Ask it to add the issuer.")


def _shown(known: Document) -> dict[str, Any]:
    return {"id": known["_id"], "issuer": known["issuer"], "name": known["name"],
            "known_since": rfc3339(known["known_since"])}
