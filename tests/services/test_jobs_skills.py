"""Skills of jobs: what curators correct, what is looked through again for it, taxonomies that are imported."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from libranet.problems import NotFound, RequestInvalid
from services.jobs.postings.store import PostingStore
from services.jobs.skills.adapters.importing import PAGES_A_TRANSACTION, import_source
from services.jobs.skills.adapters.walk import BATCH, SkillWalk, looked_through
from services.jobs.skills.domain import taxonomy
from services.jobs.skills.domain.corrections import Corrections
from services.jobs.skills.domain.lexicon import Lexicon
from services.jobs.skills.store import PAGE, SkillStore, Walk, source_of
from tests.services.matching_stage import Board, with_esco


@pytest.fixture
def board(work_factory: Any) -> Board:
    return Board(work_factory)


def correct(board: Board, node: str = "demo.riverside", **members: Any) -> dict[str, Any]:
    answer: dict[str, Any] = board.ask("correct_skills", node, body={"skill": "spreadsheets", **members})
    corrections = board.database.transact(lambda work: SkillStore(work).corrections())
    board.jobs.known = replace(board.jobs.known, corrections=Corrections(corrections))
    return answer


def corrections(board: Board, node: str = "demo.riverside") -> list[str]:
    return [each["id"] for each in board.ask("list_skill_corrections", node, query={"limit": 1})["items"]]


def test_a_curators_label_means_the_skill_at_their_node_and_can_be_taken_back(board: Board) -> None:
    made = correct(board, action="add", label="Number crunching")
    assert correct(board, action="add", label="number crunching")["id"] == made["id"]
    asked = {"labels": ["Number Crunching"]}
    assert board.ask("resolve_skills", body=asked)["items"][0]["label"] == "spreadsheets"
    assert board.ask("resolve_skills", "demo.hill", body=asked)["items"][0]["label"] is None
    assert corrections(board) == corrections(board, "demo") == [made["id"]]
    assert corrections(board, "demo.hill") == []
    with pytest.raises(NotFound):
        board.ask("take_back_skill_correction", "demo.hill", path={"correction": made["id"]})
    assert board.ask("take_back_skill_correction", path={"correction": made["id"]}) is None
    assert corrections(board) == []


def test_a_correction_changes_open_postings_that_are_looked_through_again(board: Board) -> None:
    job = board.post("Clerk", "Excel spreadsheets required", owner="demo.riverside")
    correct(board, action="block", posting=job)
    stored = board.database.transact(lambda work: PostingStore(work).get_many([job]))
    changed = looked_through(list(stored.values()), board.jobs.known)
    assert {each.id: each.skills for each in changed} == {job: ()}
    board.database.transact(lambda work: PostingStore(work).keep_skills(changed))
    [kept] = board.database.transact(lambda work: PostingStore(work).get_many([job])).values()
    assert kept == replace(stored[job], skills=())
    assert looked_through([kept], board.jobs.known) == []


class HeldLease:
    """Ours for so many questions."""

    def __init__(self, times: int) -> None:
        self.times = times

    def is_held(self) -> bool:
        self.times -= 1
        return self.times >= 0


class Noting:
    """The board's database; what works tell is noted on the board."""

    def __init__(self, board: Board) -> None:
        self.reading, self._board = board.database.reading, board

    def transact(self, effect: Any) -> Any:
        result, events = self._board.database.transact(lambda work: (effect(work), work.events))
        self._board.told += events
        return result


def a_walk(database: Any, lexicon: Lexicon, batches: int = 1000) -> SkillWalk:
    """A replica's, which knows this lexicon and holds the lease for so many batches."""
    walk, keeper = SkillWalk(), SimpleNamespace(lexicon=lexicon, is_current=lambda: True)
    walk.database, walk.keeper, walk._lease = database, keeper, HeldLease(batches)  # type: ignore[assignment]
    walk.stopping = False
    return walk


def at_revision(board: Board, revision: int) -> None:
    board.database.transact(lambda work: work.replace("skill_revisions", {"_id": "current", "revision": revision}))


def walk_through(board: Board, lexicon: Lexicon, batches: int = 1000) -> list[str]:
    """Whose demand is due after a walk with the newest skills that is stopped after so many batches at most."""
    at_revision(board, lexicon.revision)
    a_walk(Noting(board), lexicon, batches).step()
    return list(PostingStore(board.database.reading()).demands_due())


def test_what_a_walk_changes_makes_the_demand_of_its_owners_due(board: Board) -> None:
    board.post("Clerk", "Excel spreadsheets required", owner="demo.riverside")
    board.post("Welder", "Welding required", owner="demo.hill")
    lexicon = with_esco("1:x", taxonomy.Skill("e:sheets", "spreadsheets"))
    assert walk_through(board, board.jobs.known) == []
    assert walk_through(board, lexicon) == ["demo.riverside"]
    assert PostingStore(board.database.reading()).demand_of("demo.riverside") == [("e:sheets", "spreadsheets", 1)]
    [change] = PostingStore(board.database.reading()).demands_due().values()
    board.database.transact(lambda work: PostingStore(work).demand_told("demo.riverside", change))
    assert walk_through(board, lexicon) == [], "nothing has changed since"


def test_a_walk_that_is_stopped_leaves_its_owners_to_the_next_one(board: Board) -> None:
    for number in range(BATCH):
        board.post("Clerk", "Excel spreadsheets required", owner="demo.riverside", key=f"a{number:03}")
    board.post("Welder", "Welding required", owner="demo.hill", key="b")
    sheets = taxonomy.Skill("e:sheets", "spreadsheets")
    assert walk_through(board, with_esco("1:x", sheets), batches=1) == []
    assert walk_through(board, with_esco("2:x", sheets)) == ["demo.riverside"]


def overtake(work: Any) -> None:
    """Another replica begins with the skills of `2:x` meanwhile."""
    store = SkillStore(work)
    store.save_walk(Walk("2:x"), store.walk())


class Overtaking(Noting):
    """Where another replica comes before the n-th transaction."""

    def __init__(self, board: Board, before: int) -> None:
        super().__init__(board)
        self._left = before

    def transact(self, effect: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            self._board.database.transact(overtake)
        return super().transact(effect)


@pytest.mark.parametrize(("before", "told"), [(1, 0), (2, 0), (3, 1), (4, 1)],
                         ids=["it begins", "it tells what is one skill", "it keeps postings", "it ends"])
def test_a_walk_that_another_replica_overtakes_lets_go(board: Board, before: int, told: int) -> None:
    job = board.post("Clerk", "Excel spreadsheets required", owner="demo.riverside")
    skills = PostingStore(board.database.reading()).get_many([job])[job].skills
    at_revision(board, 1)
    walk = a_walk(Overtaking(board, before), with_esco("1:x", taxonomy.Skill("e:sheets", "spreadsheets")))
    assert walk.step() is False
    reading = board.database.reading()
    assert SkillStore(reading).walk() == Walk("2:x")
    assert len(board.told) == told
    assert (PostingStore(reading).get_many([job])[job].skills == skills) is (before < 4)
    assert PostingStore(reading).demands_due() == {}


def test_a_walk_whose_skills_are_former_ones_does_not_begin(board: Board) -> None:
    at_revision(board, 2)
    assert a_walk(Noting(board), with_esco("1:x", taxonomy.Skill("e:sheets", "spreadsheets"))).step() is False
    assert SkillStore(board.database.reading()).walk() is None
    assert board.told == []


def told_joined(board: Board) -> list[tuple[str, list[str], int]]:
    return [(event.subject, event.data["others"], event.sequence) for event in board.told]


def test_a_walk_tells_which_uris_stand_for_one_skill_and_what_changes_of_it(board: Board) -> None:
    walk_through(board, board.jobs.known)
    assert told_joined(board) == []
    sheets, ours = taxonomy.Skill("e:sheets", "spreadsheets"), board.jobs.known.taxonomy.meant_by("spreadsheets")
    assert ours
    for stamp, told in (("1:x", 1), ("2:x", 0)):
        walk_through(board, with_esco(stamp, sheets))
        assert getattr(SkillStore(board.database.reading()).walk(), "joined", None) == told, "its place moves with it"
    assert told_joined(board) == [("e:sheets", [ours.uri], 1)]
    other = taxonomy.Skill("e:tables", "spreadsheets")
    walk_through(board, with_esco("3:x", other))
    assert told_joined(board)[1:] == [("e:sheets", [], 2), ("e:tables", [ours.uri], 1)]


def test_a_curators_correction_changes_the_demand_of_the_postings_owner_alone(board: Board) -> None:
    for owner in ("demo.riverside", "demo.hill"):
        board.post("Clerk", "Excel spreadsheets required", owner=owner)
    assert walk_through(board, board.jobs.known) == []
    correct(board, action="block", label="excel spreadsheets")
    corrected = replace(board.jobs.known, stamp="1:x")
    assert walk_through(board, corrected) == ["demo.riverside"]
    demand_of = PostingStore(board.database.reading()).demand_of
    assert (demand_of("demo.riverside"), len(demand_of("demo.hill"))) == ([], 1)


def test_a_walk_that_was_kept_without_owners_goes_on(board: Board) -> None:
    members = {"stamp": "1:x", "after": "a", "done": 1, "changed": 1, "finished_at": None}
    board.database.transact(lambda work: work.replace("skill_walks", {"_id": "current", **members}))
    assert SkillStore(board.database.reading()).walk() == Walk("1:x", "a", 1, 1)


def test_a_correction_names_a_skill_and_a_posting_that_are_known(board: Board) -> None:
    theirs = board.post("Clerk", owner="demo.hill")
    with pytest.raises(NotFound):
        correct(board, action="block", posting=theirs)
    with pytest.raises(RequestInvalid):
        correct(board, action="block", label="!!!")
    with pytest.raises(RequestInvalid):
        board.ask("correct_skills", body={"action": "add", "skill": "urn:nothing", "label": "x"})


def a_source(size: int = 3 * PAGE * PAGES_A_TRANSACTION, version: str = "1") -> taxonomy.Source:
    return taxonomy.Source("esco", version, tuple(
        taxonomy.Skill(f"e:{number}", f"skill {number}", (f"alias {number}",)) for number in range(size)))


def test_an_import_that_is_stopped_goes_on_and_a_repeated_one_changes_nothing(board: Board) -> None:
    told: list[tuple[int, int]] = []

    def transact(effect: Any) -> Any:
        if len(told) == 2:
            raise ConnectionError
        return board.database.transact(effect)

    with pytest.raises(ConnectionError):
        import_source(a_source(), transact, lambda *progress: told.append(progress))
    assert board.database.transact(lambda work: SkillStore(work).editions()) == []
    assert import_source(a_source(), board.database.transact, lambda *progress: told.append(progress))
    assert told[2][0] == PAGES_A_TRANSACTION
    assert not import_source(a_source(), board.database.transact, lambda *_: None)
    [edition] = board.database.transact(lambda work: SkillStore(work).editions())
    pages = board.database.transact(lambda work: SkillStore(work).pages(edition.pages))
    assert sorted(source_of(edition, pages).skills, key=str) == sorted(a_source().skills, key=str)
    assert board.database.transact(lambda work: SkillStore(work).revision()) == 1


def test_a_newer_edition_takes_the_place_of_the_older_one(board: Board) -> None:
    for source in (a_source(10), a_source(12, "2")):
        import_source(source, board.database.transact, lambda *_: None)
    [edition] = board.database.transact(lambda work: SkillStore(work).editions())
    assert (edition.version, edition.skills) == ("2", 12)
    assert board.database.transact(lambda work: work.count("taxonomy_pages", {})) == 1
