"""Documents that are wrong in one place: made from a good one, with the place that an answer has to name."""

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
TYPES = {"string": str, "boolean": bool, "object": dict, "array": list}
NOTHING = object()
ODD_TEXTS = {
    "empty": "", "blank": "  \t ", "NUL": "a\x00b", "oversize": "x" * 100_000, "control": "\x01\x1b[31m",
    "backwards": "\u202ea\u2066b", "operator": "$ne", "path": "../../etc/passwd", "script": "<script>alert(1)</script>",
    "template": "{{7*7}}${7*7}", "combining": "e\u0301" * 150, "astral": "\U0001f4da" * 250,
}


@dataclass(frozen=True)
class Misshapen:
    """Wrong at `place`, a JSON pointer, where `value` is to stand; `kind` says how."""

    operation: Operation
    kind: str
    place: str
    value: Any

    def document(self, good: Any) -> Any:
        """The good document with that in it."""
        changed = deepcopy(good)
        above, name = _parent(changed, self.place)
        if self.value is NOTHING:
            above.pop(name, None)
        else:
            above[name] = self.value
        return changed

    def __str__(self) -> str:
        return f"{self.operation.name}{self.place}-{self.kind}"


def wrong_types(operation: Operation) -> Iterator[Misshapen]:
    """Every member with a value of every other type; what is not described may be of any."""
    for place, kind_due in members(operation):
        for kind, other in OTHER_TYPES.get(kind_due, {}).items():
            yield Misshapen(operation, kind, place, other)


def odd_texts(operation: Operation) -> Iterator[Misshapen]:
    """Every text as each odd one."""
    for place, kind_due in [*members(operation), *free_texts(operation)]:
        if kind_due is str:
            for kind, text in ODD_TEXTS.items():
                yield Misshapen(operation, kind, place, text)


def members(operation: Operation) -> Iterator[tuple[str, type]]:
    """Every place with the type that is due there: those of the example, and described ones that it leaves out."""
    for place, value in places(operation.example):
        if not is_free(operation, place):
            yield place, type(value)
    for place, value in [("", operation.example), *places(operation.example)]:
        if isinstance(value, dict):
            for name, schema in schema_at(operation, place).get("properties", {}).items():
                if name not in value:
                    yield f"{place}/{name}", TYPES.get(resolved(schema).get("type", ""), type(None))


def free_texts(operation: Operation) -> list[tuple[str, type]]:
    """Texts of the example that may be anything (inside a credential to verify)."""
    return [(place, str) for place, value in places(operation.example)
            if isinstance(value, str) and is_free(operation, place)]


def unknown_members(operation: Operation) -> Iterator[Misshapen]:
    """A member that nobody knows in the whole and in each object whose members are told."""
    inside = [place for place, value in places(operation.example) if isinstance(value, dict)]
    for place in ["", *inside]:
        is_closed = schema_at(operation, place).get("additionalProperties") is False
        if is_closed or (place == "" and not operation.is_open):
            yield Misshapen(operation, "unknown", f"{place}/unheardOf", "text")


def missing_members(operation: Operation) -> Iterator[Misshapen]:
    """Without each required member."""
    for place, value in [("", operation.example), *places(operation.example)]:
        if isinstance(value, dict):
            for name in schema_at(operation, place).get("required", ()):
                yield Misshapen(operation, "missing", f"{place}/{name}", NOTHING)


def places(document: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every place below the top, as a JSON pointer (RFC 6901), with what is there."""
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in inside:
        place = f"{above}/{str(name).replace('~', '~0').replace('/', '~1')}"
        yield place, value
        if isinstance(value, dict | list):
            yield from places(value, place)


def is_free(operation: Operation, place: str) -> bool:
    """Whether anything may stand there (inside a credential to verify); a statement has rules that no schema tells."""
    return not operation.is_xapi and not schema_at(operation, place)


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
