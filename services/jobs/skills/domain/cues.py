"""Whether a posting requires what it mentions, only wishes it, or speaks of something else: by the words around it.

The nearest cue in the mention's own sentence decides, else the heading that it stands under. Without either, what is
listed or asked of "you" is required, and what is only told in a sentence is not. What stands under "Benefits" or "About
us", tells how to apply, or is an aside, is not asked for. A heading before a colon ("Requirements: …") or a dash holds
to the next one, or to the end of its line.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from services.jobs.skills.domain.asides import NEAR, denied_from, is_of_others


class Need(Enum):
    REQUIRED = "required"
    WISHED = "wished"
    NONE = "none"


WISHED = re.compile(
    r"\b(?:prefer(?:red|ably|ence|s)?|desired|desirable|nice[- ]to[- ]haves?|(?:a|big|definite) plus|bonus"
    r"|ideal(?:ly)?|helpful|advantage(?:ous)?|an asset|optional|(?:is|are) welcome|beneficial|would be great"
    r"|familiarity with"
    r"|(?:not|\w+n['’]t) (?:strictly |necessarily |be |an? )?(?:required?|necessary|need(?:ed)?|mandatory|essential"
    r"|must|requirement|prerequisite|expected)"
    r"|no (?!less|fewer|more|later)(?:[\w-]+ ){0,8}(?:required|needed|necessary|expected)"
    r"|(?:will|can|we'll|we’ll) (?:train|teach)|(?:on[- ]the[- ]job )?training (?:is |will be )?(?:provided|available)"
    r"|(?:willing|willingness|able|eager) to learn|or (?:willing|able) to obtain)\b", re.IGNORECASE)
REQUIRED = re.compile(
    r"\b(?:required|requires?|must|mandatory|essential|minimum|at least|need(?:ed|s)?|necessary|shall"
    r"|prerequisite|proven|demonstrated)\b", re.IGNORECASE)
ASKING = re.compile(
    r"\b(?:experienced? (?:in|with|using|working|as|of)|ability to|able to|capable of|proficien\w+|knowledge|knows?"
    r"|skill(?:s|ed)|fluen\w+|competen\w+|expertise|background in|understanding of|comfortable with|responsib\w+"
    r"|dut(?:y|ies)|tasks|you(?:'ll|’ll| will)|seek(?:s|ing)|looking for|wanted|licen[sc]ed?|certifi\w+|degree"
    r"|diploma)\b", re.IGNORECASE)
"""Words by which a sentence asks something of somebody. A heading says it better."""
APPLYING = re.compile(
    r"@[\w-]+\.\w|\b(?:e-?mail address|application (?:status|process|materials?)\b"
    r"|direct (?:all )?(?:your )?(?:communications?|questions|inquiries|resumes?)\b"
    r"|(?:e-?mail|call|text|contact|reach|write to) (?:us|me|our office)\b"
    r"|(?:send|submit|forward|e-?mail|fax|mail|attach|upload)\b[^.;\n]{0,60}"
    r"\b(?:r[eé]sum[eé]|cv|curriculum vitae|cover letter|your application|an application)(?!\w))", re.IGNORECASE)
"""What tells how to apply, and where to write."""
HEADINGS = (
    (Need.NONE, re.compile(
        r"\b(?:benefits(?! (?:nav|coun|admin|app))|perks|we offer|who we are"
        r"|about (?!you\b|(?:the|this) (?:role|job|position|work|opportunity)\b)"
        r"|equal (?:employment )?opportunity|compensation|our (?:mission|values|story)|why (?:join|work|you)"
        r"|how to apply|pay range|salary)", re.IGNORECASE)),
    (Need.WISHED, re.compile(
        r"\b(?:prefer(?:red|ences)?|desired|desirable|nice[- ]to[- ]haves?|bonus|pluses|ideal|a plus|optional)\b",
        re.IGNORECASE)),
    (Need.REQUIRED, re.compile(
        r"\b(?:requirements?|required|qualifications|must[- ]haves?|you(?:'ll|’ll| will)? (?:need|bring)"
        r"|you have|about you|who you are|looking for|responsibilities|duties"
        r"|what you(?:'ll|’ll| will) do|the role|tasks|functions|job (?:summary|description))\b", re.IGNORECASE)),
)
TOPICS = re.compile(r"\b(?:skills|education|experience|knowledge|abilities)\b", re.IGNORECASE)
"""Headings of what is required, unless they part what stands under another one."""
Cue = tuple[int, int, Need]
"""Where it begins and ends in its sentence, and what it says."""
HEADING_CHARACTERS, HEADING_WORDS = 70, 8
MARKS = " \t\n*#-–—_"
"""What headings are dressed with."""
PROSE_ENDS = (".", "!", "?")
BULLET = re.compile(r"\s*(?:[*•·–—-]|\d{1,2}[.)])")
SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n|•")
NAMING = re.compile(r"(?:department|division|agency|team|report(?:s|ing)(?: to)?)\s*:?\s*", re.IGNORECASE)
"""Headings of who it is with: what follows, up to the end of the line, is a name."""
COLON = re.compile(r":(?=[^\S\n]*[^\s/\d])")
"""One with something behind it on its line that is no time of day and no address."""
DASH = re.compile(
    r"^[^\S\n]*+(?P<words>[^\n:.;,!?•–—]{1,70}?)(?:[^\S\n]*+[–—]|(?<=[\sa-z])-)(?=[^\S\n]++\S)", re.MULTILINE)
"""A dash behind the first words of a line."""
BEFORE_CLAUSE = re.compile(r".*[.!?;:,•|\n]", re.DOTALL)
INLINE_WORDS = 5
"""Before a colon, that a heading is looked for in: more are a sentence."""
INLINE = re.compile("|".join(each.pattern for each in (*(pattern for _, pattern in HEADINGS[1:]), WISHED, TOPICS)),
                    re.IGNORECASE)


@dataclass(frozen=True)
class _Sentence:
    """What does not depend on the mention is found once: a text without a stop may have thousands of both."""

    start: int
    text: str
    heading: Need | None
    has_bullet: bool
    heading_end: int = 0
    """How much of the text is a heading before a colon or a dash."""

    @property
    def is_listed(self) -> bool:
        """Whether it stands behind a bullet or a number, or does not end as prose does."""
        return self.has_bullet or self.text.rstrip()[-1:] not in PROSE_ENDS

    @cached_property
    def asks(self) -> bool:
        """Whether a word of it asks for something or wishes it."""
        return any(each.search(self.text) for each in (WISHED, REQUIRED, ASKING))

    @cached_property
    def cues(self) -> list[list[Cue]]:
        return _cues(self)

    @cached_property
    def held(self) -> int:
        """How far a heading before a colon holds whatever is said behind it: up to the item that has the first cue."""
        if not self.heading_end:
            return 0
        return max(self.heading_end, self.text.rfind(",", 0, min(kind[0][0] for kind in self.cues)))


class Cues:
    """Reads a text once; asked for each mention by its place."""

    def __init__(self, text: str) -> None:
        self._sentences = list(_sentences(text))
        self._starts = [each.start for each in self._sentences]

    def need_at(self, start: int, end: int) -> Need:
        """What the mention at `start:end` of the text is to the posting."""
        sentence = self._sentence_at(start)
        low, high = start - sentence.start, end - sentence.start
        denied = denied_from(sentence.text, low)
        if denied is not None:
            excuse = WISHED.search(sentence.text, denied, high + NEAR)
            return Need.WISHED if excuse and excuse.start() <= high else Need.NONE
        if is_of_others(sentence.text, low, high):
            return Need.NONE
        if sentence.heading and high <= sentence.held:
            return sentence.heading
        near = [each for kind in sentence.cues for each in _nearest(kind, low)]
        return min(near, key=lambda cue: _distance(cue, low, high))[2]

    def asks_at(self, start: int, end: int) -> bool:
        """Whether a word, a heading or a bullet, and not only the kind of sentence, asks for or wishes what stands
        there."""
        here = self._sentence_at(start)
        return bool(here.heading or here.has_bullet or here.asks) and self.need_at(start, end) is not Need.NONE

    def _sentence_at(self, start: int) -> _Sentence:
        return self._sentences[max(bisect_right(self._starts, start) - 1, 0)]


def _sentences(text: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    above: Need | None = None
    inline: Need | None = None
    start = 0
    colons = {begin: end for begin, end in _inline_headings(text)}
    for end in sorted({*(each.end() for each in SENTENCE_END.finditer(text)), *colons, len(text)}):
        part = text[start:end]
        heading_end = colons.get(start, start) - start
        if heading_end:
            inline = _inline_need(part[:heading_end], inline or above)
        elif inline is None:
            above = _heading(part, text[end:end + 1]) or above
        has_bullet = _has_bullet(part, found[-1].text if found else "")
        found.append(_Sentence(start, part, inline or above, has_bullet, heading_end))
        if part.endswith("\n") or inline is Need.NONE:
            inline = Need.NONE if NAMING.fullmatch(part.strip(MARKS)) else None
        start = end
    return found


def _inline_headings(text: str) -> Iterator[tuple[int, int]]:
    """Where headings before a colon, or before a dash at the beginning of a line, begin and end."""
    for dash in DASH.finditer(text):
        if len(dash["words"].split()) <= INLINE_WORDS and _heading_place(dash["words"].lstrip(MARKS)) == 0:
            yield dash.start("words"), dash.end()
    for colon in COLON.finditer(text):
        low = max(colon.start() - HEADING_CHARACTERS, 0)
        before = BEFORE_CLAUSE.match(text, low, colon.start())
        low = before.end() if before else low
        parts = text[low:colon.start()].rsplit(None, INLINE_WORDS)
        low += len(parts[0]) if len(parts) > INLINE_WORDS else 0
        place = _heading_place(text[low:colon.start()])
        if place is not None:
            yield low + place, colon.end()


def _heading_place(words: str) -> int | None:
    """Where a heading begins in the last words before a colon; what tells of pay or of the employer has no others."""
    if _tells_of_employer(words):
        return 0
    found = INLINE.search(words)
    return found.start() if found else None


def _tells_of_employer(heading: str) -> bool:
    words = heading.strip(MARKS)
    return bool(HEADINGS[0][1].match(words) or NAMING.fullmatch(words))


def _inline_need(heading: str, above: Need | None) -> Need | None:
    """What a heading before a colon says; a mere topic says it only where nothing stands above it."""
    if _tells_of_employer(heading):
        return Need.NONE
    if WISHED.search(heading):
        return Need.WISHED
    return next((need for need, pattern in HEADINGS[1:] if pattern.search(heading)), above or Need.REQUIRED)


def _heading(part: str, follows: str) -> Need | None:
    """What begins here, where the part is a line of its own that reads like a heading."""
    line = part.strip(MARKS)
    is_short = 0 < len(line) <= HEADING_CHARACTERS and len(line.split()) <= HEADING_WORDS
    if not (is_short and follows and part.endswith("\n")) or line[-1] in ".;,":
        return None
    said = next((need for need, pattern in HEADINGS if pattern.search(line)), None)
    return said or (Need.REQUIRED if TOPICS.search(line) else None)


def _cues(sentence: _Sentence) -> list[list[Cue]]:
    """Those in the sentence by kind; where there is none, or none that counts, one that is the whole of it."""
    text = sentence.text
    if sentence.heading is Need.NONE or APPLYING.search(text):
        return [[(0, len(text), Need.NONE)]]
    wished = [(*each.span(), Need.WISHED) for each in WISHED.finditer(text, sentence.heading_end)]
    required = [(*each.span(), Need.REQUIRED) for each in REQUIRED.finditer(text, sentence.heading_end)]
    left = [each for each in required if not any(low <= each[0] < high for low, high, _ in _nearest(wished, each[0]))]
    return [*filter(None, (wished, left))] or [[(0, len(text), sentence.heading or _need_without(sentence))]]


def _nearest(cues: list[Cue], start: int) -> list[Cue]:
    """Of cues in order the last that ends before this place and the next one: none is nearer."""
    place = bisect_left(cues, start, key=lambda cue: cue[1])
    return cues[max(place - 1, 0):place + 1]


def _has_bullet(part: str, before: str) -> bool:
    return bool(BULLET.match(part) or BULLET.fullmatch(before) or before.endswith("•"))


def _need_without(sentence: _Sentence) -> Need:
    """Without a cue or a heading: prose that asks for nothing only mentions."""
    return Need.REQUIRED if sentence.is_listed or ASKING.search(sentence.text) else Need.WISHED


def _distance(cue: Cue, start: int, end: int) -> int:
    return max(cue[0] - end, start - cue[1], 0)
