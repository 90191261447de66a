"""Jobs as callers meet it: what a label means, which jobs fit, what is found by words, what curators correct."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.calls import matching
from libranet.ids import new_id
from libranet.problems import NotFound, RequestInvalid, ServiceAway
from libranet.testing import a_principal, a_request
from services.jobs.courses.domain.taught import Course, Skill
from services.jobs.matches.adapters.index import Index
from services.jobs.postings.domain.posting import Place, Posting
from services.jobs.postings.store import PostingStore
from services.jobs.service import Jobs
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.skills.adapters.importing import PAGES_A_TRANSACTION, import_source
from services.jobs.skills.adapters.keeper import everyday_lexicon
from services.jobs.skills.adapters.walk import BATCH, SkillWalk, looked_through
from services.jobs.skills.domain import taxonomy
from services.jobs.skills.domain.corrections import Corrections
from services.jobs.skills.domain.lexicon import Lexicon, lexicon_of
from services.jobs.skills.store import PAGE, SkillStore, Walk, source_of
from services.jobs.store import COLLECTIONS, JobsStore

LANSING = Place("Lansing, MI", "US", "MI", "Lansing")
DAY = datetime(2026, 3, 1, tzinfo=UTC)


class Board:
    """Jobs on one state, with an index that is told of every posting."""

    def __init__(self, work_factory: Any) -> None:
        self.database = work_factory(COLLECTIONS, "jobs")
        self.jobs = Jobs()
        self.jobs.known = everyday_lexicon()
        self.jobs.jobs = self.index = Index(self.jobs.known)
        self.index.searchable = True
        self.told: list[Any] = []

    def ask(self, method: str, node: str = "demo.riverside", **request: Any) -> Any:
        asked = a_request(principal=a_principal(node), **request)
        return self.database.transact(lambda work: getattr(self.jobs, method)(asked, JobsStore(work)))

    def post(self, title: str, text: str = "", owner: str = "demo", days: int = 0, place: Place = LANSING,
             state: str = "open", key: str | None = None, **members: Any) -> str:
        identity = key or new_id()
        posting = Posting(
            identity, owner, "feed", identity, title, text=text, places=(place,), posted_at=DAY + timedelta(days=days),
            skills=self.jobs.known.extract(title, text, owner, identity), state=state, **members)

        def effect(work: Any) -> Any:
            store = PostingStore(work)
            store.replace([posting])
            store.tell([identity])
            return store.open_with_text([identity])

        kept = self.database.transact(effect)
        if state == "open":
            self.index.build(lambda: list(kept.values()))
            self.index.write(kept.values())
        else:
            self.index.remove([identity])
        self.index.board.settle()
        self.index.texts.commit()
        return identity

    def matches(self, *labels: str, node: str = "demo.riverside", **members: Any) -> tuple[list[str], list[str]]:
        body = {"skills": [{"label": label, "bases": ["claimed"]} for label in labels], "limit": 20, **members}
        answer = self.ask("match_jobs", node, body=body)
        return ([each["job"]["title"] for each in answer["ready"]], [each["job"]["title"] for each in answer["near"]])

    def titles(self, node: str = "demo.riverside", limit: int = 50, **query: Any) -> list[str]:
        """Over all pages."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.ask("search_jobs", node, query={"limit": limit, **query, **cursor})
            assert len(page["items"]) <= limit
            found += [each["title"] for each in page["items"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


@pytest.fixture
def board(work_factory: Any) -> Board:
    return Board(work_factory)


def test_labels_are_resolved_in_the_order_asked(board: Board) -> None:
    items = board.ask("resolve_skills", body={"labels": ["Spreedsheets", "gesundheit", "CPR"]})["items"]
    assert [each["asked"] for each in items] == ["Spreedsheets", "gesundheit", "CPR"]
    assert [each["label"] for each in items] == ["spreadsheets", None, "CPR"]
    assert items[0]["uri"] == "urn:libranet:skill:spreadsheets"
    assert items[2]["score"] == 1


def test_a_resolved_label_comes_with_the_skills_other_uris(board: Board) -> None:
    board.jobs.known = with_esco("1:x", taxonomy.Skill("e:sheets", "spreadsheets"))
    [item] = board.ask("resolve_skills", body={"labels": ["excel"]})["items"]
    assert (item["uri"], item["other_uris"]) == ("e:sheets", ["urn:libranet:skill:spreadsheets"])


def test_a_job_is_ready_or_near_by_what_it_requires(board: Board) -> None:
    board.post("Clerk", "Must know spreadsheets and data entry. Spanish preferred.")
    board.post("Stocker", "Forklift required. Spreadsheets needed.")
    board.post("Surgeon", "Must be perfect.")
    assert board.matches("excel", "data entery") == (["Clerk"], ["Stocker"])


def test_a_match_names_what_is_there_and_missing_with_courses_and_says_why(board: Board) -> None:
    board.index.teach([Course(new_id(), "demo.riverside", "Forklift basics", (Skill("fork lift"),), 1),
                       Course(new_id(), "demo.hill", "Hidden course", (Skill("forklift"),), 1)])
    board.post("Stocker", "Forklift required. Spreadsheets needed.", employer="Acme", url="https://jobs.example.org/1",
               closes_at=DAY)
    body = {"skills": [{"label": "spreadsheets", "bases": ["claimed", "taught"]}],
            "goal": {"label": "stocker"}, "limit": 5}
    answer = board.ask("match_jobs", body=body)
    [match] = answer["near"]
    assert match["job"] == {
        "id": match["job"]["id"], "title": "Stocker", "employer": "Acme", "place": "Lansing, MI", "remote": False,
        "url": "https://jobs.example.org/1", "closes_at": "2026-03-01T00:00:00.000Z"}
    assert match["matched"] == [{"uri": "urn:libranet:skill:spreadsheets", "label": "spreadsheets",
                                 "bases": ["claimed", "taught"], "required": True}]
    assert [(each["label"], [course["title"] for course in each["courses"]]) for each in match["missing"]] == [
        ("forklift", ["Forklift basics"])]
    assert "It fits what you hope for: stocker." in match["why"]
    assert "You completed a course on: spreadsheets." in match["why"]
    assert 0 < match["score"] < 1
    assert matching.Matches().validate(answer) == {}


def test_a_library_sees_jobs_of_its_own_of_those_above_and_below_and_no_others(board: Board) -> None:
    for title, owner in (("All", "demo"), ("Ours", "demo.riverside"), ("Branch", "demo.riverside.main"),
                         ("Theirs", "demo.hill")):
        board.post(title, "Spreadsheets required", owner)
    assert set(board.matches("spreadsheets")[0]) == set(board.titles()) == {"All", "Ours", "Branch"}
    assert set(board.matches("spreadsheets", node="demo")[0]) == {"All", "Ours", "Branch", "Theirs"}


def test_a_posting_that_expired_or_changed_is_seen_as_it_is_now(board: Board) -> None:
    job = board.post("Clerk", "Spreadsheets required")
    board.post("Clerk", "Welding required", key=job)
    assert board.matches("spreadsheets") == ([], [])
    assert board.matches("welding") == (["Clerk"], [])
    board.post("Clerk", "Welding required", key=job, state="expired")
    assert board.matches("welding") == ([], [])
    assert board.titles() == []


def test_near_a_place_counts_what_is_near_and_what_is_remote(board: Board) -> None:
    board.post("Here", "Spreadsheets required")
    board.post("Far", "Spreadsheets required", place=Place("Detroit, MI 48201"))
    board.post("Anywhere", "Spreadsheets required", place=Place("Detroit, MI"), remote=True)
    assert set(board.matches("spreadsheets", near="48933")[0]) == {"Here", "Anywhere"}
    assert set(board.titles(near="Lansing, Michigan")) == {"Here", "Anywhere"}
    assert set(board.titles(near="42.33,-83.05")) == {"Far", "Anywhere"}
    assert set(board.titles(near="Atlantis")) == {"Anywhere"}


def test_a_uri_that_nobody_knows_is_passed_over_for_its_label(board: Board) -> None:
    board.post("Clerk", "Spreadsheets required")
    for uri in ("urn:libranet:skill:spreadsheets", "http://data.europa.eu/esco/skill/unknown"):
        answer = board.ask("match_jobs", body={"limit": 5, "skills": [
            {"label": "spreadsheets", "uri": uri, "bases": []}]})
        assert answer["ready"][0]["matched"][0]["bases"] == ["claimed"]


def test_search_gives_titles_first_then_the_newest_in_pages_without_gap_or_double(board: Board) -> None:
    for number in range(9):
        board.post(f"Clerk {number}", "Works in the library", days=number)
    board.post("Library page", "Shelving", days=-30)
    assert board.titles(limit=2, q="libraries") == ["Library page", *(f"Clerk {number}" for number in range(8, -1, -1))]
    assert board.titles(q="library clerk 3") == ["Clerk 3"]
    assert board.titles(q="shelving") == ["Library page"]
    assert board.titles(q="...") == board.titles(q="zebra") == []
    assert len(board.titles(limit=3)) == 10


def test_search_by_skill_takes_a_uri_or_a_label(board: Board) -> None:
    board.post("Clerk", "MS Excel")
    board.post("Welder")
    for skill in ("urn:libranet:skill:spreadsheets", "Spreedsheets"):
        assert board.titles(skill=skill) == ["Clerk"]
    assert board.titles(skill="urn:nothing") == []


def test_a_page_stays_good_while_postings_come_and_go(board: Board) -> None:
    jobs = [board.post(f"Clerk {number}", days=number) for number in range(6)]
    page = board.ask("search_jobs", query={"limit": 2})
    board.post("Clerk 9", days=9)
    board.post("Clerk 3", days=3, key=jobs[3], state="expired")
    rest = board.ask("search_jobs", query={"limit": 10, "cursor": page["next"]})
    assert [each["title"] for each in rest["items"]] == ["Clerk 2", "Clerk 1", "Clerk 0"]


@pytest.mark.parametrize("cursor", ["%", "eA", "Mjox", "MTotMQ", "MTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_cursor_that_is_none_is_refused(board: Board, cursor: str) -> None:
    with pytest.raises(RequestInvalid) as refusal:
        board.ask("search_jobs", query={"limit": 2, "cursor": cursor})
    assert refusal.value.errors[0]["field"] == "/cursor"


def test_before_the_first_index_is_built_callers_are_told_to_wait(board: Board) -> None:
    board.index.searchable = False
    with pytest.raises(ServiceAway):
        board.titles()
    assert board.matches("spreadsheets") == ([], [])
    board.jobs.jobs = None
    with pytest.raises(ServiceAway) as refusal:
        board.matches("spreadsheets")
    assert refusal.value.headers["Retry-After"]


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


def walk_through(board: Board, lexicon: Lexicon, batches: int = 1000) -> list[str]:
    """Whose demand is due after a walk that is stopped after so many batches at most."""
    walk = SkillWalk()
    walk.database, walk.keeper = Noting(board), SimpleNamespace(lexicon=lexicon)  # type: ignore[assignment]
    walk.stopping, walk._lease = False, HeldLease(batches)  # type: ignore[assignment]
    walk.walk(lexicon)
    return list(PostingStore(board.database.reading()).demands_due())


def with_esco(stamp: str, *skills: taxonomy.Skill) -> Lexicon:
    return lexicon_of([everyday(), taxonomy.Source("esco", "1", skills)], Corrections(()), stamp, stamp)


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


def told_joined(board: Board) -> list[tuple[str, list[str], int]]:
    return [(event.subject, event.data["others"], event.sequence) for event in board.told]


def test_a_walk_tells_which_uris_stand_for_one_skill_and_what_changes_of_it(board: Board) -> None:
    walk_through(board, board.jobs.known)
    assert told_joined(board) == []
    sheets, ours = taxonomy.Skill("e:sheets", "spreadsheets"), board.jobs.known.taxonomy.meant_by("spreadsheets")
    assert ours
    walk_through(board, with_esco("1:x", sheets))
    walk_through(board, with_esco("2:x", sheets))
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
