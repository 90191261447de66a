"""Keeps this replica's lexicon as the database has it: loads it at the start, and again when its revision changes.

Until the first load it knows the everyday list, so skills are found from the first moment. A lexicon is built in a
native thread; the old one answers meanwhile.
"""

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

from nameko.extensions import DependencyProvider, SharedExtension
from prometheus_client import Gauge

from libranet.background import Background
from libranet.health import HEALTH
from libranet.logs import log
from libranet.mongo import Database
from libranet.offhub import off_hub
from services.jobs.postings.domain.posting import FoundSkill
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.skills.domain import finding
from services.jobs.skills.domain.corrections import Corrections
from services.jobs.skills.domain.lexicon import Lexicon, lexicon_of
from services.jobs.skills.store import Edition, SkillStore, source_of

POLL_SECONDS = 0.5
_CURRENT: list[Lexicon] = []
"""This process's lexicon, which is replaced whole."""
SKILLS = Gauge("libranet_skills", "Skills that this replica knows")
LABELS = Gauge("libranet_skill_labels", "Names of skills that this replica looks for in postings")


@cache
def everyday_lexicon() -> Lexicon:
    """What a fresh machine knows."""
    return lexicon_of([everyday()], Corrections(()), _stamp(0, ()), _digest(()))


def current() -> Lexicon:
    """What this process knows."""
    return _CURRENT[0] if _CURRENT else everyday_lexicon()


def extract(title: str, text: str, owner: str, posting: str) -> tuple[FoundSkill, ...]:
    """The skills of a posting by what this process knows at the moment; for any thread."""
    return current().extract(title, text, owner, posting)


class LexiconKeeper(Background, SharedExtension):
    """One for all that runs in the process."""

    database = Database()
    part = "skills"
    trouble = "the taxonomy cannot be read"

    @property
    def lexicon(self) -> Lexicon:
        return current()

    def setup(self) -> None:
        super().setup()
        self.loaded = False

    def serve(self) -> None:
        while not self.stopping:
            self._refresh()
            self.loaded = True
            HEALTH.well(self.part)
            self.rest(POLL_SECONDS)

    def failed(self, error: Exception) -> None:
        """What was loaded goes on answering."""
        if not self.loaded:
            super().failed(error)

    def is_current(self) -> bool:
        """Whether it knows the database's revision."""
        return self.loaded and self.revision() == SkillStore(self.database.reading()).revision()

    def revision(self) -> int:
        """Of the database's taxonomies and corrections, the one that this process knows; for any thread."""
        return self.lexicon.revision

    def _refresh(self) -> None:
        store = SkillStore(self.database.reading())
        revision = store.revision()
        if self.loaded and self.revision() == revision:
            return
        editions = tuple(store.editions())
        corrections = Corrections(store.corrections())
        digest, stamp = _digest(editions), _stamp(revision, editions)
        if digest == self.lexicon.digest:
            known = self.lexicon
            _CURRENT[:] = [replace(known, stamp=stamp, corrections=corrections)]
        else:
            pages = [store.pages(edition.pages) for edition in editions]
            _CURRENT[:] = [off_hub(_built, editions, pages, corrections, stamp, digest)]
            log().info("the taxonomy was loaded", skills=len(self.lexicon.taxonomy.skills))
        SKILLS.set(len(self.lexicon.taxonomy.skills))
        LABELS.set(len(self.lexicon.finder))


def _built(editions: tuple[Edition, ...], pages: list[list[bytes]], corrections: Corrections, stamp: str,
           digest: str) -> Lexicon:
    sources = [source_of(edition, some) for edition, some in zip(editions, pages, strict=True)]
    return lexicon_of([everyday(), *sources], corrections, stamp, digest)


def _digest(editions: tuple[Edition, ...]) -> str:
    named = "".join(f"{each.name}{each.digest}" for each in editions)
    return hashlib.sha256((everyday().version + _rules() + named).encode()).hexdigest()[:16]


@cache
def _rules() -> str:
    """Names the code that finds skills: with another release's, postings are looked through again."""
    files = sorted(Path(finding.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()


def _stamp(revision: int, editions: tuple[Edition, ...]) -> str:
    return f"{revision}:{_digest(editions)}"


class KnownSkills(DependencyProvider):
    """Gives a service's methods the lexicon of the moment."""

    keeper = LexiconKeeper()

    def get_dependency(self, _worker_ctx: object) -> Lexicon:
        return self.keeper.lexicon
