"""The profiles service: what its nouns answer and hear. Rules are in `<noun>/domain/`, state in `<noun>/store.py`."""

from contracts.principal import Principal
from libranet import holdings
from libranet.holdings import Holding
from libranet.service import Service
from libranet.work import Work
from services.profiles.adapters.renaming import Renaming
from services.profiles.cards.sign_in import SignInCalls
from services.profiles.consents.service import ConsentCalls
from services.profiles.erasures.service import ErasureCalls
from services.profiles.guests.domain.refusals import GuestUnknown
from services.profiles.guests.service import GuestCalls
from services.profiles.org.service import OrgCalls
from services.profiles.patrons.service import PatronCalls
from services.profiles.store import COLLECTIONS, ProfilesStore

HELD = {
    "patrons": "Your profile at your library.",
    "guests": "What you told as a guest, and until when it is kept.",
    "consents": "What you allowed and what not, for whom, when, and until when.",
    "ways_in": "That a card, or an account elsewhere, signs you in here; its number is not kept.",
    "card_attempts": "How often your card was tried in the last quarter of an hour.",
    "role_grants": "What you may do for whom at your library, and until when.",
}


class Profiles(OrgCalls, PatronCalls, GuestCalls, ConsentCalls, ErasureCalls, SignInCalls, Service):
    name = "profiles"
    collections = COLLECTIONS
    store = ProfilesStore
    renaming = Renaming()

    def check_seen(self, person: str, principal: Principal, work: Work) -> None:
        """Profiles knows whose patron or guest it is; raises PatronUnknown for the rest."""
        store = ProfilesStore(work)
        try:
            store.guests.get(person, principal)
        except GuestUnknown:
            store.patrons.get(person, principal)

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        return holdings.of(COLLECTIONS, HELD, ProfilesStore(work).held(person))
