"""The fast way to a credential's digest: expand one document per shape, then exchange the texts in it.

Expansion of JSON-LD costs milliseconds and gives the same quads for every document that differs in texts alone. What
is put in is made into a term, never into a piece of text, so no value can add a quad. The bytes are those of
`linked_data.digest` (a property test compares them); where nodes without an id look alike, that one is asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any

import orjson
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from services.credentials.domain import guard, linked_data
from services.credentials.domain.linked_data import NotCovered, TooAmbiguous
from services.credentials.domain.shapes import HOLE, WHOLE_ADDRESS, Apart, OfShapes, hole_number, take_apart

KEPT_TEXTS, LONGEST_KEPT_TEXT = 1000, 1000
"""Most texts of a credential are those of the one before, of its achievement and issuer. In characters; all that are
kept take 30 MB at most, whatever they are made of."""


def digest(document: dict[str, Any], pause: Callable[[], object] = lambda: None, apart: Apart | None = None) -> bytes:
    """SHA-256 of the canonical form. Raises what `linked_data.digest` and `take_apart` raise; the caller has bounded
    the size. A record is taken piece by piece, with a pause after each. `apart` is what `take_apart` made of the
    document, if it was asked before; a record's pieces are others."""
    shaped = []
    for piece in _pieces(document):
        shape, texts = apart if apart and piece is document else take_apart(piece)
        shaped.append((_skeleton(shape), texts))
        pause()
    found = _digest(shaped)
    return linked_data.digest(_bounded(document)) if found is None else found


def _pieces(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Documents that say together what the document does: of a record what is around its credentials, and of each of
    those what was signed and its proofs. Their nodes without an id are their own, so each is a shape by itself."""
    if not guard.is_record(document):
        return [document]
    contexts, subject = document["@context"], document.get("credentialSubject")
    subject = subject if isinstance(subject, dict) else {}
    credentials = subject.get("verifiableCredential")
    if not isinstance(credentials, list) or not all(map(_has_address, credentials)):
        return [_bounded(document)]
    around = {**subject, "verifiableCredential": [{"id": each["id"]} for each in credentials]}
    pieces = [{**document, "credentialSubject": around}]
    for each in credentials:
        inner = {**each, "@context": [*contexts, *each.get("@context", [])]}
        pieces += [{name: value for name, value in inner.items() if name != "proof"},
                   {name: inner[name] for name in ("@context", "id", "type", "proof") if name in inner}]
    return pieces


def _has_address(credential: object) -> bool:
    own_id = credential.get("id") if isinstance(credential, dict) else None
    return isinstance(own_id, str) and WHOLE_ADDRESS.match(own_id) is not None


def _bounded(record: dict[str, Any]) -> dict[str, Any]:
    """A record that is expanded as a whole. Raises TooAmbiguous for one that is larger than other credentials."""
    try:
        guard.check_size(record, guard.LIMITS)
    except guard.Unreadable as error:
        raise TooAmbiguous(f"its credentials cannot be taken one by one, and {error}") from error
    return record


def _made(shape: bytes) -> "Skeleton":
    return Skeleton(linked_data.quads(orjson.loads(shape)), shape.count(HOLE.encode()))


_skeleton = OfShapes(_made)


Line = tuple[str, Callable[[Sequence[str]], Any], tuple[str, ...]]
"""A pattern for `%`, what it takes from the row of parts, and the nodes that it does not tell apart."""
Filled = tuple[str, tuple[str, ...]]
Sight = tuple[bytes, bool]


class Skeleton:
    """The quads of one shape as lines of N-Quads with holes. Raises NotCovered where a text is in no quad."""

    def __init__(self, statements: Iterable[Quad], holes: int) -> None:
        quads = set(statements)
        self._suffixes: list[str | None] = [None] * holes
        """What follows the text of a literal; None for an address."""
        seen = {number for quad in quads for term in _terms(quad) if (number := self._learnt(term)) is not None}
        if len(seen) < holes:
            raise NotCovered("a text in it is part of no statement")
        about: dict[str, list[Quad]] = {}
        for quad in quads:
            for blank in {term.value for term in _terms(quad) if isinstance(term, BlankNode)}:
                about.setdefault(blank, []).append(quad)
        self._place = {blank: holes + number for number, blank in enumerate(about)}
        self._lines = [self._line(quad) for quad in quads]
        self._sights = [[self._line(quad, blank) for quad in found] for blank, found in about.items()]
        self._alone = [all(hidden in ((), (blank,)) for _, _, hidden in lines)
                       for blank, lines in zip(about, self._sights, strict=True)]
        """Whether no other node without an id stands in its quads."""

    def parts(self, texts: Sequence[str]) -> list[str]:
        """What goes into the holes for texts."""
        return [(_remembered if len(text) <= LONGEST_KEPT_TEXT else _written)(text, suffix)
                for text, suffix in zip(texts, self._suffixes, strict=True)]

    def sights(self, parts: Sequence[str]) -> list[Sight]:
        """What tells each node without an id from others (4.6.3), and whether it is alone."""
        return [(sha256(_joined(_filled(lines, parts))).digest(), alone)
                for lines, alone in zip(self._sights, self._alone, strict=True)]

    def lines(self, parts: Sequence[str]) -> set[Filled]:
        """The quads; `parts` end with the canonical names."""
        return _filled(self._lines, parts)

    def _learnt(self, term: Any) -> int | None:
        """The number of the hole that the term is."""
        number = hole_number(term.value) if isinstance(term, NamedNode | Literal) else None
        if number is not None and isinstance(term, Literal):
            self._suffixes[number] = str(term).removeprefix(str(Literal(term.value)))
        return number

    def _line(self, quad: Quad, own: str = "") -> Line:
        """`own` is the blank node that looks at the quad (4.6.3); without it, they have canonical names."""
        pattern, taken, hidden = "", [], []
        for term in _terms(quad):
            hole = self._learnt(term)
            if hole is None and own and isinstance(term, BlankNode):
                pattern += "_:a " if term.value == own else "_:z "
                hidden.append(term.value)
            elif hole is not None or isinstance(term, BlankNode):
                pattern += "%s "
                taken.append(self._place[term.value] if hole is None else hole)
            else:
                pattern += str(term).replace("%", "%%") + " "
        return f"{pattern}.\n", itemgetter(*taken) if taken else _nothing, tuple(hidden)


def _nothing(parts: Sequence[str]) -> tuple[()]:
    return ()


def _digest(shaped: Sequence[tuple["Skeleton", Sequence[str]]]) -> bytes | None:
    """SHA-256 of the canonical form of shapes with their texts (RDFC-1.0, 4.4.3); None where two nodes without an id
    look alike. Those that are alone may: either can then come first, after all that differ at first sight."""
    given = [skeleton.parts(texts) for skeleton, texts in shaped]
    sights = [skeleton.sights(parts) for (skeleton, _), parts in zip(shaped, given, strict=True)]
    every = [each for found in sights for each in found]
    seen = Counter(sight for sight, _ in every)
    if any(seen[sight] > 1 and not alone for sight, alone in every):
        return None
    order = sorted(range(len(every)), key=lambda place: (seen[every[place][0]] > 1, every[place][0]))
    names = [""] * len(every)
    for rank, place in enumerate(order):
        names[place] = f"_:c14n{rank}"
    lines: set[Filled] = set()
    for (skeleton, _), parts, found in zip(shaped, given, sights, strict=True):
        lines |= skeleton.lines([*parts, *names[: len(found)]])
        del names[: len(found)]
    return sha256(_joined(lines)).digest()


def _filled(lines: Iterable[Line], parts: Sequence[str]) -> set[Filled]:
    """Each quad once."""
    return {(pattern % taken(parts), hidden) for pattern, taken, hidden in lines}


def _joined(lines: Iterable[Filled]) -> bytes:
    return "".join([line for line, _ in sorted(lines)]).encode()


def _written(text: str, suffix: str | None) -> str:
    """The text as a term of canonical N-Quads. Raises NotCovered for what is no address."""
    if suffix is not None:
        return (f'"{text}"' if _is_plain(text) else str(Literal(text))) + suffix
    linked_data.check_address("@id", text)
    return f"<{text}>"


_remembered = lru_cache(maxsize=KEPT_TEXTS)(_written)


def _is_plain(text: str) -> bool:
    """Whether nothing in it is escaped."""
    return text.isprintable() and '"' not in text and "\\" not in text


def _terms(quad: Quad) -> list[Any]:
    terms = [quad.subject, quad.predicate, quad.object, quad.graph_name]
    return terms[:3] if isinstance(quad.graph_name, DefaultGraph) else terms
