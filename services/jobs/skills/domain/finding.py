"""Finds the skills that a posting names: Aho-Corasick over its words, the longest name wins.

A result holds only skills of the taxonomy, each once, with the text's own words. What no name stands for is not found:
this does not understand, it looks up.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from services.jobs.postings.domain.posting import FoundSkill
from services.jobs.skills.domain.cues import Cues, Need
from services.jobs.skills.domain.findable import Needle, needles
from services.jobs.skills.domain.taxonomy import Taxonomy
from services.jobs.skills.domain.words import STOP, Word, snippet, words_of

COMPANY = frozenset("programming program programmer language developer development engineer code coding framework "
                    "stack script scripting backend frontend software statistical studio microsoft m office powerpoint "
                    "outlook excel spreadsheet proficient proficiency".split())
COMPANY_WORDS = 6
"""How far away a shy name's company may stand."""


BEGINS_ANEW = ".!?\n*•–-"
"""What a sentence, a line or an item of a list stands behind."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill named by the words `first:last` of a text."""

    needle: Needle
    first: int
    last: int


class SkillFinder:
    """Built once from a taxonomy (a second for a hundred thousand names), then shared by all threads."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._labels = {uri: skill.label for uri, skill in taxonomy.skills.items()}
        self._needles = list(needles(taxonomy))
        self._automaton = AhoCorasick([_wrapped(each.folded) for each in self._needles],
                                      matchkind=MatchKind.LeftmostLongest, store_patterns=False,
                                      implementation=Implementation.ContiguousNFA)

    def __len__(self) -> int:
        return len(self._needles)

    def find(self, title: str, text: str) -> tuple[FoundSkill, ...]:
        """The skills of a posting, in the order of their first mention; those of the title are required."""
        found: dict[str, FoundSkill] = {}
        for mention, words in self._mentions(title):
            self._note(found, mention.needle.uri, True, snippet(title, *_span(words, mention)))
        cues = None
        for mention, words in self._mentions(text):
            cues = cues or Cues(text)
            start, end = _span(words, mention)
            need = cues.need_at(start, end)
            if need is not Need.NONE:
                self._note(found, mention.needle.uri, need is Need.REQUIRED, snippet(text, start, end))
        return tuple(found.values())

    def _note(self, found: dict[str, FoundSkill], uri: str, required: bool, words: str) -> None:
        known = found.get(uri)
        if known is None or (required and not known.required):
            found[uri] = FoundSkill(uri, self._labels[uri], required, words)

    def _mentions(self, text: str) -> Iterator[tuple[Mention, list[Word]]]:
        words = words_of(text)
        folded = [word.folded for word in words]
        ends = list(accumulate(len(each) + 2 for each in folded))
        seen = [Mention(self._needles[index], bisect_left(ends, start + 1), bisect_left(ends, end) + 1)
                for index, start, end in self._automaton.find_matches_as_indexes(_wrapped(folded))]
        spelt = [each for each in seen if _is_spelt_so(text, words, each)]
        return ((each, words) for each in spelt
                if not (each.needle.shy or _is_capital_anyway(text, words, each)) or _has_company(each, words, spelt))


def _span(words: list[Word], mention: Mention) -> tuple[int, int]:
    return words[mention.first].start, words[mention.last - 1].end


def _wrapped(words: Iterable[str]) -> str:
    """Each word between marks that stand in no text, so that names are found at whole words only."""
    return "\x01" + "\x02\x01".join(words) + "\x02"


def _is_spelt_so(text: str, words: list[Word], mention: Mention) -> bool:
    spelling = mention.needle.spelling
    if spelling is None:
        return True
    start, end = _span(words, mention)
    return text[start:end] in (spelling, spelling + "s")


def _is_capital_anyway(text: str, words: list[Word], mention: Mention) -> bool:
    """Whether the capital that the name is known by is that of a sentence or of a line."""
    spelling, start = mention.needle.spelling, words[mention.first].start
    before = text[max(start - 3, 0):start].rstrip(" \t")
    return spelling is not None and spelling.istitle() and (not before or before[-1] in BEGINS_ANEW)


def _has_company(mention: Mention, words: list[Word], spelt: list[Mention]) -> bool:
    """A word of COMPANY, or another skill of the kind that has a capital or a sign in it, in the same sentence."""
    low, high = _reach(mention, words)
    around = [*words[low:mention.first], *words[mention.last:high]]
    if any(word.folded in COMPANY for word in around):
        return True
    return any(low <= each.first and each.last <= high and each.needle.uri != mention.needle.uri
               and _is_technical(each) for each in spelt)


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
