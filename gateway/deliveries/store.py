"""What the hearer reads and writes for one batch: read in bulk first, decided in memory, written at the end.

Whoever writes for a patron also writes the patron's row in `patrons`: of a consent, an event and an erasure that
are handled at the same moment by two replicas, one is run again and sees the other.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from gateway.deliveries import persons
from gateway.deliveries.domain import consents, stream, subscriptions
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
        self.partners: dict[str, list[Document]] = {}
        """The subscriptions for which events are kept, by their node."""
        self._patrons: dict[str, Document] = {}
        self._consents: dict[str, Document] = {}
        self._changed_consents: set[str] = set()
        self._deliveries: dict[str, Document] = {}
        self._streams: dict[str, list[Document]] = {}
        self._changed_patrons: set[str] = set()

    def load(self, patrons: Iterable[str], moment: datetime) -> None:
        """Reads what a batch about these patrons can need."""
        for each in self._work.find("subscriptions", {}):
            if subscriptions.is_listening(each, moment):
                self.partners.setdefault(each["owner"], []).append(each)
        known = sorted(set(patrons))
        self._patrons = {patron: {"_id": patron, "early": [], "erased_at": None} for patron in known}
        self._patrons |= self._work.get_many("patrons", known)
        self._consents = {row["_id"]: row for row in self._work.find("consents", {"patron": {"$in": known}})}

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

    # deliveries and streams

    def tell(self, node: str, event_id: str, event: Document, patron: str | None, moment: datetime) -> None:
        """Puts an event into a node's stream, and makes a delivery, due at once, for each subscription it goes to.

        Written by `save`; a delivery only where it is not there already.
        """
        message = subscriptions.message_id(event_id, node)
        if patron is not None:
            self._changed_patrons.add(patron)
        self._streams.setdefault(node, []).append({
            "event_id": event_id, "message": message, "patron": patron, "event": event, "kept_at": moment})
        for subscription in self.partners[node]:
            if subscriptions.is_sent(subscription, event["type"]):
                row = delivery(subscription, event_id, message, event, patron, moment)
                self._deliveries[row["_id"]] = row

    def erase(self, patron: str, moment: datetime) -> int:
        """Deletes all of a patron and leaves a tombstone; gives the number of documents that went."""
        mine = {"patron": patron}
        count = persons.forget(patron, self._work)
        for collection in ("consents", "deliveries", "partner_events"):
            count += self._work.count(collection, mine)
            self._work.delete(collection, mine)
        for rows in (self._consents, self._deliveries):
            for key in [key for key, row in rows.items() if row["patron"] == patron]:
                del rows[key]
        for node, told in self._streams.items():
            self._streams[node] = [each for each in told if each["patron"] != patron]
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
        self._extend_streams(moment)
        present = self._work.get_many("deliveries", self._deliveries)
        fresh = [row for key, row in self._deliveries.items() if key not in present]
        for row in fresh:
            self._work.insert("deliveries", row)
        if fresh:
            announce(self._work, [row["_id"] for row in fresh])
            self._work.after_commit.append(wake)

    def hear_roles(self, events: Iterable[Event]) -> None:
        persons.hear_roles(events, self._work)

    def _extend_streams(self, moment: datetime) -> None:
        """Numbers follow each other, and stand with their rows in one transaction: of two batches for one partner the
        second to commit is run again, so a number is never seen before the ones below it."""
        known = self._work.get_many("partner_streams", self._streams)
        for node, told in sorted(self._streams.items()):
            if not told:
                continue
            before = known.get(node, stream.empty(node))
            for number, each in enumerate(told, before["last"] + 1):
                self._work.insert("partner_events", {**each, "_id": stream.row_id(node, number)})
            self._work.replace("partner_streams", stream.extended(before, len(told), moment))

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.save_facts(facts, cause)


def delivery(subscription: Document, event_id: str, message: str, event: Document, patron: str | None,
             moment: datetime) -> Document:
    """A delivery that is due now."""
    return {
        "_id": subscriptions.delivery_id(event_id, subscription["_id"]), "subscription": subscription["_id"],
        "recipient": subscription["owner"], "patron": patron, "message": message, "event": event, "status": PENDING,
        "tries": 0, "attempts": [], "created_at": moment, "next_attempt_at": moment, "position": new_id(),
    }


def announce(work: Any, deliveries: list[str]) -> None:
    """Tells the sender, in this transaction, that these deliveries want to be planned."""
    work.insert("arrivals", {"_id": new_id(), "deliveries": deliveries})
