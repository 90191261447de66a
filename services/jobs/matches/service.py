"""Answers which jobs fit somebody's skills, and searches the open ones. Keeps nothing of whom it is about."""

from typing import Any

from contracts.calls import matching as calls
from contracts.principal import Principal
from libranet.calls import CallRequest, answers
from libranet.problems import RequestInvalid, ServiceAway
from services.jobs.domain.cursors import cursor_after, place_of
from services.jobs.matches import views
from services.jobs.matches.adapters.index import Index
from services.jobs.matches.adapters.replica import KnownJobs
from services.jobs.matches.adapters.text_search import Conditions, Place
from services.jobs.matches.domain.coverage import Hit
from services.jobs.matches.domain.why import CLAIMED, Comparison, sentences

BUILDING_SECONDS = 2
"""What a caller is told to wait while the first index is built."""


class MatchCalls:
    jobs: Any = KnownJobs()
    """The index of the moment."""

    @answers(calls.MATCH_JOBS)
    def match_jobs(self, request: CallRequest, _store: Any) -> dict[str, Any]:
        """The best ready and near jobs that the caller's node shares; skills without a URI are resolved by label."""
        index, body = self._index(), request.body
        held = _held(index, body["skills"], request.principal.node)
        goal = body.get("goal")
        titles = index.lexicon.taxonomy.goal_titles(goal["label"], goal.get("occupation_uri")) if goal else ()
        near = index.listings.near(body["near"]) if body.get("near") else None
        teaching, shares = index.teaching.teaching, request.principal.shares
        hits = index.board.match(held, shares, near, titles, body["limit"])
        comparison = Comparison(held, index.label_of, lambda uri: teaching(uri, shares))
        ready, close = ([_shown(index, hit, comparison, goal["label"] if hit.fits_goal else None) for hit in some]
                        for some in (hits.ready, hits.near))
        return {"ready": ready, "near": close, "postings_considered": hits.considered}

    @answers(calls.SEARCH_JOBS)
    def search_jobs(self, request: CallRequest, _store: Any) -> dict[str, Any]:
        """Open jobs that the caller's node shares and that meet all conditions."""
        index, query = self._index(), request.query
        if not index.searchable:
            raise ServiceAway("The texts of jobs are being read; ask again in a moment.", BUILDING_SECONDS)
        conditions = _conditions(index, query, request.principal)
        place, items = _place(query.get("cursor")), []
        while True:
            hits = index.texts.page(conditions, place, query["limit"] + 1)
            for posting, at in hits:
                card = index.board.card_of(posting)
                if card is not None and len(items) == query["limit"]:
                    return {"items": [views.card(each) for each in items], "next": _cursor(place)}
                if card is not None:
                    items.append(card)
                place = at
            if len(hits) <= query["limit"]:
                return {"items": [views.card(each) for each in items], "next": None}

    def _index(self) -> Index:
        index: Index | None = self.jobs
        if index is None:
            raise ServiceAway("The index of jobs is being built; ask again in a moment.", BUILDING_SECONDS)
        return index


def _held(index: Index, skills: list[dict[str, Any]], node: str) -> dict[str, tuple[str, ...]]:
    """The bases of each skill by the URI that stands for it here; what nobody knows is left out."""
    held: dict[str, tuple[str, ...]] = {}
    for each in skills:
        skill = index.lexicon.taxonomy.get(each["uri"]) if each.get("uri") else None
        if skill is None:
            resolved = index.lexicon.resolve(each["label"], node)
            skill = resolved.skill if resolved else None
        if skill is not None:
            held[skill.uri] = tuple(dict.fromkeys((*held.get(skill.uri, ()), *(each["bases"] or (CLAIMED,)))))
    return held


def _shown(index: Index, hit: Hit, comparison: Comparison, goal: str | None) -> dict[str, Any]:
    matched, missing = comparison.of(index.board.wants(hit.row))
    return views.match(index.board.card(hit.row), hit.coverage, matched, missing, sentences(matched, missing, goal))


def _conditions(index: Index, query: dict[str, Any], principal: Principal) -> Conditions:
    skill = None
    if query.get("skill"):
        known = index.lexicon.taxonomy.get(query["skill"]) or _named(index, query["skill"], principal.node)
        skill = index.lexicon.names_of(known.uri) if known else [query["skill"]]
    places = None
    if query.get("near"):
        near = index.board.places(index.listings.near(query["near"]))
        places = [int(code) for code in near.nonzero()[0]]
    return Conditions(index.board.owners(principal.shares), query.get("q"), skill, places)


def _named(index: Index, label: str, node: str) -> Any:
    resolved = index.lexicon.resolve(label, node)
    return resolved.skill if resolved else None


def _cursor(place: Place) -> str:
    return cursor_after(f"{place.in_title}:{place.order}")


def _place(cursor: str | None) -> Place:
    in_title, _, order = (place_of(cursor) or f"{Place().in_title}:{Place().order}").partition(":")
    if in_title in ("0", "1") and order.isascii() and order.isdigit() and int(order) <= Place().order:
        return Place(int(in_title), int(order))
    raise RequestInvalid("Take the cursor from `next` of the page before, unchanged.", "/cursor")
