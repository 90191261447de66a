"""Whether an ambiguous name ("Excel", "Go") means the skill where it stands: by the words beside it."""

from bisect import bisect_left
from dataclasses import dataclass
from operator import attrgetter

from services.jobs.skills.domain.cues import Cues
from services.jobs.skills.domain.findable import Needle
from services.jobs.skills.domain.words import PAUSE, STOP, Word

COMPANY = frozenset("programming program programmer language developer development engineer code coding framework "
                    "stack script scripting backend frontend software statistical studio microsoft m office powerpoint "
                    "outlook excel spreadsheet proficient proficiency".split())
COMPANY_WORDS = 6
"""How far away a shy name's company may stand."""

JOINING = frozenset(("and", "or", PAUSE))
BEFORE = frozenset("know knowing need require use using with in of like including basic intermediate advanced strong "
                   "good solid some".split())
AFTER = frozenset("require required preferred needed necessary essential mandatory desired desirable helpful must plus "
                  "is are a skill knowledge experience expertise".split())
"""Folded words that may stand beside the name of a thing that is asked for."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill named by the words `first:last` of a text."""

    needle: Needle
    first: int
    last: int


def has_company(mention: Mention, words: list[Word], spelt: list[Mention]) -> bool:
    """A word of COMPANY, or another skill of the kind that has a capital or a sign in it, in the same sentence."""
    low, high = _reach(mention, words)
    around = [*words[low:mention.first], *words[mention.last:high]]
    if any(word.folded in COMPANY for word in around):
        return True
    return any(each.last <= high and each.needle.uri != mention.needle.uri and _is_technical(each)
               for each in _between(spelt, "first", low, high))


def _between(spelt: list[Mention], edge: str, low: int, high: int) -> list[Mention]:
    """Of mentions in order those whose edge is within `low:high`: a text may have thousands."""
    place = attrgetter(edge)
    return spelt[bisect_left(spelt, low, key=place):bisect_left(spelt, high, key=place)]


def _reach(mention: Mention, words: list[Word]) -> tuple[int, int]:
    low, high = mention.first, mention.last
    while low > 0 and mention.first - low < COMPANY_WORDS and words[low - 1].folded != STOP:
        low -= 1
    while high < len(words) and high - mention.last < COMPANY_WORDS and words[high].folded != STOP:
        high += 1
    return low, high


def _is_technical(mention: Mention) -> bool:
    """Of a kind with languages and tools: written with a capital or a sign, where most skills are plain words."""
    return mention.needle.spelling is not None or not all(word.isalpha() for word in mention.needle.folded)


def stands_alone(mention: Mention, words: list[Word], spelt: list[Mention], cues: Cues, *, is_told: bool) -> bool:
    """Whether the name is a thing of its own, with nothing beside it but a stop, "and", or a word that asks; and is
    asked for by a word or a heading, or joined to another skill. Without a capital that `is_told` by the name alone, an
    "and" has to join it to a skill: "Access and update records" begins with a verb."""
    if not mention.needle.may_stand:
        return False
    is_joined = _is_joined(mention, words, spelt)
    edges = {STOP} | (JOINING if is_told or is_joined else frozenset())
    before, after = words[max(mention.first - 1, 0):mention.first], words[mention.last:mention.last + 1]
    is_whole = all(each.folded in edges | BEFORE for each in before) and all(
        each.folded in edges | AFTER for each in after)
    return is_whole and (is_joined or cues.asks_at(words[mention.first].start, words[mention.last - 1].end))


def _is_joined(mention: Mention, words: list[Word], spelt: list[Mention]) -> bool:
    """Whether only "and", "or" or a comma parts it from another skill."""
    low, high = mention.first, mention.last
    while low > 0 and words[low - 1].folded in JOINING:
        low -= 1
    while high < len(words) and words[high].folded in JOINING:
        high += 1
    before = _between(spelt, "last", low, low + 1) if low < mention.first else []
    after = _between(spelt, "first", high, high + 1) if high > mention.last else []
    return any(each.needle.uri != mention.needle.uri for each in (*before, *after))
