"""The fast way to a credential's digest: expand one document per shape, then exchange single terms per
learner.

Expansion of JSON-LD costs milliseconds and gives the same quads for every learner but for a few terms. What
is put in is made into a term, never into text, so no value can add a quad. The bytes are those of
`linked_data.digest` (a property test compares them); what is exchanged must be an id, a time or a number of the shape.
"""

import secrets
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson
from pyoxigraph import Literal, NamedNode, Quad

from services.credentials.domain import guard
from services.credentials.domain.linked_data import canonical, is_address, quads
from services.credentials.domain.refusals import DocumentUnsound

HOLE_TIME_PREFIX = "0001-01-01T00:00:0"
HOLE_NUMBER_PREFIX = f"hole-{secrets.token_hex(16)}-"
"""Nobody can write it into an achievement, where any text may stand."""
KEPT_SHAPES = 512
"""One per achievement and issuer; each takes about 20 kB."""


def id_hole(name: str) -> str:
    """Stands for an id in a shape."""
    return f"urn:libranet:hole:{name}"


def time_hole(number: int) -> str:
    """Stands for a time in a shape (number 0 to 9)."""
    return f"{HOLE_TIME_PREFIX}{number}Z"


def number_hole(name: str) -> str:
    """Stands for a whole number that is written as text."""
    return HOLE_NUMBER_PREFIX + name


class Skeleton:
    """The quads of one shape, those with holes apart. Raises what `guard` and `linked_data.quads` raise."""

    def __init__(self, shape: dict[str, Any], holes: frozenset[str]) -> None:
        guard.check_before_signing(shape)
        statements = quads(shape)
        self._holes = holes
        opened = [quad for quad in statements if self._is_hole(quad.subject) or self._is_hole(quad.object)]
        self._fixed = [quad for quad in statements if quad not in opened]
        self._open: list[tuple[Any, NamedNode, Any]] = [(quad.subject, quad.predicate, quad.object) for quad in opened]
        self._terms = {term for one, _, other in self._open for term in (one, other) if self._is_hole(term)}

    def digest(self, values: Mapping[str, str]) -> bytes:
        """SHA-256 of the canonical form with each hole's value in its place."""
        put = {term: _put(term, values[term.value]) for term in self._terms}
        filled = [Quad(put.get(one, one), predicate, put.get(other, other)) for one, predicate, other in self._open]
        return sha256(canonical(self._fixed + filled)).digest()

    def _is_hole(self, term: Any) -> bool:
        if not isinstance(term, (NamedNode, Literal)) or term.value not in self._holes:
            return False
        return isinstance(term, NamedNode) or _is_time_literal(term) or term.value.startswith(HOLE_NUMBER_PREFIX)


def _put(term: Any, value: str) -> Any:
    """The term for the value of a hole. Raises DocumentUnsound for a value that is not of the hole's kind."""
    if isinstance(term, NamedNode):
        if not is_address(value):
            raise DocumentUnsound(f"{value[:100]!r} is not an absolute address (IRI).")
        return NamedNode(value)
    if _is_time_literal(term) and not guard.is_time(value):
        raise DocumentUnsound(f"{value[:100]!r} is not a time with a zone.")
    if not _is_time_literal(term) and not (value.isascii() and value.isdigit()):
        raise DocumentUnsound(f"{value[:100]!r} is not a whole number.")
    return Literal(value, datatype=term.datatype)


def _is_time_literal(term: Any) -> bool:
    return isinstance(term, Literal) and term.datatype.value.endswith("dateTime")


def skeleton_of(shape: dict[str, Any], holes: frozenset[str]) -> Skeleton:
    """The skeleton of a shape, kept by the shape's own text, so that a changed achievement gets another
    one."""
    return _kept(orjson.dumps(shape), holes)


@lru_cache(maxsize=KEPT_SHAPES)
def _kept(shape: bytes, holes: frozenset[str]) -> Skeleton:
    return Skeleton(orjson.loads(shape), holes)
