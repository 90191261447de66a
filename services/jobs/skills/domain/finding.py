"""Finds the skills that a posting names: Aho-Corasick over its words, the longest name wins.

A result holds only skills of the taxonomy, each once, with the text's own words. What no name stands for is not found:
this does not understand, it looks up.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from services.jobs.postings.domain.posting import FoundSkill
from services.jobs.skills.domain.asides import is_denied_at_once
from services.jobs.skills.domain.company import Mention, has_company, stands_alone
from services.jobs.skills.domain.cues import Cues, Need
from services.jobs.skills.domain.findable import needles
from services.jobs.skills.domain.taxonomy import Taxonomy
from services.jobs.skills.domain.words import Word, snippet, words_of

BEGINS_ANEW = ".!?\n*•–-"
"""What a sentence, a line or an item of a list stands behind."""


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
        for mention, words in self._mentions(title, None):
            start, end = _span(words, mention)
            if not is_denied_at_once(title, start):
                self._note(found, mention.needle.uri, True, snippet(title, start, end))
        cues = Cues(text)
        for mention, words in self._mentions(text, cues):
            start, end = _span(words, mention)
            need = cues.need_at(start, end)
            if need is not Need.NONE:
                self._note(found, mention.needle.uri, need is Need.REQUIRED, snippet(text, start, end))
        return tuple(found.values())

    def _note(self, found: dict[str, FoundSkill], uri: str, required: bool, words: str) -> None:
        known = found.get(uri)
        if known is None or (required and not known.required):
            found[uri] = FoundSkill(uri, self._labels[uri], required, words)

    def _mentions(self, text: str, cues: Cues | None) -> Iterator[tuple[Mention, list[Word]]]:
        words = words_of(text)
        folded = [word.folded for word in words]
        ends = list(accumulate(len(each) + 2 for each in folded))
        seen = [Mention(self._needles[index], bisect_left(ends, start + 1), bisect_left(ends, end) + 1)
                for index, start, end in self._automaton.find_matches_as_indexes(_wrapped(folded))]
        spelt = [each for each in seen if _is_spelt_so(text, words, each)]
        return ((each, words) for each in spelt if _counts(text, words, each, spelt, cues))


def _counts(text: str, words: list[Word], mention: Mention, spelt: list[Mention], cues: Cues | None) -> bool:
    """Whether the name means its skill here; without cues, only company tells."""
    is_shy, is_capital_anyway = mention.needle.shy, _is_capital_anyway(text, words, mention)
    if not (is_shy or is_capital_anyway):
        return True
    if not _is_shouted(text, words, mention) and has_company(mention, words, spelt):
        return True
    return cues is not None and stands_alone(mention, words, spelt, cues, is_told=not is_capital_anyway)


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
    return text[start:end] in (spelling, spelling + "s") or _is_shouted(text, words, mention)


def _is_shouted(text: str, words: list[Word], mention: Mention) -> bool:
    """Whether a name that may stand alone is all in capitals, which says nothing of it elsewhere."""
    start, end = _span(words, mention)
    return mention.needle.may_stand and text[start:end].isupper()


def _is_capital_anyway(text: str, words: list[Word], mention: Mention) -> bool:
    """Whether the capital that the name is known by is that of a sentence or of a line."""
    spelling, start = mention.needle.spelling, words[mention.first].start
    before = text[max(start - 3, 0):start].rstrip(" \t")
    return spelling is not None and spelling.istitle() and (not before or before[-1] in BEGINS_ANEW)
