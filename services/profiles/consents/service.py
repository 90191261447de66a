"""Calls about consents."""

from contracts.calls import profiles as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from services.profiles.consents import views
from services.profiles.consents.domain import consents, facts
from services.profiles.consents.domain.consents import Consent
from services.profiles.store import ProfilesStore


class ConsentCalls:
    """Giving and withdrawing."""

    @answers(calls.DECIDE_CONSENT)
    def decide_consent(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.patrons.get(request.path["patron"], request.principal)
        store.patrons.touch(patron)
        purpose = consents.purpose_named(request.path["purpose"])
        recipient = store.org.get_node_beside(patron.owner, request.path["recipient"])
        consents.check_recipient(purpose, patron, recipient)
        current = store.consents.find(patron, purpose.name, recipient.id)
        decided = consents.decide(current, Consent(
            patron.id, patron.owner, purpose.name, recipient.id, request.body["granted"], now(), 0,
            request.body.get("expires_at")))
        if decided is not current:
            store.consents.save(decided, facts.consent_decided(current, decided), request.cause)
        return Answer(views.receipt(decided, recipient), about=patron.id)
