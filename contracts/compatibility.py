"""What may change in a published event: members may be added, nothing else (majors get a new type name).

Old hearers read new events and new hearers read old ones, so neither a required member may go nor a new one become
required, and no member may change its meaning: type, format, and values may only widen.
"""

import json
from pathlib import Path
from typing import Any

from contracts.event_types import FOLDER

PUBLISHED = FOLDER / "published"
FIXED = ("type", "format", "pattern", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
         "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "additionalProperties", "$ref",
         "anyOf", "oneOf", "allOf", "not", "x-person")


def breaks(old: dict[str, Any], new: dict[str, Any], place: str = "data") -> list[str]:
    """What of `new` breaks somebody who relies on `old`, in words; empty when nothing does."""
    found = [f"{place}: {member} was {old.get(member)!r} and is {new.get(member)!r}"
             for member in FIXED if old.get(member) != new.get(member)]
    if set(old.get("required", ())) != set(new.get("required", ())):
        found.append(f"{place}: the required members changed")
    if ("enum" in old or "enum" in new) and not set(old.get("enum", ("any",))) <= set(new.get("enum", ())):
        found.append(f"{place}: values were taken away")
    if "items" in new and "items" not in old:
        found.append(f"{place}[]: items are held to a shape now")
    for name, inner in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            found.append(f"{place}/{name} is gone")
        else:
            found += breaks(inner, new["properties"][name], f"{place}/{name}")
    if "items" in old:
        found += breaks(old["items"], new.get("items", {}), f"{place}[]")
    return found


def published(name: str, folder: Path = PUBLISHED) -> dict[str, Any] | None:
    """The schema as it was published last, or None for a new type."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def publish(schemas: dict[str, dict[str, Any]], folder: Path = PUBLISHED) -> list[str]:
    """Records the schemas as published; gives the reasons and records nothing when one breaks its last version."""
    reasons = [reason for name, schema in schemas.items() if (old := published(name, folder)) is not None
               for reason in (f"{name} {each}" for each in breaks(old, schema))]
    if not reasons:
        folder.mkdir(exist_ok=True)
        for name, schema in schemas.items():
            text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return reasons
