"""What the hearer reads and writes for one batch: read in bulk first, decided in memory, written at the end.

Whoever writes for a patron also writes the patron's row in `patrons`: of a consent, an event and an erasure that
are handled at the same moment by two replicas, one is run again and sees the other.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from gateway.deliveries import persons
from gateway.deliveries.domain import consents, subscriptions
from gateway.deliveries.domain.schedule import PENDING
from libranet.cloudevent import Cause, Event, Fact
from libranet.collection import Document
from libranet.ids import new_id
from libranet.work import Work

MOST_EARLY = 20
"""Events kept for one patron that may yet turn out to have been consented to in time."""


class DeliveryStore:
    """One unit of work of the deliveries process."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.subscriptions: list[Document] = []
        self._patrons: dict[str, Document] = {}
        self._consents: dict[str, Document] = {}
        self._changed_consents: set[str] = set()
        self._deliveries: dict[str, Document] = {}
        self._changed_patrons: set[str] = set()

    def load(self, patrons: Iterable[str], recipients: Iterable[str]) -> None:
        """Reads what a batch about these patrons can need; `recipients` besides the subscriptions' owners."""
        self.subscriptions = self._work.find("subscriptions", {"enabled": True})
        known = sorted(set(patrons))
        nodes = sorted({each["owner"] for each in self.subscriptions} | set(recipients))
        self._patrons = {patron: {"_id": patron, "early": [], "erased_at": None} for patron in known}
        self._patrons |= self._work.get_many("patrons", known)
        self._consents = self._work.get_many(
            "consents", [consents.consent_id(patron, node) for patron in known for node in nodes])

    def is_erased(self, patron: str) -> bool:
        return self._patrons[patron]["erased_at"] is not None

    # consents

    def find_consent(self, patron: str, recipient: str) -> Document | None:
        return self._consents.get(consents.consent_id(patron, recipient))

    def save_consent(self, consent: Document) -> None:
        self._consents[consent["_id"]] = consent
        self._changed_patrons.add(consent["patron"])
        self._changed_consents.add(consent["_id"])

    # events that wait for a consent which is on its way

    def keep_early(self, patron: str, recipient: str, event_id: str, event: Document) -> None:
        """The newest MOST_EARLY stay."""
        self._changed_patrons.add(patron)
        row = self._patrons[patron]
        row["early"] = [*row["early"], {"recipient": recipient, "event_id": event_id, "event": event}][-MOST_EARLY:]

    def take_early(self, patron: str, recipient: str, since: datetime) -> list[tuple[str, Document]]:
        """Ids and events for this recipient that happened since then; they are taken out."""
        row = self._patrons[patron]
        taken = [each for each in row["early"] if each["recipient"] == recipient and each["event"]["time"] >= since]
        row["early"] = [each for each in row["early"] if each not in taken]
        return [(each["event_id"], each["event"]) for each in taken]

    # deliveries

    def add_delivery(self, subscription: Document, event_id: str, event: Document, patron: str | None,
                     moment: datetime) -> None:
        """A delivery that is due at once; written by `save` unless it is there already."""
        delivery = subscriptions.delivery_id(event_id, subscription["_id"])
        if patron is not None:
            self._changed_patrons.add(patron)
        self._deliveries[delivery] = {
            "_id": delivery, "subscription": subscription["_id"], "recipient": subscription["owner"],
            "patron": patron, "event": event, "status": PENDING, "tries": 0, "attempts": [], "created_at": moment,
            "next_attempt_at": moment, "position": new_id(),
        }

    def erase(self, patron: str, moment: datetime) -> int:
        """Deletes all of a patron and leaves a tombstone; gives the number of documents that went."""
        mine = {"patron": patron}
        count = self._work.count("consents", mine) + self._work.count("deliveries", mine)
        count += persons.forget(patron, self._work)
        for collection in ("consents", "deliveries"):
            self._work.delete(collection, mine)
        for rows in (self._consents, self._deliveries):
            for key in [key for key, row in rows.items() if row["patron"] == patron]:
                del rows[key]
        self._changed_consents &= set(self._consents)
        self._patrons[patron] |= {"early": [], "erased_at": moment}
        self._changed_patrons.add(patron)
        return count

    def save(self, moment: datetime, wake: Callable[[], None]) -> None:
        """Writes what was decided; new deliveries are announced to the sender, which `wake` calls after the commit."""
        for patron in sorted(self._changed_patrons):
            self._work.replace("patrons", {**self._patrons[patron], "touched_at": moment})
        for key in sorted(self._changed_consents):
            self._work.replace("consents", self._consents[key])
        present = self._work.get_many("deliveries", self._deliveries)
        fresh = [row for key, row in self._deliveries.items() if key not in present]
        for row in fresh:
            self._work.insert("deliveries", row)
        if fresh:
            announce(self._work, [row["_id"] for row in fresh])
            self._work.after_commit.append(wake)

    def hear_roles(self, events: Iterable[Event]) -> None:
        persons.hear_roles(events, self._work)

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.save_facts(facts, cause)


def announce(work: Any, deliveries: list[str]) -> None:
    """Tells the sender, in this transaction, that these deliveries want to be planned."""
    work.insert("arrivals", {"_id": new_id(), "deliveries": deliveries})
