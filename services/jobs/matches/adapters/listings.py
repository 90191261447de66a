"""What the index takes of a posting: made from what the database says of it, with the skills that stand for its own."""

from typing import Any

import orjson

from libranet.clock import rfc3339
from services.jobs.matches.adapters.gazetteer import Gazetteer
from services.jobs.matches.adapters.text_search import Text
from services.jobs.matches.domain.board import Listing
from services.jobs.matches.domain.places import Near, Whereabouts, whereabouts
from services.jobs.postings.domain.posting import Place
from services.jobs.postings.store import Brief, Wording
from services.jobs.skills.domain.lexicon import Lexicon

MOST_SKILLS = 60
"""Of one posting; one that names more is a list of everything."""


class Listings:
    """Briefs as listings. Points of places are remembered: few postings have a place of their own."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._gazetteer = gazetteer
        self._lexicon = lexicon
        self._known: dict[tuple[tuple[Place, ...], bool], Whereabouts] = {}

    def listing(self, brief: Brief) -> Listing:
        canonical = self._lexicon.taxonomy.canonical
        found = brief.skills[:MOST_SKILLS]
        required = tuple(dict.fromkeys(canonical(each.uri) for each in found if each.required))
        wished = dict.fromkeys(canonical(each.uri) for each in found if not each.required)
        return Listing(brief.id, brief.owner, brief.title, self.whereabouts(brief.places, brief.remote), required,
                       tuple(uri for uri in wished if uri not in required), orjson.dumps(_card(brief)))

    def near(self, text: str) -> Near:
        """The place that somebody means."""
        return self._gazetteer.near(text)

    def whereabouts(self, places: tuple[Place, ...], remote: bool) -> Whereabouts:
        known = self._known.get((places, remote))
        if known is None:
            known = whereabouts(map(self._point, places), (
                label for place in places for label in (place.label, place.locality, place.region, place.postal_code)),
                remote)
            self._known[places, remote] = known
        return known

    def _point(self, place: Place) -> tuple[float, float] | None:
        if place.latitude is not None and place.longitude is not None:
            return place.latitude, place.longitude
        return self._gazetteer.point(place.label, place.postal_code, place.locality, place.region)


def text_of(wording: Wording, place: int, canonical: Any) -> Text:
    return Text(wording.id, wording.owner, wording.title, f"{wording.employer or ''}\n{wording.text}", place,
                tuple(dict.fromkeys(canonical(each.uri) for each in wording.skills)), wording.posted_at)


def _card(brief: Brief) -> dict[str, Any]:
    """As contracts/calls/matching.py's JobCard: members that nothing is known of are absent."""
    card = {"id": brief.id, "title": brief.title, "employer": brief.employer,
            "place": brief.places[0].label if brief.places else None, "remote": brief.remote, "url": brief.url,
            "closes_at": rfc3339(brief.closes_at) if brief.closes_at else None}
    return {name: value for name, value in card.items() if value is not None}
