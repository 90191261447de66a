"""What must hold of a credential's JSON before it is signed (Open Badges 3.0 serialisation; VCDM 2.0,
2.1)."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from libranet.clock import parse_rfc3339
from services.credentials.domain.refusals import DocumentUnsound


class Limits(NamedTuple):
    """How many members, list items included, and how many types a document may have."""

    members: int
    types: int


DEEPEST = 32
LIMITS = Limits(1200, 190)
"""A 4 kB credential with rubric and evidence has about 150 members and 15 types, an endorsement in it 40 and ten. Each
type opens contexts of its own; the dearest document found with 150 types takes 150 ms of CPU.
"""
RECORD_LIMITS = Limits(10_000, 2_500)
"""Of a ClrCredential: what ten times as much holds is some sixty such credentials, and can take ten times as long."""
RECORD_TYPE = "ClrCredential"
TIME_MEMBERS = frozenset(
    {"validFrom", "validUntil", "awardedDate", "created", "expires", "activityStartDate", "activityEndDate"}
)
PLACE_MEMBER = "statusListIndex"
JUDGED_BY_NAME = TIME_MEMBERS | {PLACE_MEMBER}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""Characters that canonicalisers write in different ways (RDFC-1.0 escapes them, older ones do not); none of them is
printable."""
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
EXTENSION_TYPES = "1EdTech"
VALUE_OBJECT = frozenset({"@value", "@language", "@direction"})


class Unreadable(ValueError):
    """Nothing that this service checks: too deep, too large, or not written in the contexts' own words."""


Path = tuple[Any, str | int] | None
"""Where a member stands: where its parent stands, and its name or place there; None for the document itself."""
Member = tuple[Path, str, Any, int]
"""Where it stands, its key, its value, and how deep that is."""


def members(document: dict[str, Any], most: Limits | None = None) -> Iterator[Member]:
    """Every member and list item, outside in; list items have their list's key.

    Raises Unreadable beyond DEEPEST or the limits of its kind. Counts before it
    reads, and needs no recursion, so neither size nor depth can hold up or end the process.
    """
    limits = most or (RECORD_LIMITS if is_record(document) else LIMITS)
    waiting: list[Member] = [(None, "", document, 0)]
    seen, types = 1, 0
    while waiting:
        member = waiting.pop()
        path, key, value, depth = member
        if not isinstance(value, (dict, list)) or not value:
            yield member
            continue
        seen += len(value)
        depth += 1
        if isinstance(value, dict):
            types += "type" in value
        elif key == "type":
            types += len(value)
        if depth > DEEPEST or seen > limits.members or types > limits.types:
            raise Unreadable(f"it has more than {DEEPEST} levels, {limits.members} members or {limits.types} types")
        yield member
        if isinstance(value, dict):
            waiting += [((path, name), name, each, depth) for name, each in value.items()]
        else:
            waiting += [((path, place), key, each, depth) for place, each in enumerate(value)]


def is_record(document: dict[str, Any]) -> bool:
    """Whether it holds other credentials (CLR 2.0)."""
    named = document.get("type")
    return isinstance(named, list) and RECORD_TYPE in named


def check_size(document: dict[str, Any], most: Limits | None = None) -> None:
    """Raises Unreadable beyond DEEPEST or the limits, those of its kind where none are given."""
    for _ in members(document, most):
        pass


def pointer(path: Path) -> str:
    """`/evidence/0/name`."""
    return f"{pointer(path[0])}/{path[1]}" if path else ""


def check_before_signing(document: dict[str, Any]) -> None:
    """Raises DocumentUnsound for what verifiers would read in different ways: nulls, empty lists, times without a zone,
    indices that are no whole numbers, names that are no terms, odd characters and fractions, a subject that nobody is,
    a context that is not needed.

    Terms that no context defines and relative addresses show in the quads (`linked_data.quads`).
    """
    try:
        for path, key, value, _ in members(document):
            if key in JUDGED_BY_NAME:
                _check_named(path, key, value)
            if not isinstance(value, str):
                _check_value(path, value)
            elif not value.isprintable() and UNWRITABLE.search(value):
                raise DocumentUnsound(
                    "Remove the control characters; verifiers do not agree how to write them.", pointer(path))
    except Unreadable as error:
        raise DocumentUnsound(f"This is not signed: {error}.") from error
    if EXTENSIONS in document["@context"] and not _is_extended(document):
        raise DocumentUnsound(f"Leave {EXTENSIONS} out where no type begins with {EXTENSION_TYPES}.", "/@context")
    _check_subjects(document)


def _check_named(path: Path, key: str, value: Any) -> None:
    if key in TIME_MEMBERS and not is_time(value):
        raise DocumentUnsound("A time needs a zone, as in 2026-11-21T20:15:00Z.", pointer(path))
    if key == PLACE_MEMBER and not (isinstance(value, str) and value.isascii() and value.isdigit()):
        raise DocumentUnsound("Write the index in a status list as a whole number, in a text.", pointer(path))


def _check_value(path: Path, value: Any) -> None:
    """Of any but a text."""
    if value is None or value == [] or value == {}:
        raise DocumentUnsound(
            "A credential has no null, empty list or empty object. Leave the member out.", pointer(path))
    if isinstance(value, dict):
        _check_words(path, value)
    elif isinstance(value, float):
        raise DocumentUnsound("Write fractions as text; verifiers do not agree how to write them.", pointer(path))


def _is_extended(document: dict[str, Any]) -> bool:
    return any(key == "type" and isinstance(value, str) and value.startswith(EXTENSION_TYPES)
               for _, key, value, _ in members(document))


def _check_subjects(document: dict[str, Any]) -> None:
    """Open Badges 3.0 says it in prose alone: a subject has an id, an identifier, or both."""
    given = document.get("credentialSubject")
    for subject in given if isinstance(given, list) else [given]:
        if not isinstance(subject, dict) or not (subject.get("id") or subject.get("identifier")):
            raise DocumentUnsound("Say whose credential it is: an id, or an identifier.", "/credentialSubject")


def check_own_words(document: dict[str, Any]) -> None:
    """Raises Unreadable unless each member is named by a term, which is where our other checks look for it.

    `validUntil` spelled as a whole address would carry the same signature and be overlooked (Data Integrity
    2.4.1).
    """
    for path, _, value, _ in members(document):
        if isinstance(value, dict):
            _check_words(path, value)


def _check_words(path: Path, value: dict[str, Any]) -> None:
    odd = [key for key in value if (":" in key or key[:1] == "@") and not _names_contexts(path, key, value[key])]
    if odd and not VALUE_OBJECT.issuperset(value):
        raise Unreadable(f"the member {odd[0][:100]!r} is not named by a term of its contexts")


def _names_contexts(path: Path, key: str, value: object) -> bool:
    """Whether the member is the `@context` of the document, or one of a credential inside it that names contexts: those
    that are kept here have one word for each thing, so nothing can be called otherwise by naming another."""
    named = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return key == "@context" and (path is None or named)


def is_time(value: object) -> bool:
    """Whether the value is a time with a zone (xsd:dateTimeStamp)."""
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        return parse_rfc3339(value) is not None
    except (ValueError, OverflowError):
        return False
