"""What must hold of a credential's JSON before it is signed (Open Badges 3.0 serialisation; VCDM 2.0, 2.1).

All but what is said of texts is the same for every document of a shape, so it is looked at once for each shape.
"""

from collections.abc import Callable
from typing import Any

import orjson

from services.credentials.domain import guard, shapes
from services.credentials.domain.guard import Path, Unreadable
from services.credentials.domain.refusals import DocumentUnsound
from services.credentials.domain.shapes import Apart, OfShapes

TIME_MEMBERS = frozenset(
    {"validFrom", "validUntil", "awardedDate", "created", "expires", "activityStartDate", "activityEndDate"}
)
PLACE_MEMBER = "statusListIndex"
JUDGED_BY_NAME = TIME_MEMBERS | {PLACE_MEMBER}
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
EXTENSION_TYPES = "1EdTech"


def taken_apart(document: dict[str, Any]) -> Apart:
    """The document's shape and texts. Raises DocumentUnsound for what verifiers would read in different ways: nulls,
    empty lists, times without a zone, indices that are no whole numbers, names that are no terms, odd characters and
    fractions, a subject that nobody is, a context that is not needed.

    Terms that no context defines and relative addresses show in the quads (`linked_data.quads`).
    """
    try:
        apart = shapes.take_apart(document)
        if not _is_surely_sound(apart):
            check(document)
    except Unreadable as error:
        raise DocumentUnsound(f"This is not signed: {error}.") from error
    return apart


def check(document: dict[str, Any]) -> None:
    """Looks at each member itself. Raises DocumentUnsound with the place of what is unsound, or Unreadable."""
    _check(document, _check_named)


def _is_surely_sound(apart: Apart) -> bool:
    """Whether the shape is sound, and no text of it can be otherwise."""
    named = _named_in(apart.shape)
    return (named is not None and all(apart.texts) and _is_writable("".join(apart.texts))
            and all(_is_as_named(name, apart.texts[hole]) for name, hole in named))


def _named(shape: bytes) -> list[tuple[str, int]] | None:
    """The holes whose members are judged by name, with those; None for a shape that is unsound whatever its texts."""
    found: list[tuple[str, int]] = []

    def note(path: Path, name: str, value: object) -> None:
        hole = shapes.hole_number(value)
        if hole is None:
            _check_named(path, name, value)
        else:
            found.append((name, hole))

    try:
        _check(orjson.loads(shape), note)
    except (DocumentUnsound, Unreadable, KeyError, TypeError):
        return None
    return found


_named_in = OfShapes(_named)


def _check(document: dict[str, Any], check_named: Callable[[Path, str, object], None]) -> None:
    for path, key, value, _ in guard.members(document):
        if key in JUDGED_BY_NAME:
            check_named(path, key, value)
        if not isinstance(value, str):
            _check_value(path, value)
        elif not _is_writable(value):
            raise DocumentUnsound(
                "Remove the control characters; verifiers do not agree how to write them.", guard.pointer(path))
    if EXTENSIONS in document["@context"] and not _is_extended(document):
        raise DocumentUnsound(f"Leave {EXTENSIONS} out where no type begins with {EXTENSION_TYPES}.", "/@context")
    _check_subjects(document)


def _is_writable(text: str) -> bool:
    return text.isprintable() or not guard.UNWRITABLE.search(text)


def _check_named(path: Path, name: str, value: object) -> None:
    if not _is_as_named(name, value):
        raise DocumentUnsound(
            "Write the index in a status list as a whole number, in a text." if name == PLACE_MEMBER
            else "A time needs a zone, as in 2026-11-21T20:15:00Z.", guard.pointer(path))


def _is_as_named(name: str, value: object) -> bool:
    if name == PLACE_MEMBER:
        return isinstance(value, str) and value.isascii() and value.isdigit()
    return guard.is_time(value)


def _check_value(path: Path, value: Any) -> None:
    """Of any but a text."""
    if value is None or value == [] or value == {}:
        raise DocumentUnsound(
            "A credential has no null, empty list or empty object. Leave the member out.", guard.pointer(path))
    if isinstance(value, dict):
        guard.check_words(path, value)
    elif isinstance(value, float):
        raise DocumentUnsound("Write fractions as text; verifiers do not agree how to write them.", guard.pointer(path))


def _is_extended(document: dict[str, Any]) -> bool:
    return any(key == "type" and isinstance(value, str) and value.startswith(EXTENSION_TYPES)
               for _, key, value, _ in guard.members(document))


def _check_subjects(document: dict[str, Any]) -> None:
    """Open Badges 3.0 says it in prose alone: a subject has an id, an identifier, or both."""
    given = document.get("credentialSubject")
    for subject in given if isinstance(given, list) else [given]:
        if not isinstance(subject, dict) or not (subject.get("id") or subject.get("identifier")):
            raise DocumentUnsound("Say whose credential it is: an id, or an identifier.", "/credentialSubject")
