"""Calls about consents."""

from typing import Any

from contracts.calls import consents as calls
from contracts.principal import Principal
from libranet import settings
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.jws import SigningKeys
from services.profiles.adapters.receipt_keys import ReceiptKeys
from services.profiles.consents import views
from services.profiles.consents.domain import consents, facts, guardians, purposes
from services.profiles.consents.domain.consents import Consent
from services.profiles.consents.domain.guardians import Guardian
from services.profiles.consents.domain.purposes import PURPOSES, Purpose
from services.profiles.consents.domain.receipts import receipt
from services.profiles.consents.domain.refusals import ConsentUnknown, GuardianNotYours
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron
from services.profiles.store import ProfilesStore

GUARDIAN = "guardian"
JURISDICTION = "jurisdiction"
RECEIPT_TYPE = "consent-receipt+jws"
CACHED = {"Cache-Control": "public, max-age=300"}


class ConsentCalls:
    """Giving and withdrawing, and the proof of it."""

    receipt_keys: SigningKeys = ReceiptKeys()

    @answers(calls.LIST_PURPOSES)
    def list_consent_purposes(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return Answer({"items": [views.purpose(each) for each in PURPOSES.values()]}, headers=CACHED)

    @answers(calls.DECIDE_CONSENT)
    def decide_consent(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return self._decide(request, request.body, store)

    @answers(calls.WITHDRAW_CONSENT)
    def withdraw_consent(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return self._decide(request, {"granted": False}, store)

    @answers(calls.GET_CONSENT_RECEIPT)
    def get_consent_receipt(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.patrons.get(request.path["patron"], request.principal)
        purpose = purposes.purpose_named(request.path["purpose"])
        recipient = store.org.get_node_beside(patron.owner, request.path["recipient"])
        consent = store.consents.find(patron, purpose.name, recipient.id)
        if consent is None:
            raise ConsentUnknown("Nothing was decided there yet. GET /v1/patrons/{id} lists what there is to decide.")
        address = settings.get("PUBLIC_URL").rstrip("/")
        library = store.org.get_node_beside(patron.owner, patron.owner)
        made = receipt(consent, purpose, library, recipient, address, store.org.setting(library.id, JURISDICTION))
        return Answer({"receipt": made, "jws": self.receipt_keys.sign(made, RECEIPT_TYPE)})

    @answers(calls.GET_RECEIPT_KEYS)
    def get_receipt_keys(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return Answer(self.receipt_keys.public_set(), headers=CACHED)

    def _decide(self, request: CallRequest, body: dict[str, Any], store: ProfilesStore) -> Answer:
        patron = store.patrons.get(request.path["patron"], request.principal)
        store.patrons.touch(patron)
        purpose = purposes.purpose_named(request.path["purpose"])
        recipient = store.org.get_node_beside(patron.owner, request.path["recipient"])
        purposes.check_recipient(purpose, patron, recipient)
        asked = _asked(request.principal, body, patron, purpose, recipient)
        if asked.granted and purpose.guardian:
            below = store.org.setting(patron.owner, guardians.SETTING)
            guardians.check(asked.guardian, patron.age_band, below, asked.decided_at)
        current = store.consents.find(patron, purpose.name, recipient.id)
        decided = consents.decide(current, asked, purpose)
        if decided is not current:
            store.consents.save(decided, facts.consent_decided(current, decided, purpose), request.cause)
        return Answer(views.receipt(decided, recipient), about=patron.id)


def _asked(who: Principal, body: dict[str, Any], patron: Patron, purpose: Purpose, recipient: Node) -> Consent:
    return Consent(
        patron.id, patron.owner, purpose.name, recipient.id, body["granted"], now(), 0, body.get("expires_at"),
        purposes.chosen_classes(purpose, body.get("data_classes")), _guardian(who, body.get("guardian"), patron))


def _guardian(who: Principal, stated: dict[str, Any] | None, patron: Patron) -> Guardian | None:
    """A guardian who acts, or one whom the library says it spoke with; nobody is or states their own."""
    if not who.is_person and who.holds(GUARDIAN, patron.owner):
        return Guardian("legal-guardian", now(), who.actor)
    if stated is None:
        return None
    if who.is_person:
        raise GuardianNotYours("Ask at your library: it has to hear from your guardian itself.", "/guardian")
    return Guardian(stated["relation"], stated["confirmed_at"], who.actor)
