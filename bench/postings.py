"""Generated postings for the benchmarks of matching, the same each time.

Drawn the way official occupation-skill links look: 2,900 occupations of Zipf's popularity, each with some skills of its
own, some of its sector and a few that every second job asks for; about 11 skills a posting, half of them required.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from services.jobs.postings.domain.posting import FoundSkill, Place, Posting
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.skills.domain.corrections import Corrections
from services.jobs.skills.domain.lexicon import Lexicon, lexicon_of
from services.jobs.skills.domain.taxonomy import Skill, Source

SKILLS, OCCUPATIONS, WORDS, TOWNS = 13_000, 2_900, 20_000, 400
OWN, OF_SECTOR, OF_ALL = 14, 7, 3
SECTOR_SKILLS, COMMON_SKILLS = 3_700, 440
WANTED = (8, 15)
TEXT_WORDS = 250
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Generator:
    """`count` postings; `profile` is a person of 20 skills, most of one occupation."""

    count: int
    seed: int = 7

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._pools = [self._pool() for _ in range(OCCUPATIONS)]
        self._popular = list(accumulate(1 / (rank + 1) for rank in range(OCCUPATIONS)))
        self._words = [f"w{number:x}" for number in range(WORDS)]
        self._frequent = list(accumulate(1 / (rank + 1) for rank in range(WORDS)))

    def __iter__(self) -> Iterator[Posting]:
        draw = random.Random(self.seed + 1)
        chosen = draw.choices(range(OCCUPATIONS), cum_weights=self._popular, k=self.count)
        for number, occupation in enumerate(chosen):
            wanted = draw.sample(self._pools[occupation], draw.randint(*WANTED))
            skills = tuple(FoundSkill(uri_of(each), label_of(each), place % 2 == 0, label_of(each))
                           for place, each in enumerate(wanted))
            town = f"Town {draw.randrange(TOWNS)}, MI"
            yield Posting(
                f"00000000-0000-7000-8000-{number:012x}", "bench", "feed", str(number), f"Occupation {occupation}",
                employer=f"Employer {number % 5000}",
                text=" ".join(draw.choices(self._words, cum_weights=self._frequent, k=TEXT_WORDS)),
                url=f"https://jobs.example.org/{number}", places=(Place(town, "US", "MI", town.split(",")[0]),),
                posted_at=FIRST_DAY + timedelta(minutes=number), skills=skills)

    def profiles(self, count: int, size: int = 20) -> list[list[str]]:
        """Skill URIs."""
        draw = random.Random(self.seed + 2)
        found = []
        for occupation in draw.choices(range(OCCUPATIONS), cum_weights=self._popular, k=count):
            held = dict.fromkeys(draw.sample(self._pools[occupation], 14))
            while len(held) < size:
                held[draw.choice(draw.choice(self._pools))] = None
            found.append([uri_of(each) for each in held])
        return found

    def _pool(self) -> list[int]:
        pool = dict.fromkeys(self._random.sample(range(COMMON_SKILLS + SECTOR_SKILLS, SKILLS), OWN))
        for first, size, some in ((COMMON_SKILLS, SECTOR_SKILLS, OF_SECTOR), (0, COMMON_SKILLS, OF_ALL)):
            while some:
                each = first + int(size * self._random.random() ** 3)
                some -= each not in pool
                pool[each] = None
        return list(pool)


def uri_of(skill: int) -> str:
    return f"urn:bench:skill:{skill}"


def label_of(skill: int) -> str:
    return f"generated skill number {skill}"


def lexicon() -> Lexicon:
    """The everyday list and the generated skills."""
    generated = Source("bench", "1", tuple(Skill(uri_of(each), label_of(each)) for each in range(SKILLS)))
    return lexicon_of([everyday(), generated], Corrections(()), "bench", "bench")
