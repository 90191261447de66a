"""Text as a row of folded words: what makes `Spread-Sheets` and `spreadsheet` the same label.

Case, hyphens and the plural's s do not count; marks that end a thought (a comma, a full stop, a new line) do, so that
no label is found across them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

WORD = re.compile(
    r"https?://\S+|www\.\S+"                    # the words of an address say nothing
    r"|(?<![\w.])\.net\b"                       # the one name that begins with a dot
    r"|[^\W_]+(?:['’.][^\W_]+)*(?:\+\+|[+#])?"  # c++, c#, a+, node.js, driver's
    r"|[,;:!?•|()\[\]\n]|\.(?=\s|$)", re.IGNORECASE)
PAUSES, STOPS = frozenset(",:|()[]"), frozenset(";!?•\n.")
PAUSE, STOP = "|", "||"
BREAKS = (PAUSE, STOP)
"""No label is found across either; what belongs together may stand on both sides of a pause."""
PLURAL_FROM = 4
"""Shorter words keep their s: gas, bus, GIS."""
NO_PLURALS = ("ss", "us", "is", "ics")
STEM = 4
"""Letters in which words of one family agree: stock and stocking, budget and budgeting."""
SNIPPET_CHARACTERS = 120
LONGEST_TEXT = 60_000
"""Characters of a text that are looked at; a posting of more is a catalogue."""


class Word(NamedTuple):
    """A word or a break at `start:end` of its text; `folded` is one of BREAKS for a break."""

    folded: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """All words and breaks, in order."""
    return [Word(_folded(found.group()), found.start(), found.end()) for found in WORD.finditer(text[:LONGEST_TEXT])]


@lru_cache(maxsize=200_000)
def folded_words(label: str) -> tuple[str, ...]:
    """The label's folded words without breaks at its ends."""
    words = [word.folded for word in words_of(label)]
    while words and words[-1] in BREAKS:
        words.pop()
    while words and words[0] in BREAKS:
        words.pop(0)
    return tuple(words)


def fold(label: str) -> str:
    """The same for labels that differ in case, hyphens, blanks or a plural's s only; '' where there is no word."""
    return " ".join(folded_words(label))


def snippet(text: str, start: int, end: int) -> str:
    """What stands at `start:end` with the words around it on its line, at most SNIPPET_CHARACTERS."""
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    room = max(SNIPPET_CHARACTERS - (end - start), 0)
    low, high = max(line_start, start - room // 2), min(line_end, end + room // 2)
    low = low if low == line_start else text.find(" ", low, start) + 1 or start
    high = high if high == line_end else max(text.rfind(" ", end, high), end)
    return " ".join(text[low:high].split())[:SNIPPET_CHARACTERS]


def stems(words: Iterable[str]) -> frozenset[str]:
    """The beginnings of folded words: the same ones for words of one family."""
    return frozenset(word.removesuffix("ing").removesuffix("e")[:STEM] for word in words)


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    if word in PAUSES or word in STOPS:
        return PAUSE if word in PAUSES else STOP
    plain = word.casefold().replace("’", "'").removesuffix("'s").replace("'", "")
    if len(plain) >= PLURAL_FROM and plain.endswith("s") and not plain.endswith(NO_PLURALS):
        return plain[:-3] + "y" if plain.endswith("ies") and len(plain) > PLURAL_FROM else plain[:-1]
    return plain
