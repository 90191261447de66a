"""A replica's index: built from what is stored, then following the trail of changes, each once, none lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from libranet.clock import now
from libranet.ids import new_id
from services.jobs.courses.domain.taught import Course, Skill
from services.jobs.courses.store import CourseStore
from services.jobs.matches.adapters import replica as adapter
from services.jobs.matches.adapters.index import Index
from services.jobs.matches.adapters.replica import KEPT_CHANGES, IndexKeeper
from services.jobs.matches.adapters.text_search import Conditions
from services.jobs.matches.adapters.text_search import Place as PagePlace
from services.jobs.matches.domain.trail import id_before
from services.jobs.postings.domain.posting import EXPIRED, FoundSkill, Place, Posting
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.keeper import everyday_lexicon
from services.jobs.store import COLLECTIONS

WELDING = FoundSkill("urn:libranet:skill:welding", "welding", True, "welding")


class Replica:
    """An index keeper that turns when it is told to, on a database of its own."""

    def __init__(self, work_factory: Any) -> None:
        self._stored = work_factory(COLLECTIONS, "jobs")
        self.keeper = IndexKeeper()
        self.keeper.setup()
        self.keeper.database = self  # type: ignore[assignment]
        self.keeper.keeper = SimpleNamespace(lexicon=everyday_lexicon(), loaded=True)  # type: ignore[assignment]
        self.away = False
        self.transact = self._stored.transact

    def reading(self) -> Any:
        if self.away:
            raise AutoReconnect("away")
        reading = getattr(self._stored, "reading", None)
        return reading() if reading else self._stored.transact(lambda work: work)

    def turn(self) -> list[str]:
        """One turn of the loop, then the titles of what welders are ready for."""
        try:
            self.keeper._turn()
        except self.keeper.failures as error:
            self.keeper.failed(error)  # and its thread begins anew
        return titles(self.keeper.index) if self.keeper.index else []

    def post(self, title: str, tell: bool = True, key: str | None = None, state: str = "open") -> str:
        posting = Posting(key or new_id(), "demo", "feed", title, title, skills=(WELDING,), state=state)

        def effect(work: Any) -> None:
            PostingStore(work).replace([posting])
            if tell:
                PostingStore(work).tell([posting.id])

        self._stored.transact(effect)
        return posting.id

    def kept(self) -> list[str]:
        """The ids of what is kept for indexes."""
        return [each.id for lot in PostingStore(self.reading()).all_open() for each in lot()]

    def offer(self, *courses: Course) -> None:
        self._stored.transact(lambda work: CourseStore(work).save(courses, {}))

    def courses(self) -> list[str]:
        assert self.keeper.index
        return [each.title for each in self.keeper.index.teaching.teaching(WELDING.uri, lambda _: True)]


def titles(index: Index) -> list[str]:
    """Of what welders are ready for."""
    hits = index.board.match([WELDING.uri], lambda _: True, None, (), 50)
    listings = [index.board.listing_of(index.board.id_of(hit.row)) for hit in hits.ready]
    return sorted(each.title for each in listings if each)


@pytest.fixture
def replica(work_factory: Any) -> Replica:
    return Replica(work_factory)


def test_what_is_stored_is_there_at_the_start_and_changes_are_followed(replica: Replica) -> None:
    first = replica.post("Welder", tell=False)
    assert replica.turn() == ["Welder"]
    replica.post("Fitter")
    assert replica.turn() == ["Fitter", "Welder"]
    replica.post("Senior welder", key=first)
    assert replica.turn() == ["Fitter", "Senior welder"]
    replica.post("Senior welder", key=first, state=EXPIRED)
    assert replica.turn() == replica.turn() == ["Fitter"]


def test_expired_postings_are_not_taken_at_the_start(replica: Replica) -> None:
    replica.post("Gone", state=EXPIRED)
    assert replica.turn() == []


def test_postings_from_before_their_wordings_were_kept_are_found_and_kept_for_the_next_start(replica: Replica) -> None:
    job, gone = replica.post("Welder", tell=False), replica.post("Fitter", tell=False)
    replica.transact(lambda work: work.delete_many("wordings", [job]))
    replica.transact(lambda work: work.update("postings", {"_id": gone}, {"$set": {"state": EXPIRED}}))
    assert replica.turn() == ["Welder"]
    assert replica.kept() == [job]


def test_a_start_knows_each_posting_as_it_was_stored_last(replica: Replica) -> None:
    job, other = replica.post("Welder", tell=False), replica.post("Fitter", tell=False)
    replica.post("Senior welder", tell=False, key=job)
    stored = replica.transact(lambda work: PostingStore(work).get_many([other]))[other]
    replica.transact(lambda work: PostingStore(work).keep_skills([replace(stored, skills=())]))
    assert replica.turn() == ["Senior welder"]
    replica.transact(lambda work: PostingStore(work).expire([job]))
    assert replica.kept() == [other]


def test_changes_are_followed_while_all_texts_are_still_being_read(
        replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    first, gone = replica.post("Welder", tell=False), replica.post("Gone", tell=False)
    read_texts = adapter.read_texts

    def slowly(index: Any, work: Any, meanwhile: Any) -> set[str]:
        replica.post("Senior welder", key=first)
        replica.post("Gone", key=gone, state=EXPIRED)
        replica.post("Fitter")
        meanwhile()
        assert titles(index) == ["Fitter", "Senior welder"]
        return read_texts(index, work, meanwhile)

    monkeypatch.setattr(adapter, "read_texts", slowly)
    assert replica.turn() == ["Fitter", "Senior welder"]
    assert replica.keeper.index
    assert len(replica.keeper.index.texts.page(Conditions(["demo"]), PagePlace(), 10)) == 2


def test_what_is_kept_of_an_open_posting_is_what_matching_reads_of_the_posting(replica: Replica) -> None:
    posting = Posting(
        new_id(), "demo", "feed", "1", "Schweißer", "Acme", text="Weld.", url="https://jobs.example.org/1",
        places=(Place("Lansing, MI", "US", "MI", "Lansing", "48933", 42.7, -84.5), Place("Anywhere")), remote=True,
        posted_at=now(), closes_at=datetime(2027, 1, 1, tzinfo=UTC), skills=(WELDING, replace(WELDING, required=False)))
    replica.transact(lambda work: PostingStore(work).add([posting]))
    store = PostingStore(replica.reading())
    [kept], [prose] = ([each for lot in lots for each in lot()] for lots in (store.all_open(), store.all_texts()))
    whole = store.open_with_text([posting.id])[posting.id]
    assert kept == whole._replace(text="", posted_at=None)
    assert prose == whole.prose
    assert (prose.title, prose.employer, prose.text) == ("Schweißer", "Acme", "Weld.")


def test_while_the_database_is_away_the_index_answers_and_loses_nothing(replica: Replica) -> None:
    replica.away = True
    assert replica.turn() == []
    replica.away = False
    replica.post("Welder")
    assert replica.turn() == ["Welder"]
    replica.post("Fitter")
    replica.away = True
    assert replica.turn() == ["Welder"]
    replica.away = False
    assert replica.turn() == ["Fitter", "Welder"]


def test_a_replica_that_was_away_for_long_starts_anew(replica: Replica) -> None:
    replica.turn()
    replica.post("Welder", tell=False)
    assert replica.turn() == []
    replica.keeper._followed_at -= KEPT_CHANGES
    assert replica.turn() == ["Welder"]


def test_old_changes_are_forgotten_and_young_ones_kept(replica: Replica) -> None:
    replica.post("Welder")
    for age, left in ((timedelta(), 1), (KEPT_CHANGES, 0)):
        before = id_before(now() + timedelta(seconds=1) - KEPT_CHANGES + age)
        replica.transact(lambda work, before=before: PostingStore(work).forget_changes(before))
        assert replica.transact(lambda work: work.count("posting_changes", {})) == left


def test_courses_are_followed_too(replica: Replica) -> None:
    replica.offer(Course("c1", "demo", "Welding I", (Skill("welding"),), 1))
    replica.turn()
    replica.offer(Course("c2", "demo", "Welding II", (Skill("Weld"),), 1), Course("c1", "demo", "Cooking", (), 2))
    replica.turn()
    assert replica.courses() == ["Welding II"]


def test_another_lexicon_changes_what_the_index_goes_by_without_a_new_start(replica: Replica) -> None:
    replica.post("Welder")
    replica.offer(Course("c1", "demo", "Welding I", (Skill("welding"),), 1))
    replica.turn()
    lexicon = everyday_lexicon()
    other = replace(lexicon, stamp="other", taxonomy=replace(
        lexicon.taxonomy, other_uris={WELDING.uri: "urn:libranet:skill:cpr"}))
    replica.keeper.keeper = SimpleNamespace(lexicon=other, loaded=True)  # type: ignore[assignment]
    assert replica.turn() == []
    assert replica.keeper.index
    assert len(replica.keeper.index.board) == 1
    assert replica.courses() == ["Welding I"]
    replica.post("Fitter")
    replica.turn()
    assert len(replica.keeper.index.board) == 2
