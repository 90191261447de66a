"""How something was done, as far as its statement tells: under somebody's eyes, and for how long.

xAPI has a place for durations (`result.duration`) and none for proctoring. What platforms have in common is the name:
an extension of the result or the context whose IRI ends with `proctored`, true or false.
"""

from typing import Any

from services.learning.domain.xapi.values import read_hours

PROCTORED = "proctored"


def was_proctored(statement: dict[str, Any]) -> bool | None:
    """Whether somebody watched; None where that is not told. Of several that differ, the no counts."""
    told = [value for part in ("result", "context")
            for name, value in statement.get(part, {}).get("extensions", {}).items()
            if _last_segment(name) == PROCTORED and isinstance(value, bool)]
    return all(told) if told else None


def hours_of(statement: dict[str, Any]) -> float | None:
    """How long it took, in hours; None where that is not told in units that are always as long."""
    duration = statement.get("result", {}).get("duration")
    return None if duration is None else read_hours(duration)


def _last_segment(iri: str) -> str:
    return iri.rstrip("/").replace("#", "/").replace(":", "/").rpartition("/")[2].lower()
