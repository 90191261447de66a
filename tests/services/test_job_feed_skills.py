"""What an import's skills lead to: the demand that is told of them, and that none is kept whose skills are not the
newest."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from services.jobs.feeds import keeping
from services.jobs.feeds import worker as feed_worker
from services.jobs.feeds.importer import Run
from services.jobs.feeds.store import FeedStore
from services.jobs.postings.store import PostingStore
from services.jobs.skills.store import SkillStore
from tests.services.jobs_stage import WELDING, Office, board, counts, job, office_of_small_steps


@pytest.fixture
def office(work_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    return office_of_small_steps(work_factory, monkeypatch)


def tell_demands(office: Office) -> None:
    for owner, change in PostingStore(office.reading()).demands_due().items():
        keeping.tell_demand(office, owner, change)


def test_an_import_ends_with_a_fact_and_then_the_demand_is_told(office: Office) -> None:
    feed = office.feed()
    report = office.run(feed, board(job(1), job(2), job(3, content="x")))
    fact, = office.facts
    assert (fact.short_type, fact.subject, fact.owner) == ("feed-imported", report["id"], "demo.riverside")
    assert fact.data == {"feed": feed, "import": report["id"], "read": 3, "added": 3, "updated": 0, "unchanged": 0,
                         "expired": 0, "rejected": 0}
    assert PostingStore(office.reading()).demands_due().keys() == {"demo.riverside"}
    tell_demands(office)
    told = office.facts[-1]
    assert (told.short_type, told.subject, told.sequence) == ("skill-demand-changed", "demo.riverside", 1)
    assert told.data == {"skills": [{"uri": WELDING.uri, "label": "welding", "postings": 2}]}
    assert PostingStore(office.reading()).demands_due() == {}
    office.run(feed, board(job(1), job(2), job(3, content="x")))
    assert PostingStore(office.reading()).demands_due() == {}


def test_a_demand_that_changes_while_it_is_read_stays_due(office: Office) -> None:
    office.run(office.feed(), board(job(1)))
    read = PostingStore.demand_of

    def and_meanwhile(store: PostingStore, owner: str) -> Any:
        demand = read(store, owner)
        office.transact(lambda work: PostingStore(work).demand_changed(owner))
        return demand

    with patch.object(PostingStore, "demand_of", and_meanwhile):
        tell_demands(office)
    assert PostingStore(office.reading()).demands_due().keys() == {"demo.riverside"}
    tell_demands(office)
    assert [told.sequence for told in office.facts[-2:]] == [1, 2]
    assert PostingStore(office.reading()).demands_due() == {}


def test_what_the_release_before_marks_meanwhile_stays_due(office: Office) -> None:
    former = {"_id": "demo.riverside", "told": 3, "due": True}
    for change in (None, "a change"):
        office.transact(lambda work: work.replace("skill_demand", former))
        keeping.tell_demand(office, "demo.riverside", change)
        assert PostingStore(office.reading()).demands_due().keys() == {"demo.riverside"}
        tell_demands(office)
        assert PostingStore(office.reading()).demands_due() == {}


def corrects(office: Office) -> None:
    office.transact(lambda work: SkillStore(work).take_back("a correction"))


def test_a_chunk_whose_skills_are_not_the_newest_is_read_again(office: Office) -> None:
    def finds_and_learns(title: str, *_others: str) -> Any:
        found = () if office.revision else (WELDING,)
        if title == "Job 4" and not office.revision:
            corrects(office)
            office.revision = 1
        return found

    office.means = replace(office.means, extract=finds_and_learns)
    feed, content = office.feed(), board(*map(job, range(7)))
    assert counts(office.run(feed, content)) == (7, 7, 0, 0, 0, 0)
    assert [key for key, row in sorted(office.postings().items()) if row["skills"]] == ["0", "1", "2"]
    corrects(office)
    assert office.run(feed, content)["state"] == "done", "nothing is new, so nothing is looked for"


def asked_for(office: Office, content: bytes) -> str:
    return str(office.call("import_jobs", {"feed": office.feed()}, content=content)["id"])


def in_hand(office: Office, job_import: str) -> Run:
    feeds = FeedStore(office.reading())
    work = feeds.find_import(job_import)
    assert work
    feed = feeds.find(work.feed)
    assert feed
    return Run(replace(office.means, database=office), work, feed)


def test_a_chunk_waits_until_the_newest_skills_are_known(office: Office) -> None:
    corrects(office)
    asked = asked_for(office, board(*map(job, range(7))))
    office.go_on(asked, steps=12)
    assert (office.report(asked)["state"], office.postings()) == ("waiting", {})
    run = in_hand(office, asked)
    assert not any(run.step() for _ in range(10))
    office.revision = 1
    while not run.step():
        assert office.postings()
    assert len(office.postings()) == 7


def test_a_file_that_breaks_off_keeps_its_last_items_through_a_change_of_skills(office: Office) -> None:
    corrects(office)
    asked = asked_for(office, board(job(1), job(2))[:-8])
    run = in_hand(office, asked)
    assert not any(run.step() for _ in range(10))
    office.revision = 1
    while not run.step():
        assert office.postings()
    report = office.report(asked)
    assert (report["state"], list(office.postings())) == ("failed", ["1"])
    assert "breaks off after 1 items" in report["notes"][0]


def test_the_worker_imports_by_the_newest_skills_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_for(office, board(*map(job, range(7))))
    corrects(office)
    monkeypatch.setattr(feed_worker, "Blobs", lambda _: office.blobs)
    monkeypatch.setattr(feed_worker, "Aside", lambda _: SimpleNamespace(run=lambda call: call()))
    monkeypatch.setattr(feed_worker, "Lease", lambda *_: SimpleNamespace(is_held=lambda: True))
    read = []
    monkeypatch.setattr(feed_worker, "extract", lambda *about: read.append(about) or office.find_skills(*about))
    worker = feed_worker.FeedWorker()
    worker.database, worker.container = office, SimpleNamespace(spawn_managed_thread=lambda *_, **__: None)
    worker.keeper = SimpleNamespace(  # type: ignore[assignment]
        revision=lambda: office.revision, is_current=lambda: office.revision == SkillStore(office.reading()).revision())
    worker.setup()
    worker.start()
    worker._next_at["sweep"] = math.inf
    for _ in range(5):
        worker._turn()
    assert not read, "it waits, and does not try in vain"
    office.revision = 1
    for _ in range(8):
        worker._turn()
    assert (len(office.postings()), office.report(asked)["state"]) == (7, "done")
    assert [fact.short_type for fact in office.facts] == ["feed-imported", "skill-demand-changed"]
