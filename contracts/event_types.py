"""The published events: one JSON Schema (2020-12) of `data` per type and version, read from `contracts/events/`.

Producers and consumers are both held to these files; nothing else defines an event.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

FOLDER = Path(__file__).parent / "events"


class EventUnlikeContract(ValueError):
    """The event's data does not have the shape that its contract promises."""


@dataclass(frozen=True)
class EventType:
    """`person` is the member of `data` that holds a patron's id; `for_partners` tells who may subscribe outside;
    `recipient` is the member that names the one partner that may hear it, None where others may too."""

    name: str
    schema: dict[str, Any]
    person: str | None
    for_partners: bool
    recipient: str | None = None

    @property
    def publisher(self) -> str:
        return self.name.split(".")[2]

    @property
    def short_name(self) -> str:
        return self.name.split(".")[3]


@cache
def all_types() -> dict[str, EventType]:
    """Every published type by its full name."""
    types = {}
    for path in sorted(FOLDER.glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        types[path.stem] = EventType(
            path.stem, schema, schema.get("x-person"), schema.get("x-partners", False), schema.get("x-recipient"))
    return types


@cache
def _validator(name: str) -> Any:
    return jsonschema_rs.validator_for(all_types()[name].schema)


def check(name: str, data: dict[str, Any]) -> None:
    """Raises EventUnlikeContract when the type is unknown or `data` breaks its schema."""
    if name not in all_types():
        raise EventUnlikeContract(f"{name} is not among the published types in contracts/events")
    try:
        _validator(name).validate(data)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(part) for part in error.instance_path)
        raise EventUnlikeContract(f"{name}: data/{place} {error.message}") from None
    except ValueError as error:
        raise EventUnlikeContract(f"{name}: data cannot be checked: {error}") from None
