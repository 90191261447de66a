"""Where work is, and whether that is near: by distance where both places are known, else by the words of the label.

Remote work is near everywhere. A place that nothing is known of is near nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from services.jobs.matches.domain.codes import Codes
from services.jobs.skills.domain.words import BREAKS, folded_words

NEAR_KILOMETRES = 50.0
"""About what people in the country drive to work."""
KILOMETRES_A_DEGREE = 111.2
Point = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Of one posting: the points that are known, and the words of its places."""

    points: tuple[Point, ...] = ()
    words: frozenset[str] = frozenset()
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """What somebody asks for: a point, or where none is known for it the words they gave."""

    point: Point | None
    words: frozenset[str]


def words_of_place(*labels: str | None) -> frozenset[str]:
    return frozenset(word for label in labels if label for word in folded_words(label) if word not in BREAKS)


class PlaceTable:
    """Every set of places that postings have, once. Few postings have a place of their own, so asking is cheap."""

    def __init__(self) -> None:
        self._codes: Codes[Whereabouts] = Codes()
        self._points: list[tuple[float, float, int]] = []
        self._array: NDArray[np.float64] = np.zeros((0, 3))

    def code(self, whereabouts: Whereabouts) -> int:
        known = len(self._codes)
        code = self._codes.code(whereabouts)
        if code == known:
            self._points += [(latitude, longitude, code) for latitude, longitude in whereabouts.points]
        return code

    def __getitem__(self, code: int) -> Whereabouts:
        return self._codes[code]

    def near(self, near: Near) -> NDArray[np.bool_]:
        """For each code whether it is near."""
        found = np.array([each.remote for each in self._codes], dtype=np.bool_)
        if near.point is None:
            for code, each in enumerate(self._codes):
                found[code] |= bool(near.words) and near.words <= each.words
            return found
        if len(self._array) < len(self._points):
            self._array = np.array(self._points)
        if len(self._array):
            found[self._array[kilometres_from(self._array, near.point) <= NEAR_KILOMETRES, 2].astype(np.intp)] = True
        return found


def kilometres_from(points: NDArray[np.float64], origin: Point) -> NDArray[np.float64]:
    """Of each point, flat: right to a per cent at the distances that matter here."""
    north = (points[:, 0] - origin[0]) * KILOMETRES_A_DEGREE
    east = (points[:, 1] - origin[1]) * KILOMETRES_A_DEGREE * cos(radians(origin[0]))
    return np.hypot(north, east)


def whereabouts(points: Iterable[Point | None], labels: Iterable[str | None], remote: bool) -> Whereabouts:
    return Whereabouts(tuple(dict.fromkeys(point for point in points if point)), words_of_place(*labels), remote)
