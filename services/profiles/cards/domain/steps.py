"""The steps of one exchange with a library's system, as a person may see them: no card, no PIN, no name, no secret.

Of a message only what is listed here is shown; every other value stands as ••• with the name of its field.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.profiles.cards.domain.frames import FIXED_LENGTHS, Dialect, FrameUnusable, read

SHOWN = ("BL", "CQ", "BX")
"""Whether card and PIN are valid, and which messages the system knows."""
SHOWN_FIXED = {"94": 1, "98": 34, "24": 14, "64": 14, "36": 1}
"""Of an answer's fixed part, how much tells nothing about a person's loans."""
HIDDEN = "•••"
LONGEST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Step:
    """`outcome` is `ok`, `failed` or `skipped`; `sent` and `got` are redacted messages, `note` says what it means."""

    name: str
    outcome: str
    note: str = ""
    sent: str = ""
    got: str = ""
    milliseconds: float = 0.0


Watch = Callable[[Step], None]


def shown_request(code: str, fixed: str, fields: Iterable[tuple[str, str]]) -> str:
    """A message of ours: its date and its field names."""
    return (code + fixed + "".join(f"{tag}{HIDDEN if value else ''}|" for tag, value in fields))[:LONGEST_SHOWN]


def shown_answer(raw: bytes, dialect: Dialect) -> str:
    """A message of theirs; of what is no message only its length."""
    try:
        frame = read(raw, dialect)
    except FrameUnusable as reason:
        return f"{len(raw)} bytes: {reason}"
    kept = SHOWN_FIXED.get(frame.code, 0)
    rest = "…" if kept < FIXED_LENGTHS[frame.code] else ""
    fields = "".join(f"{tag}{value if tag in SHOWN else HIDDEN}|" for tag, value in frame.fields)
    return (frame.code + frame.fixed[:kept] + rest + fields)[:LONGEST_SHOWN]
