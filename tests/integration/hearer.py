"""A service for tests of the event core: counts each event's effect, and misbehaves as the event's title asks."""

import time

from libranet import runner  # patches the standard library first

# isort: split
import eventlet

from libranet.cloudevent import Event, Fact
from libranet.collection import Collection, Retention
from libranet.consume import hears
from libranet.problems import Refusal
from libranet.service import Service
from libranet.work import Work


class Store:
    """How often each event took effect."""

    def __init__(self, work: Work) -> None:
        self.work = work


class Hearer(Service):
    """Stands at the queue `jobs.courses`."""

    name = "jobs"
    collections = (Collection("effects", Retention.forever("a test's own")),
                   Collection("tries", Retention.forever("a test's own")))
    store = Store

    @hears("org.libranet.learning.course-offered.v1")
    def courses(self, events: list[Event], store: Store) -> None:
        for event in events:
            self._misbehave(event)
            if event.data["title"] == "twin":
                store.work.insert("tries", {"_id": "there is one already"})
            if event.data["title"] == "tells much":
                store.work.save_facts([a_long_fact(event, number) for number in range(40)], event.cause)
            store.work.update("effects", {"_id": event.subject}, {"$inc": {"count": 1}}, upsert=True)

    def _misbehave(self, event: Event) -> None:
        title = event.data["title"]
        if title == "refused":
            raise Refusal("never")
        if title == "always fails":
            raise RuntimeError("not now, not ever")
        if title == "fails while young" and time.time() - event.time.timestamp() < 1:
            raise RuntimeError("not yet")
        if title == "slow":
            time.sleep(0.02)
        if title == "exits":
            raise SystemExit("a library called sys.exit")
        if title == "out of time":
            raise eventlet.Timeout(1)


def a_long_fact(event: Event, number: int) -> Fact:
    """Half a megabyte: forty of them are more than a document of the database may hold."""
    return Fact("org.libranet.learning.course-offered.v1", f"{event.subject}-{number}", event.owner,
                {**event.data, "course": f"{event.subject}-{number}", "title": "x" * 500_000})


if __name__ == "__main__":
    runner.run(Hearer)
