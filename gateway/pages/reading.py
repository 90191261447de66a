"""Reads the OpenAPI description into what the page shows: rows of members with their types and rules."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NESTED_LEVELS = 3


@dataclass(frozen=True)
class Member:
    """One parameter or member: `name` is its path in dots, `[]` for the items of a list."""

    name: str
    place: str
    kind: str
    required: bool
    rules: str
    pattern: str
    description: str


@dataclass(frozen=True)
class Answer:
    status: str
    description: str
    media_types: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Operation:
    id: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    allows: tuple[str, ...]
    parameters: tuple[Member, ...]
    body: tuple[Member, ...]
    good: Answer
    problems: tuple[Answer, ...]
    curl: str


def read_operations(described: dict[str, Any]) -> Iterator[Operation]:
    """Every operation, in the order of the description."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield _operation(path, method.upper(), operation, described["components"])


def _operation(path: str, method: str, operation: dict[str, Any], components: dict[str, Any]) -> Operation:
    schemas = components["schemas"]
    answers = [_answer(status, _resolved(answer, components["responses"]), schemas)
               for status, answer in operation["responses"].items()]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        id=operation["operationId"], tag=operation["tags"][0], method=method, path=path,
        summary=operation["summary"], description=operation.get("description", ""),
        allows=tuple(operation["x-allows"]),
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        body=tuple(_members(content.get("schema", {}), schemas)),
        good=next(each for each in answers if each.status < "300"),
        problems=tuple(each for each in answers if each.status >= "300"),
        curl=_curl(path, method, operation, content.get("example")))


def _parameter(parameter: dict[str, Any]) -> Member:
    schema = parameter.get("schema", {})
    return Member(parameter["name"], parameter["in"], _kind(schema), parameter.get("required", False), _rules(schema),
                  schema.get("pattern", ""), parameter.get("description", ""))


def _answer(status: str, answer: dict[str, Any], schemas: dict[str, Any]) -> Answer:
    content = answer.get("content", {})
    members: tuple[Member, ...] = ()
    if status < "300":
        members = tuple(member for each in content.values() for member in _members(each.get("schema", {}), schemas))
    return Answer(status, answer["description"], ", ".join(content), members)


def _members(schema: dict[str, Any], schemas: dict[str, Any], prefix: str = "", level: int = 0) -> Iterator[Member]:
    schema = _resolved(schema, schemas)
    for name, each in schema.get("properties", {}).items():
        target = _resolved(each, schemas)
        yield Member(prefix + name, "body", _kind(target), name in schema.get("required", ()), _rules(target),
                     target.get("pattern", ""), each.get("description") or target.get("description", ""))
        if level < NESTED_LEVELS:
            inner = _resolved(target.get("items", {}), schemas)
            yield from _members(target, schemas, f"{prefix}{name}.", level + 1)
            yield from _members(inner, schemas, f"{prefix}{name}[].", level + 1)


def _resolved(thing: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    reference = thing.get("$ref")
    return named[reference.rpartition("/")[2]] if reference else thing


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "object" if "properties" in schema or "$ref" in schema else "any")
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{text} ({schema['format']})" if "format" in schema else text


def _rules(schema: dict[str, Any]) -> str:
    found = []
    if "enum" in schema:
        found.append("one of " + ", ".join(str(each) for each in schema["enum"]))
    for key, words in (("minLength", "at least {} characters"), ("maxLength", "at most {} characters"),
                       ("maxItems", "at most {} items"), ("minimum", "from {}"), ("maximum", "to {}"),
                       ("x-minimum", "from {}"), ("x-maximum", "to {}"), ("default", "default {}")):
        if key in schema and not (key == "minLength" and schema[key] == 1) and schema[key] != []:
            found.append(words.format(schema[key]))
    return "; ".join(found)


def _curl(path: str, method: str, operation: dict[str, Any], example: Any) -> str:
    """One option a line. The shell puts in $LIBRANET, $KEY and the values of the path."""
    address = "$LIBRANET" + re.sub(r"{(\w+)}", lambda name: "$" + name[1].upper(), path)
    lines = ["curl " + ("" if method == "GET" else f"-X {method} ") + f'"{address}"']
    if operation.get("security"):
        lines.append('-H "Authorization: Bearer $KEY"')
    lines += [f"-H '{each['name']}: {each['example']}'" for each in operation.get("parameters", ())
              if each["in"] == "header" and each.get("required")]
    if example is not None:
        body = json.dumps(example, ensure_ascii=False, indent=2).replace("'", "'\\''")
        lines += ["-H 'Content-Type: application/json'", f"-d '{body}'"]
    return " \\\n  ".join(lines)
