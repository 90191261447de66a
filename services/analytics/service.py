"""The analytics service: hears everything, answers with totals. Rules are in `domain/`, state is in `store.py`.

Patron ids end in this file: they become pseudonyms before anything is looked up or kept.
"""

from collections.abc import Sequence
from typing import Any

from contracts import topology
from contracts.calls import analytics as calls
from contracts.event_types import all_types
from contracts.principal import Principal
from libranet import holdings
from libranet.calls import CallRequest, answers
from libranet.clock import now
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.holdings import Holding
from libranet.service import Service
from libranet.work import Work
from services.analytics import views
from services.analytics.adapters.pseudonym_key import PseudonymKey
from services.analytics.domain.counting import ERASED, Participation, count, forget, observe, participations
from services.analytics.domain.facts import patron_data_erased
from services.analytics.domain.pseudonyms import Pseudonyms
from services.analytics.domain.refusals import NodeUnknown
from services.analytics.store import COLLECTIONS, AnalyticsStore


class Analytics(Service):
    name = "analytics"
    collections = COLLECTIONS
    store = AnalyticsStore
    pseudonyms: Pseudonyms = PseudonymKey()

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        """By pseudonym; every node may have counted them."""
        store = AnalyticsStore(work)
        cells = [(node, measure) for node, cells in store.totals().items() for measure in cells]
        rows = store.rows(Participation(node, measure, self.pseudonyms.at(node, person)) for node, measure in cells)
        return holdings.of(COLLECTIONS, views.HELD, {
            "participations": [row for row in rows if principal.sees(row["owner"], person)]})

    @answers(calls.GET_MEASURES)
    def get_measures(self, request: CallRequest, store: AnalyticsStore) -> dict[str, Any]:
        """Totals of a node and all below it; the caller's own node where none is named."""
        node = request.query.get("node", request.principal.node)
        if not request.principal.sees(node):
            raise NodeUnknown("Name your own node or one below it. GET /v1/nodes lists them.", "/node")
        below = {each: cells for each, cells in store.totals().items() if each == node or each.startswith(f"{node}.")}
        return views.measures(node, below)

    @hears(*topology.queues()["analytics.facts"], batch=200)
    def facts(self, events: list[Event], store: AnalyticsStore) -> None:
        """Counts a batch: reads first, then one update a node. A patron erased in the batch is not counted in it."""
        erasing = [event for event in events if event.short_type == ERASED]
        gone = self._participations_of(erasing, store)
        traces = {self.pseudonyms.when_erased(event.data["patron"]) for event in erasing}
        observed = [observe(event.owner, event.short_type, patron_of(event), self.pseudonyms) for event in events]
        erased = store.erased(each.trace for each in observed if each.trace) | traces
        change = count(observed, store.known(participations(observed, erased)), erased)
        change.people.subtract(forget({each for rows in gone for each in rows}))
        store.save(change)
        self._answer(erasing, gone, traces, store)

    def _participations_of(self, erasing: Sequence[Event], store: AnalyticsStore) -> list[set[Participation]]:
        """For each erasure the patron's rows. Another node may have counted them too: all known cells are tried."""
        cells = [(node, measure) for node, cells in store.totals().items() for measure in cells] if erasing else []
        return [store.known(Participation(node, measure, self.pseudonyms.at(node, event.data["patron"]))
                            for node, measure in cells) for event in erasing]

    def _answer(self, erasing: Sequence[Event], gone: Sequence[set[Participation]], traces: set[str],
                store: AnalyticsStore) -> None:
        at = now()
        store.remember_erased(traces, at)
        for event, rows in zip(erasing, gone, strict=True):
            store.forget(rows)
            answer = patron_data_erased(event.data["patron"], event.owner, event.data["erasure"], len(rows), at)
            store.save_facts([answer], event.cause)


def patron_of(event: Event) -> str | None:
    """The patron that the event's contract says it is about."""
    member = all_types()[event.type].person
    return event.data.get(member) if member else None
