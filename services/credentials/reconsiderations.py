"""Calls of staff about credentials whose completion was withdrawn at the source."""

from typing import Any

from contracts.calls import reconsiderations as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from services.credentials import reconsideration_views, views
from services.credentials.award import Awarding
from services.credentials.changing import save_question
from services.credentials.domain import reconsidering
from services.credentials.domain.reconsidering import Reconsideration
from services.credentials.domain.refusals import ReconsiderationUnknown
from services.credentials.reconsideration_views import Hanging
from services.credentials.store import CredentialStore


class ReconsiderationCalls(Awarding):
    """A queue for the issuer's staff. Until they decide, the credential stands."""

    @answers(calls.LIST_RECONSIDERATIONS)
    def list_reconsiderations(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        query = request.query
        found = store.reconsiderations.queue(
            request.principal.node, query["state"], query.get("cursor", ""), query["limit"] + 1)
        return views.page([reconsideration_views.queued(each) for each in found], query["limit"])

    @answers(calls.GET_RECONSIDERATION)
    def get_reconsideration(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own(request, store)
        return Answer(_shown(found, store), about=found["patron"])

    @answers(calls.DECIDE_RECONSIDERATION)
    def decide_reconsideration(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own(request, store)
        store.touch([found["patron"]])
        credential = store.credential(found["credential"])
        decided, after = reconsidering.decide(
            found, credential, request.body["decision"], request.body["reason"], now())
        save_question(found, decided, credential, after, request.cause, store)
        self.follow_change(credential, after, request.cause, store)
        return Answer(_shown(decided, store), about=found["patron"])


def _own(request: CallRequest, store: CredentialStore) -> Reconsideration:
    found = store.reconsiderations.find(request.path["reconsideration"], request.principal)
    if found is None:
        raise ReconsiderationUnknown("There is no such reconsideration here. GET /v1/reconsiderations lists them.")
    return found


def _shown(found: Reconsideration, store: CredentialStore) -> dict[str, Any]:
    """With its credential as it is now, and with what hangs on that."""
    patron = found["patron"]
    hanging = Hanging(store.list_credentials(patron, "", 0), store.records.list_records(patron, "", 0),
                      store.recognitions.reaches_of([patron]))
    return reconsideration_views.reconsideration(found, hanging, now())
