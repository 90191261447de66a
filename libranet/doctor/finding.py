"""What a check says: well, to be looked at, or bad, each with what to do."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from libranet.logs import words_of

WELL, LOOK, BAD = "well", "look", "bad"


@dataclass(frozen=True)
class Finding:
    """What was found about a part; `advice` is there unless it is well."""

    part: str
    level: str
    found: str
    advice: str = ""


Check = Callable[[], Iterable[Finding]]


def well(part: str, found: str) -> Finding:
    """Nothing is to be done."""
    return Finding(part, WELL, found)


def look(part: str, found: str, advice: str) -> Finding:
    """It works, and somebody has to look at it."""
    return Finding(part, LOOK, found, advice)


def bad(part: str, found: str, advice: str) -> Finding:
    """Something does not work, or soon will not."""
    return Finding(part, BAD, found, advice)


def findings(part: str, check: Check) -> Iterator[Finding]:
    """What a check finds about a part, one after the other. That it cannot be made is a finding too."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - a part that is broken in whatever way must not end the others' checks
        yield bad(part, f"It could not be looked at: {words_of(error)}",
                  "See whether the part runs and whether this command's account may use it.")
