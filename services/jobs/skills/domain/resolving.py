"""What somebody means by a label: the skill that is called so, or the one that a slip of the keys is nearest to.

It would rather say nothing than something else: a word that is known is never taken for a slip, short words are taken
as they are, and numbers are never changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from services.jobs.skills.domain.taxonomy import Skill, Taxonomy
from services.jobs.skills.domain.words import BREAKS, folded_words

AS_IT_IS, WITHOUT_FILLERS, JOINED = 1.0, 0.9, 0.95
SHORTEST_SLIP = 5
TWO_SLIPS_FROM = 9
"""Letters of a word in which one, and in which two keys may have slipped."""
CANDIDATES_A_WORD = 4
MAX_COMBINATIONS = 64
MAX_SLIPPED_WORDS = 3
FILLERS = frozenset("""use using used operate operating do doing basic good great strong excellent some my i can am a
an the of in with and on knowledge experience experienced skill ability able understanding proficient proficiency
familiarity familiar training certificate course""".split())


@dataclass(frozen=True, slots=True)
class Resolved:
    """`score` is 1 for a label as it is known, less for what was read into it."""

    skill: Skill
    score: float


class Resolver:
    """Built once from a taxonomy, then shared by all threads."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._meant: dict[tuple[str, ...], str] = {}
        for folded, uris in taxonomy.labels.items():
            self._meant[tuple(folded.split())] = taxonomy.preferred.get(folded) or self._closest(folded, uris)
        for folded, uri in taxonomy.preferred.items():
            self._meant[tuple(folded.split())] = uri
        self._joined = {"".join(words): uri for words, uri in self._meant.items()}
        self._known_words = {word for words in self._meant for word in words}
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._known_words):
            if word.isalpha():
                self._by_length.setdefault(len(word), []).append(word)

    def resolve(self, label: str) -> Resolved | None:
        """The skill that the label means, or None. Takes a fraction of a millisecond, a few for a misspelt one."""
        words = tuple(word for word in folded_words(label) if word not in BREAKS)
        if not words or len(words) > 12:
            return None
        for uri, score in self._attempts(words):
            if uri:
                return Resolved(self._taxonomy.skills[uri], round(score, 3))
        return None

    def _attempts(self, words: tuple[str, ...]) -> Iterator[tuple[str | None, float]]:
        bare = _without_fillers(words)
        yield self._meant.get(words), AS_IT_IS
        yield self._joined.get("".join(words)), JOINED
        yield self._meant.get(bare), WITHOUT_FILLERS
        yield self._mended(words)
        yield self._mended(bare)

    def _mended(self, words: tuple[str, ...]) -> tuple[str | None, float]:
        """With the words that nobody knows put right; of several ways the one with the fewest slips."""
        unknown = [word for word in words if word not in self._known_words]
        if not unknown or len(unknown) > MAX_SLIPPED_WORDS:
            return None, 0
        choices = [[(word, 0)] if word in self._known_words else self._near(word) for word in words]
        best: tuple[int, str] | None = None
        for way in islice(product(*choices), MAX_COMBINATIONS):
            slips = sum(distance for _, distance in way)
            spelt = tuple(word for word, _ in way)
            uri = self._meant.get(spelt) or self._meant.get(_without_fillers(spelt))
            if uri and (best is None or slips < best[0]):
                best = slips, uri
        return (best[1], 1 - best[0] / sum(map(len, words))) if best else (None, 0)

    def _near(self, word: str) -> list[tuple[str, int]]:
        """Known words that a slip or two away from this one."""
        if len(word) < SHORTEST_SLIP or not word.isalpha() or not word.isascii():
            return []
        slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
        known = [each for length in range(len(word) - slips, len(word) + slips + 1)
                 for each in self._by_length.get(length, ()) if len(each) >= SHORTEST_SLIP]
        found = extract(word, known, scorer=OSA.distance, score_cutoff=slips, limit=CANDIDATES_A_WORD)
        return [(each, int(distance)) for each, distance, _ in found if each[0] == word[0] or distance == 1]

    def _closest(self, folded: str, uris: tuple[str, ...]) -> str:
        """Of several skills with this name the one whose label is the shortest: the most general one."""
        return min(uris, key=lambda uri: (len(self._taxonomy.skills[uri].label), uri))


def _without_fillers(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in FILLERS)
