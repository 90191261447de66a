"""The taxonomy and curators' corrections in MongoDB.

A taxonomy is kept in pages of skills, named by its content, and becomes the current one in a single write: whoever
reads sees the old one whole or the new one whole. The revision counts every change of either, for those who follow.
"""

from collections.abc import Collection as Many
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from libranet.clock import now
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Retention
from libranet.work import Work
from services.jobs.skills.domain.corrections import Correction
from services.jobs.skills.domain.joining import Joined
from services.jobs.skills.domain.taxonomy import Occupation, Skill, Source

Row = dict[str, Any]
PAGE = 500
REVISION = "current"

COLLECTIONS = (
    Collection("taxonomies", Retention.forever("until a newer version of the taxonomy is imported")),
    Collection("taxonomy_pages", Retention.forever("as long as its taxonomy is the current one")),
    Collection("skill_corrections", Retention.forever("until a curator takes it back")),
    Collection("skill_revisions", Retention.forever("one row: how often taxonomy or corrections have changed")),
    Collection("skills_joined", Retention.forever("what was told last of each skill's other URIs")),
    Collection("skill_walks", Retention.forever("one row: how far open postings were looked through again")),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A taxonomy as it was imported: `pages` are the ids of its pages, `digest` names its content."""

    name: str
    version: str
    digest: str
    pages: tuple[str, ...]
    skills: int
    occupations: int
    attribution: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """How far open postings were looked through with the skills of a `stamp`. `joined`: how many skills were told with
    the URIs that stand for them; `after`: the last posting's id; `owners`: those whose demand for skills has changed by
    it and who are not marked for it yet."""

    stamp: str
    after: str = ""
    done: int = 0
    changed: int = 0
    owners: tuple[str, ...] = ()
    finished_at: datetime | None = None
    joined: int = 0


class Overtaken(Exception):
    """Another replica has walked on meanwhile, or is to: its skills are the newer ones."""


class SkillStore:
    """One unit of work's view of the state."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def revision(self) -> int:
        row = self._work.get("skill_revisions", REVISION)
        return int(row["revision"]) if row else 0

    def editions(self) -> list[Edition]:
        """The current edition of each taxonomy."""
        return [Edition(**{**{key: row[key] for key in Edition.__dataclass_fields__ if key in row},
                           "name": row["_id"], "pages": tuple(row["pages"])})
                for row in self._work.find("taxonomies", {}, [("_id", 1)])]

    def missing_pages(self, ids: Many[str]) -> set[str]:
        return set(ids) - set(self._work.get_many("taxonomy_pages", ids, fields=()))

    def add_page(self, page: str, body: bytes) -> None:
        self._work.insert("taxonomy_pages", {"_id": page, "body": body})

    def pages(self, ids: Many[str]) -> list[bytes]:
        return [bytes(row["body"]) for row in self._work.get_many("taxonomy_pages", ids).values()]

    def make_current(self, edition: Edition) -> None:
        """From now on this edition counts; pages of the former one go."""
        former = self._work.get("taxonomies", edition.name)
        row = {**asdict(edition), "_id": edition.name}
        del row["name"]
        self._work.replace("taxonomies", {**row, "pages": list(edition.pages)})
        self._work.delete_many("taxonomy_pages", set(former["pages"]) - set(edition.pages) if former else ())
        self._changed()

    def corrections(self) -> list[Correction]:
        return [_correction(row) for row in self._work.find("skill_corrections", {})]

    def corrections_after(self, key: str, limit: int) -> list[Correction]:
        rows = self._work.find("skill_corrections", {"_id": {"$gt": key}}, [("_id", 1)], limit)
        return [_correction(row) for row in rows]

    def correction(self, key: str) -> Correction | None:
        row = self._work.get("skill_corrections", key)
        return _correction(row) if row else None

    def correct(self, correction: Correction) -> None:
        row = asdict(correction)
        row["_id"] = row.pop("id")
        self._work.replace("skill_corrections", row)
        self._changed()

    def take_back(self, key: str) -> None:
        self._work.delete("skill_corrections", {"_id": key})
        self._changed()

    def stays_at(self, revision: int) -> bool:
        """Whether it is this one still, until this unit of work is committed: a change of it comes before, and is seen
        here, or after. The write is for that: the database lets only one of the two go on."""
        if self.revision() != revision:
            return False
        self._work.update("skill_revisions", {"_id": REVISION}, {"$inc": {"revision": 0, "relied_on": 1}}, upsert=True)
        return True

    def walk(self) -> Walk | None:
        row = self._work.get("skill_walks", REVISION)
        if row is None:
            return None
        return Walk(**{**{key: row[key] for key in Walk.__dataclass_fields__ if key in row},
                       "owners": tuple(row.get("owners", ()))})

    def save_walk(self, walk: Walk, former: Walk | None) -> None:
        """In place of the former one. Raises Overtaken where another one is kept."""
        if self.walk() != former:
            raise Overtaken
        self._work.replace("skill_walks", {"_id": REVISION, **asdict(walk)})

    def joined(self) -> dict[str, Joined]:
        """What was told last, by the skill's URI."""
        return {row["_id"]: Joined(row["_id"], row["label"], tuple(row["others"]), row["sequence"])
                for row in self._work.find("skills_joined", {})}

    def save_joined(self, joined: Iterable[Joined], facts: Iterable[Fact], cause: Cause) -> None:
        for each in joined:
            self._work.replace("skills_joined", {
                "_id": each.uri, "label": each.label, "others": list(each.others), "sequence": each.sequence})
        self._work.save_facts(facts, cause)

    def _changed(self) -> None:
        self._work.update("skill_revisions", {"_id": REVISION}, {"$inc": {"revision": 1}, "$set": {"at": now()}},
                          upsert=True)


def _correction(row: Row) -> Correction:
    return Correction(row["_id"], *(row[key] for key in Correction.__dataclass_fields__ if key != "id"))


def page_of(skills: Sequence[Skill], occupations: Sequence[Occupation]) -> bytes:
    """Some skills and occupations as one page."""
    return orjson.dumps([[[each.uri, each.label, each.labels] for each in skills],
                         [[each.uri, each.label, each.titles, each.skills] for each in occupations]])


def source_of(edition: Edition, pages: Iterable[bytes]) -> Source:
    """The taxonomy of an edition's pages. Takes a second of CPU for a big one."""
    skills: list[Skill] = []
    occupations: list[Occupation] = []
    for page in pages:
        some, others = orjson.loads(page)
        skills += [Skill(uri, label, tuple(labels)) for uri, label, labels in some]
        occupations += [Occupation(uri, label, tuple(titles), tuple(needs)) for uri, label, titles, needs in others]
    return Source(edition.name, edition.version, tuple(skills), tuple(occupations), edition.attribution)
