"""Stored job postings in any number, which ask for skills that the platform knows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from bench.line import LIBRARY
from bench.parts import Database
from bench.postings import Generator
from contracts.places import consortium_of
from libranet.local.database import database_of
from libranet.work import Work
from services.jobs.postings.domain.posting import FoundSkill, Posting
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.store import COLLECTIONS

BATCH = 500
KEPT = {each.name: each for each in COLLECTIONS}


class Board:
    """`most` postings at most; `grow` stores the next ones."""

    def __init__(self, mongo: Database, most: int) -> None:
        self._database = mongo[database_of("jobs")]
        self._session = mongo.start_session()
        self._rest = _asking_for_known_skills(Generator(most))
        self.stored = 0

    def grow(self, postings: int) -> int:
        """Until there are so many; how many there are then. A running jobs process learns of none of them. Outside any
        transaction, as each lot stands for itself."""
        while some := list(islice(self._rest, min(postings - self.stored, BATCH))):
            work = Work(self._database, KEPT, "jobs", self._session)
            PostingStore(work).add(some)
            work.flush()
            self.stored += len(some)
        return self.stored

    def close(self) -> None:
        self._session.end_session()


def _asking_for_known_skills(generated: Generator) -> Iterator[Posting]:
    """Generated skills are more than the platform knows: several of them are one here, so more postings fit anybody."""
    known = everyday().skills
    for posting in generated:
        wanted = {known[int(each.uri.rpartition(":")[2]) % len(known)]: each.required for each in posting.skills}
        skills = tuple(FoundSkill(skill.uri, skill.label, required, skill.label) for skill, required in wanted.items())
        yield replace(posting, owner=consortium_of(LIBRARY), skills=skills)
