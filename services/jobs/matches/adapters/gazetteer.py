"""Where places in the United States are: ZIP codes and towns, from the package `zipcodes` (its data come with it).

Other places have no point; they are near by their words.
"""

import re
from collections.abc import Mapping
from functools import cache

import zipcodes

from services.jobs.matches.domain.places import Near, Point, words_of_place
from services.jobs.skills.domain.words import fold

STATES = dict(line.split("=") for line in (
    "alabama=al;alaska=ak;arizona=az;arkansas=ar;california=ca;colorado=co;connecticut=ct;delaware=de;florida=fl;"
    "georgia=ga;hawaii=hi;idaho=id;illinois=il;indiana=in;iowa=ia;kansas=ks;kentucky=ky;louisiana=la;maine=me;"
    "maryland=md;massachusetts=ma;michigan=mi;minnesota=mn;mississippi=ms;missouri=mo;montana=mt;nebraska=ne;nevada=nv;"
    "new hampshire=nh;new jersey=nj;new mexico=nm;new york=ny;north carolina=nc;north dakota=nd;ohio=oh;oklahoma=ok;"
    "oregon=or;pennsylvania=pa;rhode island=ri;south carolina=sc;south dakota=sd;tennessee=tn;texas=tx;utah=ut;"
    "vermont=vt;virginia=va;washington=wa;west virginia=wv;wisconsin=wi;wyoming=wy;district of columbia=dc;"
    "puerto rico=pr").split(";"))
COORDINATES = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*")
ZIP_CODE = re.compile(r"\b(\d{5})(?:-\d{4})?\b")
TOWN = re.compile(r"([^,;/()]+),\s*([A-Za-z. ]+?)(?=\s*(?:,|;|/|\(|\d|$))")


class Gazetteer:
    """Points by ZIP code and by (town, state). Takes a second to make and 10 MB to hold."""

    def __init__(self) -> None:
        self._zips: dict[str, Point] = {}
        towns: dict[tuple[str, str], list[Point]] = {}
        for row in zipcodes.list_all():
            if row["lat"] and row["long"]:
                point = float(row["lat"]), float(row["long"])
                self._zips[row["zip_code"]] = point
                for town in (row["city"], *row["acceptable_cities"]):
                    towns.setdefault((fold(town), row["state"].lower()), []).append(point)
        self._towns = {name: _middle(points) for name, points in towns.items()}

    def point(self, label: str | None, postal_code: str | None = None, locality: str | None = None,
              region: str | None = None) -> Point | None:
        """The point of a place, by what is known best: postal code, town and state, or what its label says."""
        if postal_code and postal_code[:5] in self._zips:
            return self._zips[postal_code[:5]]
        if locality and region and (point := self._town(locality, region)):
            return point
        return self._said(label or "")

    def near(self, text: str) -> Near:
        """What somebody means by "48933", "Lansing, MI" or "42.7, -84.6"."""
        given = COORDINATES.fullmatch(text)
        if given and abs(float(given[1])) <= 90 and abs(float(given[2])) <= 180:
            return Near((float(given[1]), float(given[2])), frozenset())
        return Near(self._said(text), words_of_place(text))

    def _said(self, label: str) -> Point | None:
        zip_code = ZIP_CODE.search(label)
        if zip_code and zip_code[1] in self._zips:
            return self._zips[zip_code[1]]
        return next((point for town, state in TOWN.findall(label) if (point := self._town(town, state))), None)

    def _town(self, town: str, state: str) -> Point | None:
        spelt = fold(state.replace(".", ""))
        return self._towns.get((fold(town), _STATES.get(spelt, spelt)))


_STATES: Mapping[str, str] = {fold(name): code for name, code in STATES.items()}


def _middle(points: list[Point]) -> Point:
    return sum(each[0] for each in points) / len(points), sum(each[1] for each in points) / len(points)


@cache
def gazetteer() -> Gazetteer:
    """The one of this process."""
    return Gazetteer()
