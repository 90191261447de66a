"""The whole path of an event through a service: inbox, a 1 kB effect and a fact in one transaction, then the relay."""

from libranet import runner  # patches the standard library first

# isort: split
from bench.contenders import metered_relay
from bench.contenders.metered_relay import METER
from bench.samples import ISSUED
from contracts import topology
from libranet.cloudevent import Event, Fact
from libranet.collection import Collection, Retention
from libranet.consume import hears
from libranet.ids import keyed_id, public_id
from libranet.service import Service
from libranet.work import Work

QUEUE = "credentials.completions"
PADDING = "x" * 900
"""With the ids, an effect of about 1 kB."""


class Store:
    """One effect and one fact for each event."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def save(self, event: Event) -> None:
        credential = keyed_id("effect", event.id)
        self._work.insert("effects", {"_id": credential, "patron": event.data["patron"], "text": PADDING})
        self._work.save_facts([_issued(event, credential)], event.cause)


class Stores(Service):
    """Stands at QUEUE."""

    name = "credentials"
    collections = (Collection("effects", Retention.forever("a benchmark's own")),)
    store = Store

    @hears(*topology.queues()[QUEUE])
    def completions(self, events: list[Event], store: Store) -> None:
        if not METER.began and METER.count >= METER.warm_up:
            METER.begin()
        METER.count += len(events)
        for event in events:
            store.save(event)


def _issued(event: Event, credential: str) -> Fact:
    public = public_id(credential)
    return Fact(ISSUED, credential, event.owner, {
        "credential": credential, "patron": event.data["patron"], "achievement": credential,
        "achievement_name": "Spreadsheets for work", "kind": "engagement", "issuer": event.owner, "public_id": public,
        "public_url": f"https://libranet.example.org/credentials/{public}", "issued_at": "2026-11-21T09:30:00.000Z"})


if __name__ == "__main__":
    metered_relay.put_in()
    runner.run(Stores)
