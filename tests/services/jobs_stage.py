"""Jobs' feeds on one state, with imports run by hand, and boards to import."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from libranet.testing import a_principal, a_request
from services.jobs.feeds import importer
from services.jobs.feeds.importer import Means, Run
from services.jobs.feeds.store import FeedStore
from services.jobs.postings.domain.posting import FoundSkill
from services.jobs.service import Jobs
from services.jobs.store import COLLECTIONS, JobsStore
from tests.services.memory_blobs import MemoryBlobs

Item = dict[str, Any]
WELDING = FoundSkill("http://data.example.org/skill/1", "welding", True, "welding")


class Office:
    """Jobs on one state, with imports run by hand."""

    def __init__(self, work_factory: Any) -> None:
        self.database = work_factory(COLLECTIONS, "jobs")
        self.blobs = MemoryBlobs()
        self.means = Means(self.database, self.blobs, self.find_skills, lambda: self.revision,  # type: ignore[arg-type]
                           lambda call: call(), lambda: self.held)
        self.facts: list[Any] = []
        self.held, self.revision = True, 0

    def find_skills(self, title: str, text: str, _owner: str, _posting: str) -> tuple[FoundSkill, ...]:
        if "faulty" in title:
            raise ZeroDivisionError
        return (WELDING,) if "welding" in text else ()

    def call(self, name: str, path: dict[str, str] | None = None, body: Any = None, node: str = "demo.riverside",
             content: bytes | None = None, **query: Any) -> Any:
        request = a_request(body, a_principal(node), path, query)
        if content is not None:
            request = replace(request, blob=self.blobs.put(content))
        answer = self.transact(lambda work: getattr(Jobs(), name)(request, JobsStore(work)))
        return getattr(answer, "body", answer)

    def transact(self, effect: Callable[[Any], Any]) -> Any:
        def told(work: Any) -> Any:
            result = effect(work)
            self.facts += work.events
            return result

        return self.database.transact(told)

    def feed(self, **settings: Any) -> str:
        return str(self.call("add_job_feed", body={"name": "Board", **settings})["id"])

    def run(self, feed: str, content: bytes, steps: int = 10_000, **query: Any) -> Any:
        """The import after so many steps; carried to its end by default."""
        work = self.call("import_jobs", {"feed": feed}, content=content, **query)
        self.go_on(work["id"], steps)
        return self.report(work["id"])

    def go_on(self, job_import: str, steps: int = 10_000) -> None:
        """As a process does that starts anew: from what the database has."""
        store = FeedStore(self.database.reading())
        work = store.find_import(job_import)
        assert work is not None
        feed = store.find(work.feed)
        assert feed is not None
        run = Run(replace(self.means, database=self), work, feed)
        while steps and not run.step():
            steps -= 1
        run.close()

    def reading(self) -> Any:
        return self.database.reading()

    def report(self, job_import: str) -> Any:
        return self.call("get_job_import", {"job_import": job_import})

    def postings(self, state: str = "open") -> dict[str, Any]:
        rows = self.database.reading().find("postings", {"state": state})
        return {row["source_id"]: row for row in rows}

    def changes(self) -> list[set[str]]:
        return [set(ids) for _, ids in JobsStore(self.database.reading()).postings.changes_after("")]


def office_of_small_steps(work_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Few items make a chunk, so that a short file has several."""
    monkeypatch.setattr(importer, "CHUNK_ITEMS", 3)
    monkeypatch.setattr(importer, "LOOKED_AT", 5)
    return Office(work_factory)


def job(number: int | str, title: str | None = None, **members: Any) -> Item:
    return {"id": number, "internal_job_id": 1, "title": title or f"Job {number}", "content": "Some welding.",
            "location": {"name": "Gary, IN"}, **members}


def board(*jobs: Any) -> bytes:
    return json.dumps({"jobs": jobs}).encode()


def counts(report: Any) -> tuple[int, ...]:
    """read, added, updated, unchanged, expired, rejected."""
    found = report["report"]
    assert found["read"] == found["added"] + found["updated"] + found["unchanged"] + found["rejected_count"]
    return (*(found[name] for name in ("read", "added", "updated", "unchanged", "expired")), found["rejected_count"])
