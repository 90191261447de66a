"""Documents that are wrong in one place: made from a good one, each with the place that an answer has to name."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.journeys.described import Operation, resolved

OTHER_TYPES: dict[type, dict[str, Any]] = {
    str: {"number": 7, "truth": True, "array": ["text"], "object": {"a": "text"}, "null": None},
    bool: {"text": "true", "number": 1, "array": [True], "object": {}, "null": None},
    dict: {"text": "text", "number": 7, "truth": True, "array": [], "null": None},
    list: {"text": "text", "number": 7, "truth": True, "object": {}, "null": None},
}
"""What stands where a value of the type is due."""
ODD_TEXTS = {
    "empty": "", "blank": "  \t ", "NUL": "a\x00b", "oversize": "x" * 100_000, "control": "\x01\x1b[31m",
    "backwards": "\u202ea\u2066b", "operator": "$ne", "path": "../../etc/passwd", "script": "<script>alert(1)</script>",
    "template": "{{7*7}}${7*7}", "combining": "e\u0301" * 150, "astral": "\U0001f4da" * 250,
}


@dataclass(frozen=True)
class Misshapen:
    """`document` is wrong at `place`, a JSON pointer; `kind` says how."""

    operation: Operation
    kind: str
    place: str
    document: Any

    def __str__(self) -> str:
        return f"{self.operation.name}{self.place}-{self.kind}"


def wrong_types(operation: Operation) -> Iterator[Misshapen]:
    """Every member of the example with a value of every other type; what is not described may be of any."""
    for place, value in places(operation.example):
        if operation.body and not schema_at(operation, place):
            continue
        for kind, other in OTHER_TYPES.get(type(value), {}).items():
            yield Misshapen(operation, kind, place, with_value(operation.example, place, other))


def odd_texts(operation: Operation) -> Iterator[Misshapen]:
    """Every text of the example as each odd one."""
    for place, value in places(operation.example):
        if isinstance(value, str):
            for kind, text in ODD_TEXTS.items():
                yield Misshapen(operation, kind, place, with_value(operation.example, place, text))


def unknown_members(operation: Operation) -> Iterator[Misshapen]:
    """A member that nobody knows in each object whose members are told (or, without a schema, in the whole)."""
    closed = ["", *(place for place, value in places(operation.example)
                    if isinstance(value, dict) and is_closed(operation, place))]
    for place in closed:
        wrong = f"{place}/unheardOf"
        yield Misshapen(operation, "unknown", wrong, with_value(operation.example, wrong, "text"))


def missing_members(operation: Operation) -> Iterator[Misshapen]:
    """Without each required member."""
    for place, value in [("", operation.example), *places(operation.example)]:
        if isinstance(value, dict):
            for name in schema_at(operation, place).get("required", ()):
                yield Misshapen(operation, "missing", f"{place}/{name}", without(operation.example, f"{place}/{name}"))


def places(document: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every place below the top, as a JSON pointer (RFC 6901), with what is there."""
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in inside:
        place = f"{above}/{str(name).replace('~', '~0').replace('/', '~1')}"
        yield place, value
        if isinstance(value, dict | list):
            yield from places(value, place)


def with_value(document: Any, place: str, value: Any) -> Any:
    changed = deepcopy(document)
    above, name = _parent(changed, place)
    above[name] = value
    return changed


def without(document: Any, place: str) -> Any:
    changed = deepcopy(document)
    above, name = _parent(changed, place)
    above.pop(name, None)
    return changed


def is_closed(operation: Operation, place: str) -> bool:
    return schema_at(operation, place).get("additionalProperties") is False


def schema_at(operation: Operation, place: str) -> dict[str, Any]:
    """What is described of a place, `{}` where nothing is."""
    schema = operation.body or {}
    for name in place.split("/")[1:]:
        inner = schema.get("items") if name.isdigit() else schema.get("properties", {}).get(name)
        schema = resolved(inner or {})
    return schema


def _parent(document: Any, place: str) -> tuple[Any, Any]:
    *above, last = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
    for part in above:
        document = document[int(part) if isinstance(document, list) else part]
    return document, int(last) if isinstance(document, list) else last
