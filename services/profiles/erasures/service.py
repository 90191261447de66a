"""Calls and events about the erasure of a patron."""

from contracts.calls import profiles as calls
from contracts.event_types import all_types
from libranet import settings
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, parse_rfc3339
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.jws import SigningKeys
from services.profiles.erasures import views
from services.profiles.erasures.domain import erasures, facts
from services.profiles.erasures.domain.certificates import certificate
from services.profiles.erasures.domain.erasures import Deleted, Erasure
from services.profiles.erasures.domain.refusals import ErasureUnknown
from services.profiles.store import ProfilesStore

ERASURE_ANSWER = "patron-data-erased"
CERTIFICATE_TYPE = "erasure-certificate+jws"
BACKUP_DAYS = 35
"""How long backups are kept, unless `BACKUP_DAYS` says otherwise; as long as the archive."""


class ErasureCalls:
    """Asking for an erasure, seeing who has answered, and the proof that it was done."""

    receipt_keys: SigningKeys

    @answers(calls.ERASE_PATRON)
    def erase_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """The same answer however often it is asked: the erasure, as far as it has come."""
        patron_id = request.path["patron"]
        erasure = store.erasures.find(erasures.erasure_id(patron_id), request.principal)
        if erasure is None:
            patron = store.patrons.get(patron_id, request.principal)
            erasure = erasures.request(patron, erasure_answerers(), store.erase_patron(patron_id), now())
            store.erasures.add(erasure, [facts.patron_erased(erasure, patron.sequence + 1)], request.cause)
        return Answer(views.erasure(erasure), 202, {"Location": views.erasure_path(erasure.id)})

    @answers(calls.GET_ERASURE)
    def get_erasure(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return Answer(views.erasure(store.erasures.get(request.path["erasure"], request.principal)))

    @answers(calls.GET_ERASURE_CERTIFICATE)
    def get_erasure_certificate(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return self._certificate(store.erasures.get(request.path["erasure"], request.principal), store)

    @answers(calls.GET_ERASURE_PROOF)
    def get_erasure_proof(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return self._certificate(store.erasures.get_proven(request.path["proof"]), store)

    def _certificate(self, erasure: Erasure, store: ProfilesStore) -> Answer:
        library = store.org.get_node_beside(erasure.owner, erasure.owner)
        made = certificate(erasure, library, settings.number("BACKUP_DAYS", BACKUP_DAYS))
        return Answer({"certificate": made, "jws": self.receipt_keys.sign(made, CERTIFICATE_TYPE)})

    @hears(*(name for name, each in all_types().items() if each.short_name == ERASURE_ANSWER), batch=100)
    def erasure_answers(self, events: list[Event], store: ProfilesStore) -> None:
        """Marks who has answered; the first answer of a service counts."""
        known = store.erasures.list_asked(event.data["erasure"] for event in events)
        for event in events:
            erasure = known.get(event.data["erasure"])
            if erasure is None:
                raise ErasureUnknown(f"No erasure {event.data['erasure']} was asked for here.")
            known[erasure.id] = erasures.answer(
                erasure, event.data["patron"], publisher(event),
                Deleted(parse_rfc3339(event.data["erased_at"]), event.data["deleted"]))
        for erasure in known.values():
            store.erasures.save(erasure)


def publisher(event: Event) -> str:
    """Who answered: by the type, which the broker lets nobody else publish."""
    return all_types()[event.type].publisher


def erasure_answerers() -> list[str]:
    """The services that answer an erasure: those that publish patron-data-erased."""
    return [each.publisher for each in all_types().values() if each.short_name == ERASURE_ANSWER]
