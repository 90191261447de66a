"""The deliveries process: hears what partners may be told and what patrons consent to; sends signed webhooks."""

from datetime import datetime

from contracts.principal import Principal
from gateway.deliveries import connections
from gateway.deliveries.collections import COLLECTIONS, HELD
from gateway.deliveries.connections import ConnectionCalls
from gateway.deliveries.domain import consents, facts, partner_view, subscriptions
from gateway.deliveries.sender import Sender
from gateway.deliveries.store import DeliveryStore
from gateway.store import COLLECTIONS as GATEWAY_COLLECTIONS
from libranet import holdings
from libranet.clock import now
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.holdings import Holding
from libranet.service import Service
from libranet.work import Work

CONSENTS = ("consent-given", "consent-withdrawn")
ERASED = "patron-erased"


class Deliveries(ConnectionCalls, Service):
    name = "deliveries"
    database_name = "libranet_gateway"
    collections = (*COLLECTIONS, *GATEWAY_COLLECTIONS)
    """The web process makes none; what both keep lies in one database."""
    store = DeliveryStore
    sender = Sender()

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        return holdings.of(self.collections, HELD, {
            "patrons": list(work.get_many("patrons", [person]).values()),
            **{name: work.find(name, {"patron": person}) for name in ("consents", "deliveries", "partner_events")},
            "sessions": [{**row, "_id": "a session"} for row in work.find("sessions", {"actor": person})],
            "app_grants": connections.held(person, work),
            "role_grants": work.find("role_grants", {"holder": person})})

    @hears("org.libranet.credentials.credential-issued.v1", "org.libranet.credentials.credential-shared.v1",
           "org.libranet.credentials.credential-revoked.v1", "org.libranet.credentials.credential-suspended.v1",
           "org.libranet.credentials.credential-reinstated.v1", "org.libranet.credentials.credential-superseded.v1",
           "org.libranet.credentials.credential-restored.v1",
           "org.libranet.credentials.credential-revalidated.v1", "org.libranet.credentials.credential-expiring.v1",
           "org.libranet.credentials.credential-expired.v1", "org.libranet.credentials.credential-claimed.v1",
           "org.libranet.credentials.recognition-reached.v1", "org.libranet.credentials.recognition-lost.v1",
           "org.libranet.credentials.endorsement-asked.v1", "org.libranet.credentials.endorsement-offered.v1",
           "org.libranet.credentials.endorsement-accepted.v1", "org.libranet.credentials.endorsement-ended.v1",
           "org.libranet.credentials.co-issuing-proposed.v1", "org.libranet.credentials.co-issuing-agreed.v1",
           "org.libranet.credentials.co-issuing-ended.v1", "org.libranet.credentials.achievement-mapped.v1",
           "org.libranet.credentials.mapping-accepted.v1", "org.libranet.credentials.mapping-ended.v1",
           "org.libranet.jobs.feed-imported.v1", "org.libranet.learning.course-offered.v1",
           "org.libranet.profiles.consent-given.v1", "org.libranet.profiles.consent-withdrawn.v1",
           "org.libranet.profiles.patron-erased.v1", "org.libranet.deliveries.endpoint-disabled.v1", batch=100)
    def facts(self, events: list[Event], store: DeliveryStore) -> None:
        """Everything in one queue, so that a consent and what it allows are handled in the order they came."""
        moment = now()
        heard = [event for event in events if _concerns_deliveries(event)]
        store.load([event.data["patron"] for event in heard if "patron" in event.data], moment)
        for event in heard:
            if event.short_type in CONSENTS:
                _hear_consent(event, store, moment)
            elif event.short_type == ERASED:
                _erase(event, store, moment)
            else:
                _plan(event, store, moment)
        store.save(moment, self.sender.wake)

    @hears("org.libranet.profiles.role-granted.v1", "org.libranet.profiles.role-ended.v1", batch=100)
    def role_grants(self, events: list[Event], store: DeliveryStore) -> None:
        """The web process takes no messages; this one keeps for it who holds which role."""
        store.hear_roles(events)


def _concerns_deliveries(event: Event) -> bool:
    return event.short_type not in CONSENTS or event.data["purpose"] == consents.PURPOSE


def _hear_consent(event: Event, store: DeliveryStore, moment: datetime) -> None:
    """Keeps the newest state. What happened after the decision but was heard before it goes out now."""
    consent = consents.state(event)
    patron, recipient = consent["patron"], consent["recipient"]
    if store.is_erased(patron) or not consents.is_newer(consent, store.find_consent(patron, recipient)):
        return
    store.save_consent(consent)
    if consents.is_given(consent, moment):
        for event_id, kept in store.take_early(patron, recipient, since=consent["decided_at"]):
            if subscriptions.is_kept(kept["type"], store.partners.get(recipient, ())):
                store.tell(recipient, event_id, kept, patron, moment)


def _erase(event: Event, store: DeliveryStore, moment: datetime) -> None:
    patron = event.data["patron"]
    deleted = store.erase(patron, moment)
    store.save_facts([facts.patron_data_erased(patron, event.owner, event.data["erasure"], deleted, moment)],
                     event.cause)


def _plan(event: Event, store: DeliveryStore, moment: datetime) -> None:
    """Tells each partner that asks for the event and may know of it."""
    person = subscriptions.partner_types()[event.type].person
    patron = event.data[person] if person else None
    if patron is not None and store.is_erased(patron):
        return
    kept = partner_view.kept(event)
    for node, listening in store.partners.items():
        if not (subscriptions.is_kept(event.type, listening) and subscriptions.is_for(node, event.type, event.data)):
            continue
        if patron is None:
            if subscriptions.concerns(node, event.type, event.owner):
                store.tell(node, event.id, kept, None, moment)
        elif consents.is_given(store.find_consent(patron, node), moment):
            store.tell(node, event.id, kept, patron, moment)
        else:
            store.keep_early(patron, node, event.id, kept)
