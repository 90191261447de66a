"""Whether a posting requires what it mentions, only wishes it, or speaks of something else: by the words around it.

The nearest cue in the mention's own sentence decides, else the heading that it stands under; without either it is
required, as an employer seldom names what does not matter. What stands under "Benefits" or "About us" is not asked for.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum


class Need(Enum):
    REQUIRED = "required"
    WISHED = "wished"
    NONE = "none"


WISHED = re.compile(
    r"\b(?:prefer(?:red|ably|ence|s)?|desired|desirable|nice[- ]to[- ]haves?|(?:a|big|definite) plus|bonus"
    r"|ideal(?:ly)?|helpful|advantage(?:ous)?|an asset|optional|(?:is|are) welcome|beneficial|would be great"
    r"|familiarity with"
    r"|not (?:strictly |necessarily |be )?(?:required|necessary|needed|mandatory|essential)"
    r"|no (?:prior |previous )?(?:[\w-]+ ){0,4}(?:is |are )?(?:required|needed|necessary)"
    r"|(?:will|can|we'll|we’ll) (?:train|teach)|(?:on[- ]the[- ]job )?training (?:is |will be )?(?:provided|available)"
    r"|(?:willing|willingness|able|eager) to learn|or (?:willing|able) to obtain)\b", re.IGNORECASE)
REQUIRED = re.compile(
    r"\b(?:required|requires?|must|mandatory|essential|minimum|at least|need(?:ed|s)?|necessary|shall"
    r"|prerequisite|proven|demonstrated)\b", re.IGNORECASE)
HEADINGS = (
    (Need.NONE, re.compile(
        r"\b(?:benefits(?! (?:nav|coun|admin|app))|perks|we offer|who we are"
        r"|about (?:us|the (?:company|team|organi[sz]ation|library|agency)|our)"
        r"|equal (?:employment )?opportunity|compensation|our (?:mission|values|story)|why (?:join|work|you)"
        r"|how to apply|pay range|salary)", re.IGNORECASE)),
    (Need.WISHED, re.compile(
        r"\b(?:prefer(?:red|ences)?|desired|desirable|nice[- ]to[- ]have|bonus|pluses|ideal|a plus|optional)\b",
        re.IGNORECASE)),
    (Need.REQUIRED, re.compile(
        r"\b(?:requirements?|required|qualifications|must[- ]haves?|skills|what you(?:'ll|’ll| will)? (?:need|bring)"
        r"|you have|about you|who you are|looking for|education|experience|knowledge|abilities|responsibilities|duties"
        r"|what you(?:'ll|’ll| will) do|the role|tasks|functions|job (?:summary|description))\b", re.IGNORECASE)),
)
Cue = tuple[int, int, Need]
"""Where it begins and ends in its sentence, and what it says."""
HEADING_CHARACTERS, HEADING_WORDS = 70, 8
SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n|•")


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    text: str
    heading: Need | None


class Cues:
    """Reads a text once; asked for each mention by its place."""

    def __init__(self, text: str) -> None:
        self._sentences = list(_sentences(text))
        self._starts = [each.start for each in self._sentences]
        self._cues: dict[int, list[Cue]] = {}

    def need_at(self, start: int, end: int) -> Need:
        """What the mention at `start:end` of the text is to the posting."""
        number = max(bisect_right(self._starts, start) - 1, 0)
        sentence = self._sentences[number]
        if sentence.heading is Need.NONE:
            return Need.NONE
        if number not in self._cues:
            self._cues[number] = _cues(sentence.text)
        nearest = min(self._cues[number], default=None, key=lambda cue: _distance(
            cue, start - sentence.start, end - sentence.start))
        return nearest[2] if nearest else sentence.heading or Need.REQUIRED


def _sentences(text: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    heading: Need | None = None
    start = 0
    for end in (*(each.end() for each in SENTENCE_END.finditer(text)), len(text)):
        part = text[start:end]
        heading = _heading(part, text[end:end + 1]) or heading
        found.append(_Sentence(start, part, heading))
        start = end
    return found


def _heading(part: str, follows: str) -> Need | None:
    """What begins here, where the part is a line of its own that reads like a heading."""
    line = part.strip(" \t\n*#-–—_")
    is_short = 0 < len(line) <= HEADING_CHARACTERS and len(line.split()) <= HEADING_WORDS
    if not (is_short and follows and part.endswith("\n")) or line[-1] in ".;,":
        return None
    return next((need for need, pattern in HEADINGS if pattern.search(line)), None)


def _cues(sentence: str) -> list[Cue]:
    wished = [(*each.span(), Need.WISHED) for each in WISHED.finditer(sentence)]
    required = [(*each.span(), Need.REQUIRED) for each in REQUIRED.finditer(sentence)]
    return [*wished, *(each for each in required if not any(low <= each[0] < high for low, high, _ in wished))]


def _distance(cue: Cue, start: int, end: int) -> int:
    return max(cue[0] - end, start - cue[1], 0)
