"""Stored job postings in any number, which ask for skills that the platform knows."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from bench.line import LIBRARY
from bench.postings import Generator
from contracts.places import consortium_of
from libranet.local import Platform
from libranet.mongo import Database
from services.jobs.postings.domain.posting import FoundSkill, Posting
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.store import COLLECTIONS

BATCH = 500


class Board:
    """`most` postings at most; `grow` stores the next ones."""

    def __init__(self, platform: Platform, most: int) -> None:
        os.environ["MONGO_URI"] = platform.environment()["MONGO_URI"]
        self._database = Database().connect("jobs", COLLECTIONS, holder="bench")
        self._rest = _asking_for_known_skills(Generator(most))
        self.stored = 0

    def grow(self, postings: int) -> int:
        """Until there are so many; how many there are then. A running jobs process learns of none of them."""
        while some := list(islice(self._rest, min(postings - self.stored, BATCH))):
            self._database.transact(lambda work, some=some: PostingStore(work).add(some))  # type: ignore[misc]
            self.stored += len(some)
        return self.stored

    def close(self) -> None:
        self._database.client.close()


def _asking_for_known_skills(generated: Generator) -> Iterator[Posting]:
    """Generated skills are more than the platform knows: several of them are one here, so more postings fit anybody."""
    known = everyday().skills
    for posting in generated:
        wanted = {known[int(each.uri.rpartition(":")[2]) % len(known)]: each.required for each in posting.skills}
        skills = tuple(FoundSkill(skill.uri, skill.label, required, skill.label) for skill, required in wanted.items())
        yield replace(posting, owner=consortium_of(LIBRARY), skills=skills)
