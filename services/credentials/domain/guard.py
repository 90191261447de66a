"""What a credential's JSON may be for us to read it: how large, how deep, and in whose words."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from libranet.clock import parse_rfc3339


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
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""Characters that canonicalisers write in different ways (RDFC-1.0 escapes them, older ones do not); none of them is
printable."""
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


def check_own_words(document: dict[str, Any]) -> None:
    """Raises Unreadable unless each member is named by a term, which is where our other checks look for it.

    `validUntil` spelled as a whole address would carry the same signature and be overlooked (Data Integrity
    2.4.1).
    """
    for path, _, value, _ in members(document):
        if isinstance(value, dict):
            check_words(path, value)


def check_words(path: Path, value: dict[str, Any]) -> None:
    """The same of one object. Raises Unreadable."""
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
