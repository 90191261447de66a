"""Profiles' state in MongoDB: one attribute for each noun, over the same unit of work."""

from collections.abc import Iterable

from contracts.places import consortium_of
from libranet.collection import Document
from libranet.work import Work
from services.profiles.cards import store as cards
from services.profiles.consents import store as consents
from services.profiles.consents.domain.consents import Consent
from services.profiles.consents.domain.purposes import OFFERED_FOR
from services.profiles.erasures import store as erasures
from services.profiles.guests import store as guests
from services.profiles.org import store as org
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons import store as patrons
from services.profiles.patrons.domain.patrons import Patron

COLLECTIONS = (*org.COLLECTIONS, *patrons.COLLECTIONS, *guests.COLLECTIONS, *consents.COLLECTIONS,
               *erasures.COLLECTIONS, *cards.COLLECTIONS)


class ProfilesStore:
    """One unit of work's view of the state."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.org = org.OrgStore(work)
        self.patrons = patrons.PatronStore(work)
        self.skill_names = patrons.SkillNameStore(work)
        self.guests = guests.GuestStore(work)
        self.consents = consents.ConsentStore(work)
        self.erasures = erasures.ErasureStore(work)
        self.cards = cards.CardStore(work)

    def recipients(self, patron: Patron, decided: Iterable[Consent]) -> list[Node]:
        """The nodes that the patron's consents may concern: a consortium has far more."""
        besides = {patron.owner, *(each.recipient for each in decided)}
        return self.org.list_nodes_of_kinds(consortium_of(patron.owner), OFFERED_FOR, besides)

    def held(self, patron_id: str) -> dict[str, list[Document]]:
        """The rows about a patron or a guest, by collection."""
        guests = self._work.get_many("guests", [patron_id]).values()
        ways_in = self._work.find("ways_in", {"patron": patron_id})
        attempts = self._work.get_many("card_attempts", [row["_id"] for row in ways_in]).values()
        return {
            "patrons": list(self._work.get_many("patrons", [patron_id]).values()),
            "guests": [{name: value for name, value in row.items() if name != "code"} for row in guests],
            "consents": self._work.find("consents", {"patron": patron_id}),
            "ways_in": [{**row, "_id": "a way in"} for row in ways_in],
            "card_attempts": [{**row, "_id": "a card"} for row in attempts],
            "role_grants": self._work.find("role_grants", {"holder": patron_id})}

    def erase_patron(self, patron_id: str) -> int:
        """Deletes what each noun holds of the patron, and the stored answers about them; how many documents went."""
        deleted = sum(map(len, self.held(patron_id).values()))
        for noun in (self.org, self.patrons, self.consents, self.cards):
            noun.erase(patron_id)
        deleted += self._work.count("idempotency", {"about": patron_id})
        self._work.delete("idempotency", {"about": patron_id})
        return deleted
