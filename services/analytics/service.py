"""The analytics service: hears everything, answers with totals. Rules are in `domain/`, state is in `store/`.

Patron ids end in this file: they become pseudonyms before anything is looked up or kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from contracts import topology
from contracts.calls import analytics as calls
from contracts.event_types import all_types
from contracts.principal import Principal
from libranet import holdings
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, parse_rfc3339
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.holdings import Holding
from libranet.service import Service
from libranet.spreadsheet import MEDIA_TYPE, as_csv
from libranet.work import Work
from services.analytics import views
from services.analytics.adapters.pseudonym_key import PseudonymKey
from services.analytics.domain import objections, skills
from services.analytics.domain.asked import Asked, asked_for
from services.analytics.domain.counting import (
    ERASED,
    SKILLS_CHANGED,
    Kept,
    Observation,
    Participation,
    count,
    observe,
    observed_of,
    participations,
)
from services.analytics.domain.disclosure import SMALLEST_SHOWN
from services.analytics.domain.facts import patron_data_erased
from services.analytics.domain.objections import FREE, GIVEN, PURPOSE, WITHDRAWN, Decision
from services.analytics.domain.periods import DAILY_MEASURES, day_of
from services.analytics.domain.places import is_top
from services.analytics.domain.pseudonyms import Pseudonyms
from services.analytics.domain.refusals import NodeUnknown
from services.analytics.domain.skills import Demand, Holder
from services.analytics.domain.tables import Counted
from services.analytics.store import COLLECTIONS, AnalyticsStore

DEMAND_CHANGED = "skill-demand-changed"


class Analytics(Service):
    name = "analytics"
    collections = COLLECTIONS
    store = AnalyticsStore
    pseudonyms: Pseudonyms = PseudonymKey()

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        """By pseudonym; every node may have counted them."""
        store = AnalyticsStore(work)
        rows = store.held(self._participations_of(person, store), self.pseudonyms.trace(person))
        return holdings.of(COLLECTIONS, views.HELD, {
            name: [row for row in some if any(principal.sees(node, person) for node in views.nodes_of(row))]
            for name, some in rows.items()})

    @answers(calls.GET_MEASURES)
    def get_measures(self, request: CallRequest, store: AnalyticsStore) -> dict[str, Any] | Answer:
        """Of a node and all below it; the caller's own node where none is named. Totals, or a table by something."""
        query = request.query
        node = query.get("node", request.principal.node)
        if not request.principal.sees(node):
            raise NodeUnknown("Name your own node or one below it. GET /v1/nodes lists them.", "/node")
        by, asked = query.get("by"), asked_for(query.get("by"), query.get("since"), query.get("until"), now().date())
        if by == "skill":
            shown = _skills(node, store)
        elif by or "since" in query or "until" in query:
            by, shown = asked.by, views.table(asked, _counted(node, asked, store))
        else:
            shown = views.measures(_counted(node, asked, store))
        return _in_format(request, shown, views.COLUMNS[by])

    @hears(*topology.queues()["analytics.facts"], batch=200)
    def facts(self, events: list[Event], store: AnalyticsStore) -> None:
        """Counts a batch: reads first, then one update a node and month. Of whoever decides in it about being counted,
        all that is kept is judged again."""
        observed = [self._observe(event) for event in events]
        deciding = self._deciding(events)
        before = store.standings({each.trace for each in observed if each.trace} | set(deciding))
        standings = before | {trace: before.get(trace, FREE).after(_erases(told), _decisions(told))
                              for trace, told in deciding.items()}
        again = {trace: store.kept(trace, self._participations_of(told[0].data["patron"], store))
                 for trace, told in deciding.items()
                 if not (before.get(trace, FREE).is_free and standings[trace].is_free)}
        counted, waiting = objections.judged(
            [*(each for kept in again.values() for each in kept.observed), *observed], standings)
        _count(counted, list(again.values()), store)
        store.wait(waiting, now())
        for trace, told in deciding.items():
            store.save_standing(trace, standings[trace], now())
            self._answer(told, again[trace].documents if trace in again else 0, store)
        store.skills.name(each for event in events if event.short_type == SKILLS_CHANGED
                          for each in skills.named(event.data["skills"]))
        _keep_demand(events, store)

    def _observe(self, event: Event) -> Observation:
        happened = DAILY_MEASURES[event.short_type][1] if event.short_type in DAILY_MEASURES else ""
        seen = observe(event.owner, event.short_type, patron_of(event), self.pseudonyms,
                       day_of(event.time, event.data.get(happened)))
        if seen.measure == SKILLS_CHANGED and seen.pseudonym:
            keys = frozenset(each.key for each in skills.named(event.data["skills"]))
            return replace(seen, holder=Holder(seen.pseudonym, seen.node, event.sequence, keys))
        return seen

    def _deciding(self, events: Iterable[Event]) -> dict[str, list[Event]]:
        """By trace the events that erase somebody, or tell whether they want to be counted."""
        found: dict[str, list[Event]] = {}
        for event in events:
            if event.short_type == ERASED or (event.short_type in (GIVEN, WITHDRAWN)
                                              and event.data["purpose"] == PURPOSE):
                found.setdefault(self.pseudonyms.trace(event.data["patron"]), []).append(event)
        return found

    def _participations_of(self, patron: str, store: AnalyticsStore) -> list[Participation]:
        """All that there may be. Another node may have counted them too: all known cells are tried."""
        return [Participation(node, measure, self.pseudonyms.at(node, patron)) for node, measure in store.cells()]

    def _answer(self, told: Iterable[Event], deleted: int, store: AnalyticsStore) -> None:
        """To each erasure; an objection is answered by nobody being counted."""
        for event in told:
            if event.short_type == ERASED:
                fact = patron_data_erased(event.data["patron"], event.owner, event.data["erasure"], deleted, now())
                store.save_facts([fact], event.cause)


def _count(counted: Sequence[Observation], again: Sequence[Kept], store: AnalyticsStore) -> None:
    """Counts observations; what was kept of those who are judged again is among them, and is taken back first."""
    rows = {row: days for kept in again for row, days in kept.rows.items()}
    known = {row: days for row, days in store.known(participations(counted)).items() if row not in rows}
    change = count(counted, known)
    for kept in again:
        change.take_back(count(observed_of(kept.rows, kept.trace, {}), {}))
        store.forget(kept)
    store.save(change)
    leaving = {key: holder for kept in again for key, holder in kept.holders.items()}
    states = [each.holder for each in counted if each.holder]
    holders = {key: each for key, each in store.skills.holders(each.pseudonym for each in states).items()
               if key not in leaving}
    fresh = skills.latest(states, holders)
    store.skills.save_holders([*leaving.values(), *(holders[each.pseudonym] for each in fresh
                                                    if each.pseudonym in holders)], fresh)


def _keep_demand(events: Iterable[Event], store: AnalyticsStore) -> None:
    for event in events:
        if event.short_type == DEMAND_CHANGED:
            listed = event.data["skills"]
            demand = Demand(event.owner, event.sequence, tuple(
                zip(skills.named(listed), [each["postings"] for each in listed], strict=True)))
            store.skills.save_if_newer(demand)


def _counted(node: str, asked: Asked, store: AnalyticsStore) -> Counted:
    """With the months that decide what is shown. Of everything at the top of the tree, none does."""
    whole = asked.since is None and asked.by != "node" and is_top(node)
    return store.counted(node, [] if whole else asked.months())


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
