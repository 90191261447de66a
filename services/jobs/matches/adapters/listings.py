"""What the index takes of a posting: made from what the database says of it, with the skills that stand for its own."""

import orjson

from libranet.clock import rfc3339
from services.jobs.matches.adapters.gazetteer import Gazetteer
from services.jobs.matches.adapters.text_search import Text
from services.jobs.matches.domain.board import Filed, Listing
from services.jobs.matches.domain.places import Near, Whereabouts, whereabouts
from services.jobs.postings.domain.posting import Place
from services.jobs.postings.domain.wording import Prose, Wording
from services.jobs.skills.domain.lexicon import Lexicon

MOST_SKILLS = 60
"""Required, and wished, of one posting; one that names more is a list of everything."""


class Listings:
    """Wordings as listings. Points of places are remembered: few postings have a place of their own."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._gazetteer = gazetteer
        self._lexicon = lexicon
        self._known: dict[tuple[tuple[Place, ...], bool], Whereabouts] = {}

    def listing(self, wording: Wording) -> Listing:
        canonical = self._lexicon.taxonomy.canonical
        required = tuple(dict.fromkeys(map(canonical, wording.required)))[:MOST_SKILLS]
        wished = tuple(uri for uri in dict.fromkeys(map(canonical, wording.wished)) if uri not in required)
        return Listing(wording.id, wording.owner, wording.title, self.whereabouts(wording.places, wording.remote),
                       required, wished[:MOST_SKILLS], _card(wording))

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


def text_of(prose: Prose, filed: Filed) -> Text:
    return Text(prose.id, prose.title, f"{prose.employer or ''}\n{prose.text}", *filed, prose.posted_at)


def _card(wording: Wording) -> str:
    """As contracts/calls/matching.py's JobCard, in JSON: members that nothing is known of are absent."""
    card = {"id": wording.id, "title": wording.title, "employer": wording.employer,
            "place": wording.places[0].label if wording.places else None, "remote": wording.remote,
            "url": wording.url, "closes_at": rfc3339(wording.closes_at) if wording.closes_at else None}
    known = {name: value for name, value in card.items() if value is not None}
    return orjson.dumps(known).decode()  # text takes the room that it needs; orjson's bytes take a page
