"""Jobs as callers meet it: what a label means, which jobs fit, what is found by words."""

from typing import Any

import pytest

from contracts.calls import matching
from libranet.ids import new_id
from libranet.problems import RequestInvalid, ServiceAway
from services.jobs.courses.domain.taught import Course, Skill
from services.jobs.postings.domain.posting import Place
from services.jobs.skills.domain import taxonomy
from tests.services.matching_stage import DAY, Board, with_esco


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
