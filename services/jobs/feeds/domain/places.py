"""Places as boards write them: `Chicago, IL`, `Lansing` and `Michigan`, `Dyess AFB, TX United States`, `Remote`.

Tells country and region apart where the text leaves no doubt; finding coordinates is not its business.
"""

import re
from collections.abc import Iterable
from itertools import islice

from services.jobs.postings.domain.posting import Place

STATE_NAMES = """\
AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,\
DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,\
KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,\
MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,\
NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,\
SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,\
WV West Virginia,WI Wisconsin,WY Wyoming,PR Puerto Rico,GU Guam,VI Virgin Islands,AS American Samoa"""
STATES = {pair[:2]: pair[3:] for pair in STATE_NAMES.split(",")}
CODES = {name.casefold(): code for code, name in STATES.items()} | {"d.c.": "DC"}
COUNTRIES = {
    "usa": "US", "u.s.": "US", "u.s.a.": "US", "united states": "US", "united states of america": "US", "uk": "GB",
    "united kingdom": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "canada": "CA",
    "mexico": "MX", "india": "IN", "germany": "DE", "deutschland": "DE", "france": "FR", "spain": "ES", "italy": "IT",
    "ireland": "IE", "netherlands": "NL", "poland": "PL", "australia": "AU", "new zealand": "NZ", "japan": "JP",
    "brazil": "BR", "singapore": "SG", "switzerland": "CH", "austria": "AT", "belgium": "BE", "sweden": "SE",
    "norway": "NO", "denmark": "DK", "finland": "FI", "portugal": "PT", "israel": "IL", "philippines": "PH"}
REMOTE = re.compile(r"\b(remote|telework|telecommute|work from home|anywhere|virtual)\b", re.IGNORECASE)
NOT_REMOTE = re.compile(r"\b(no|not|non)[ -](remote|telework)", re.IGNORECASE)
MOST_PLACES = 100
"""Of one posting: with more it is on offer everywhere, and its row would outgrow what a database takes."""


def kept(found: Iterable[Place | None]) -> tuple[Place, ...]:
    """The first MOST_PLACES of those that are places; the rest is not even told apart."""
    return tuple(islice((each for each in found if each), MOST_PLACES))


def country_of(text: str | None) -> str | None:
    """Two letters (ISO 3166-1), or None for a name that is not among the common ones."""
    if not text:
        return None
    if re.fullmatch(r"[A-Z]{2}", text):
        return "GB" if text == "UK" else text
    return COUNTRIES.get(text.strip().casefold())


def state_of(text: str | None) -> str | None:
    """The two letters of a state of the US, of its name or its letters."""
    if not text:
        return None
    plain = text.strip()
    return plain if plain in STATES else CODES.get(plain.casefold())


def is_remote(text: str | None) -> bool:
    """Whether the words for a place mean that there is none."""
    return bool(text and REMOTE.search(text) and not NOT_REMOTE.search(text))


def place(label: str | None, country: str | None = None) -> Place | None:
    """Of one line. `country` is the feed's own, and stands where the line names none."""
    if not label or is_remote(label):
        return None
    for name, code in COUNTRIES.items():
        if label.casefold().endswith(f" {name}") and not label.casefold().endswith(f", {name}"):
            label_parts = [*label[:-len(name)].strip(" ,").split(","), code]
            return _told_apart(label, [each.strip() for each in label_parts], country)
    return _told_apart(label, [each.strip() for each in label.split(",")], country)


def addressed(locality: str | None, region: str | None, country: str | None, postal_code: str | None = None,
              latitude: float | None = None, longitude: float | None = None) -> Place | None:
    """Of parts that the board tells apart itself."""
    found_country = country_of(country) or ("US" if not country and state_of(region) else None)
    region = (state_of(region) or region) if found_country in (None, "US") else region
    label = ", ".join(each for each in (locality, region, country if not (locality or region) else None) if each)
    if not label and not postal_code:
        return None
    return Place(label or str(postal_code), found_country, region, locality, postal_code, latitude, longitude)


def _told_apart(label: str, parts: list[str], country: str | None) -> Place:
    locality, rest = parts[0], parts[1:]
    found = country_of(rest[-1]) if rest and not (len(rest) == 1 and state_of(rest[-1])) else None
    if found:
        rest = rest[:-1]
    region = rest[-1] if rest else None
    locality = rest[-2] if len(rest) > 1 else locality
    state = state_of(region) if (found or country or "US") == "US" else None
    if state:
        return Place(label, "US", state, locality)
    if not rest and not found and country_of(locality) and len(locality) > 2:
        return Place(label, country_of(locality))
    return Place(label, found or country, region, locality)
