"""What somebody means by a label: the skill that is called so, or the one that a slip of the keys is nearest to.

It would rather say nothing than something else: short words, and known ones, are put right only in names of our own
list; a short word keeps its first letter; what may be either of two skills is neither; numbers are never changed.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from services.jobs.skills.domain.taxonomy import Skill, Taxonomy
from services.jobs.skills.domain.words import BREAKS, folded_words

AS_IT_IS, WITHOUT_FILLERS, JOINED = 1.0, 0.9, 0.95
SHORTEST = 3
"""Letters of a word that a key may have slipped in, beside another word; alone it takes one more."""
SURE_FROM, TWO_SLIPS_FROM = 5, 9
"""Letters from which on a word is no longer short, and from which on two keys may have slipped."""
CANDIDATES_A_WORD = 4
MAX_COMBINATIONS = 64
MAX_SLIPPED_WORDS = 3
MAX_WORDS_BORNE_OUT = 4
FILLERS = frozenset("""use using used operate operating do doing basic good great strong excellent some my i can am a
an the of in with and on knowledge experience experienced skill ability able understanding proficient proficiency
familiarity familiar training certificate course""".split())

Words = tuple[str, ...]
Slip = tuple[str, int]
"""A word that may have been meant, and how many slips away it is."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """`score` is 1 for a label as it is known, less for what was read into it."""

    skill: Skill
    score: float


class Vocabulary:
    """The words of some names, and which of them are a slip or two away from another word."""

    def __init__(self, names: Iterable[Words]) -> None:
        self._words = {word for words in names for word in words}
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._words):
            if word.isalpha():
                self._by_length.setdefault(len(word), []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def near(self, word: str, is_alone: bool = False) -> list[Slip]:
        """A short word keeps its first letter, and is the longer when nothing stands beside it."""
        if len(word) < SHORTEST + is_alone or not word.isalpha() or not word.isascii():
            return []
        slips, shortest = (2 if len(word) >= TWO_SLIPS_FROM else 1), min(len(word), SURE_FROM)
        known = [each for length in range(max(len(word) - slips, shortest), len(word) + slips + 1)
                 for each in self._by_length.get(length, ())]
        found = extract(word, known, scorer=OSA.distance, score_cutoff=slips, limit=CANDIDATES_A_WORD)
        return [(each, int(distance)) for each, distance, _ in found
                if each[0] == word[0] or (distance == 1 and len(word) >= SURE_FROM)]


class Resolver:
    """Built once from a taxonomy, then shared by all threads."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._meant = {tuple(folded.split()): taxonomy.holder(folded) or self._closest(taxonomy.labels[folded])
                       for folded in {**taxonomy.labels, **taxonomy.preferred} if folded}
        self._joined = {"".join(_without(BREAKS, words)): words for words in self._meant}
        self._ours = {words for words in self._meant if " ".join(words) in taxonomy.trusted}
        self._all_words, self._our_words = Vocabulary(self._meant), Vocabulary((*self._ours, tuple(FILLERS)))

    def resolve(self, label: str) -> Resolved | None:
        """The skill that the label means, or None. Takes a fraction of a millisecond, a few for a misspelt one."""
        said = folded_words(label)
        words = _without(BREAKS, said)
        if not words or len(words) > 12:
            return None
        for uri, score in self._attempts(said, words):
            if uri:
                return Resolved(self._taxonomy.skills[uri], round(score, 3))
        return None

    def _attempts(self, said: Words, words: Words) -> Iterator[tuple[str | None, float]]:
        bare = _without(FILLERS, words)
        yield self._meant.get(said), AS_IT_IS
        yield self._meant.get(words), AS_IT_IS
        yield self._meant.get(self._joined.get("".join(words), ())), JOINED
        yield self._meant.get(bare), WITHOUT_FILLERS
        yield self._mended(words)
        yield self._mended(bare)
        yield self._borne_out(words)

    def _mended(self, words: Words) -> tuple[str | None, float]:
        """With the words that nobody knows put right."""
        unknown = {word for word in words if word not in self._all_words}
        if not unknown or len(unknown) > MAX_SLIPPED_WORDS:
            return None, 0
        choices = [[(word, 0)] if word not in unknown else self._our_words.near(word, len(words) == 1)
                   if len(word) < SURE_FROM else self._all_words.near(word) for word in words]
        ways = list(islice(product(*choices), MAX_COMBINATIONS))
        return self._likeliest(words, ((self._named(words, way), sum(slips for _, slips in way)) for way in ways))

    def _borne_out(self, words: Words) -> tuple[str | None, float]:
        """With one word put right that is known, but makes a name of ours with the others only when it is."""
        if not 1 < len(words) <= MAX_WORDS_BORNE_OUT:
            return None, 0
        ways = (((*words[:at], near, *words[at + 1:]), slips)
                for at, word in enumerate(words) for near, slips in self._our_words.near(word))
        return self._likeliest(words, ((way if way in self._ours else None, slips) for way, slips in ways))

    def _named(self, words: Words, way: tuple[Slip, ...]) -> Words | None:
        """The name that the words make when they are put right in this way; one of ours, if a short word of it was."""
        spelt = tuple(word for word, _ in way)
        name = next((each for each in (spelt, self._joined.get("".join(spelt)), _without(FILLERS, spelt))
                     if each in self._meant), None)
        is_guess = any(slips and len(word) < SURE_FROM and near not in FILLERS
                       for word, (near, slips) in zip(words, way, strict=True))
        return name if not is_guess or name in self._ours else None

    def _likeliest(self, words: Words, names: Iterable[tuple[Words | None, int]]) -> tuple[str | None, float]:
        """The skill of the name with the fewest slips; None where that may be either of two."""
        found: dict[str, int] = {}
        for name, slips in names:
            if name:
                found[self._meant[name]] = min(slips, found.get(self._meant[name], slips))
        fewest = min(found.values(), default=0)
        best = [uri for uri, slips in found.items() if slips == fewest]
        return (best[0], 1 - fewest / sum(map(len, words))) if len(best) == 1 else (None, 0)

    def _closest(self, uris: tuple[str, ...]) -> str:
        """Of several skills with a name the one whose label is the shortest: the most general one."""
        return min(uris, key=lambda uri: (len(self._taxonomy.skills[uri].label), uri))


def _without(left_out: Container[str], words: Iterable[str]) -> Words:
    return tuple(word for word in words if word not in left_out)
