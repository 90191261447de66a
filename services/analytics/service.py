"""The analytics service: hears everything, answers with totals. Rules are in `domain/`, state is in `store/`.

Patron ids end in this file: they become pseudonyms before anything is looked up or kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from contracts import topology
from contracts.calls import analytics as calls
from contracts.event_types import all_types
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, parse_rfc3339
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.service import Service
from services.analytics import views
from services.analytics.adapters.pseudonym_key import PseudonymKey
from services.analytics.adapters.spreadsheet import MEDIA_TYPE, as_csv
from services.analytics.domain import objections, skills
from services.analytics.domain.asked import asked_for
from services.analytics.domain.counting import (
    ERASED,
    Observation,
    Participation,
    count,
    counted_for,
    observe,
    participations,
)
from services.analytics.domain.disclosure import SMALLEST_SHOWN
from services.analytics.domain.facts import patron_data_erased
from services.analytics.domain.objections import FREE, GIVEN, PURPOSE, WITHDRAWN, Decision, must_go
from services.analytics.domain.periods import DAILY_MEASURES, day_of
from services.analytics.domain.pseudonyms import Pseudonyms
from services.analytics.domain.refusals import NodeUnknown
from services.analytics.domain.skills import Demand, Holder
from services.analytics.store import COLLECTIONS, AnalyticsStore, Kept

SKILLS_CHANGED, DEMAND_CHANGED = "skills-changed", "skill-demand-changed"


class Analytics(Service):
    name = "analytics"
    collections = COLLECTIONS
    store = AnalyticsStore
    pseudonyms: Pseudonyms = PseudonymKey()

    @answers(calls.GET_MEASURES)
    def get_measures(self, request: CallRequest, store: AnalyticsStore) -> dict[str, Any] | Answer:
        """Of a node and all below it; the caller's own node where none is named. Totals, or a table by something."""
        query = request.query
        node = query.get("node", request.principal.node)
        if not request.principal.sees(node):
            raise NodeUnknown("Name your own node or one below it. GET /v1/nodes lists them.", "/node")
        by = query.get("by")
        if by == "skill":
            shown = _skills(node, store)
        elif by or "since" in query or "until" in query:
            asked = asked_for(by, query.get("since"), query.get("until"), now().date())
            by, shown = asked.by, views.table(asked, store.counted(node, asked.months()))
        else:
            shown = views.measures(node, {each: cells for each, cells in store.totals().items()
                                          if skills.is_at_or_below(each, node)})
        return _in_format(request, shown, views.COLUMNS[by])

    @hears(*topology.queues()["analytics.facts"], batch=200)
    def facts(self, events: list[Event], store: AnalyticsStore) -> None:
        """Counts a batch: reads first, then one update a node and month. Whoever is erased or objects in the batch is
        not counted in it."""
        observed = [self._observe(event) for event in events]
        deciding = self._deciding(events)
        before = store.standings({each.trace for each in observed if each.trace} | set(deciding))
        standings = before | {trace: before.get(trace, FREE).after(_erases(told), _decisions(told))
                              for trace, told in deciding.items()}
        gone = {trace: self._kept_of(told[0].data["patron"], store) for trace, told in deciding.items()
                if must_go(before.get(trace, FREE), standings[trace])}
        counted = set(objections.counted(observed, standings))
        self._count(observed, [each for each in observed if each in counted], gone, store)
        self._keep_skills([(event, each) for event, each in zip(events, observed, strict=True) if each in counted],
                          gone, store)
        for trace, told in deciding.items():
            store.save_standing(trace, standings[trace], now())
            self._answer(told, len(gone[trace].rows) + len(gone[trace].holders) if trace in gone else 0, store)
        self._keep_demand(events, store)

    def _observe(self, event: Event) -> Observation:
        happened = DAILY_MEASURES[event.short_type][1] if event.short_type in DAILY_MEASURES else ""
        return observe(event.owner, event.short_type, patron_of(event), self.pseudonyms,
                       day_of(event.time, event.data.get(happened)), event.time)

    def _deciding(self, events: Iterable[Event]) -> dict[str, list[Event]]:
        """By trace the events that erase somebody, or tell whether they want to be counted."""
        found: dict[str, list[Event]] = {}
        for event in events:
            if event.short_type == ERASED or (event.short_type in (GIVEN, WITHDRAWN)
                                              and event.data["purpose"] == PURPOSE):
                found.setdefault(self.pseudonyms.trace(event.data["patron"]), []).append(event)
        return found

    def _kept_of(self, patron: str, store: AnalyticsStore) -> Kept:
        """What is kept of a patron. Another node may have counted them too: all known cells are tried."""
        cells = [(node, measure) for node, cells in store.totals().items() for measure in cells]
        return Kept(
            store.known(Participation(node, measure, self.pseudonyms.at(node, patron)) for node, measure in cells),
            store.skills.holders({self.pseudonyms.at(node, patron) for node, _ in cells}))

    def _count(self, observed: Sequence[Observation], counted: Sequence[Observation], gone: Mapping[str, Kept],
               store: AnalyticsStore) -> None:
        rows = {row: days for each in gone.values() for row, days in each.rows.items()}
        known = {row: days for row, days in store.known(participations(counted)).items() if row not in rows}
        change = count(observed, counted, known)
        change.take_back(counted_for(rows))
        store.forget(rows)
        store.save(change)

    def _keep_skills(self, counted: Sequence[tuple[Event, Observation]], gone: Mapping[str, Kept],
                     store: AnalyticsStore) -> None:
        told = [(event, each, skills.named(event.data["skills"])) for event, each in counted
                if event.short_type == SKILLS_CHANGED]
        leaving = {key: holder for each in gone.values() for key, holder in each.holders.items()}
        states = [Holder(str(each.pseudonym), each.node, event.sequence, frozenset(one.key for one in named))
                  for event, each, named in told]
        known = {key: each for key, each in store.skills.holders(each.pseudonym for each in states).items()
                 if key not in leaving}
        fresh = skills.latest(states, known)
        store.skills.name(one for _, _, named in told for one in named)
        store.skills.save_holders([*leaving.values(), *(known[each.pseudonym] for each in fresh
                                                        if each.pseudonym in known)], fresh)

    def _keep_demand(self, events: Iterable[Event], store: AnalyticsStore) -> None:
        for event in events:
            if event.short_type == DEMAND_CHANGED:
                listed = event.data["skills"]
                demand = Demand(event.owner, event.sequence, tuple(
                    zip(skills.named(listed), [each["postings"] for each in listed], strict=True)))
                store.skills.save_if_newer(demand)

    def _answer(self, told: Iterable[Event], deleted: int, store: AnalyticsStore) -> None:
        """To each erasure; an objection is answered by nobody being counted."""
        for event in told:
            if event.short_type == ERASED:
                fact = patron_data_erased(event.data["patron"], event.owner, event.data["erasure"], deleted, now())
                store.save_facts([fact], event.cause)


def patron_of(event: Event) -> str | None:
    """The patron that the event's contract says it is about."""
    member = all_types()[event.type].person
    return event.data.get(member) if member else None


def _erases(told: Iterable[Event]) -> bool:
    return any(event.short_type == ERASED for event in told)


def _decisions(told: Iterable[Event]) -> list[Decision]:
    return [Decision(event.data["recipient"], event.sequence, event.short_type == GIVEN,
                     parse_rfc3339(event.data["decided_at"])) for event in told if event.short_type != ERASED]


def _skills(node: str, store: AnalyticsStore) -> dict[str, Any]:
    held = skills.by_skill(store.skills.supply(), node)
    wanted = skills.wanted_at(node, store.skills.demand())
    many = {key for key, own in held.items() if sum(own.values()) >= SMALLEST_SHOWN}
    return views.skills(node, wanted, held, store.skills.names(many - set(wanted)))


def _in_format(request: CallRequest, shown: dict[str, Any], columns: Sequence[str]) -> dict[str, Any] | Answer:
    """JSON, or CSV where that is asked for or preferred."""
    accepted = parse_accept_header(request.headers.get("Accept"), MIMEAccept)
    wished = accepted.best_match(["application/json", "text/csv"], "application/json")
    if request.query.get("format", calls.CSV if wished == "text/csv" else None) != calls.CSV:
        return shown
    return Answer(as_csv(columns, shown["items"]), media_type=MEDIA_TYPE, headers={
        "Vary": "Accept", "Content-Disposition": 'attachment; filename="measures.csv"'})
