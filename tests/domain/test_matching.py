"""Coverage of what a job asks for: ready, near, why, and the order they come in."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import log1p

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.jobs.matches.domain.board import Board, Listing
from services.jobs.matches.domain.coverage import MOST_MISSING, WISHED_ENOUGH, WISHED_WEIGHT
from services.jobs.matches.domain.places import Near, Whereabouts, kilometres_from, words_of_place
from services.jobs.matches.domain.teaching import Course, Teaching
from services.jobs.matches.domain.trail import OVERLAP_SECONDS, Trail, id_before
from services.jobs.matches.domain.why import Matched, Missing, sentences

NOWHERE = Whereabouts()
SKILLS = [f"skill-{number}" for number in range(12)]
skills = st.lists(st.sampled_from(SKILLS), unique=True, max_size=8)
postings = st.lists(st.tuples(skills, skills), max_size=20)


def listing(number: int, required: list[str], wished: list[str], title: str = "Clerk", owner: str = "demo",
            where: Whereabouts = NOWHERE) -> Listing:
    return Listing(f"job-{number:03}", owner, title, where, tuple(required),
                   tuple(each for each in wished if each not in required), f"card {number}")


def board_of(*listings: Listing) -> Board:
    board = Board()
    board.put(listings)
    board.settle()
    return board


def matches(board: Board, *held: str, near: Near | None = None, goal: tuple[str, ...] = (), node: str = "demo",
            most: int = 50) -> tuple[list[str], list[str]]:
    hits = board.match(held, lambda owner: owner.startswith(node), near, goal, most)
    return tuple([board.card(hit.row).removeprefix("card ") for hit in some]  # type: ignore[return-value]
                 for some in (hits.ready, hits.near))


def test_a_job_is_ready_when_nothing_required_is_missing_and_near_when_little_is() -> None:
    board = board_of(listing(1, ["a", "b"], ["c"]), listing(2, ["a", "x"], []), listing(3, ["x"], []),
                     listing(4, ["a", *"uvwxyz"], []))
    assert matches(board, "a", "b") == (["1"], ["2"])


def test_a_job_without_found_skills_is_neither() -> None:
    assert matches(board_of(listing(1, [], [])), "a") == ([], [])


def test_a_job_that_only_wishes_is_ready_when_half_of_it_is_there() -> None:
    board = board_of(listing(1, [], ["a", "b", "x"]), listing(2, [], ["a", "x", "y"]))
    assert matches(board, "a", "b") == (["1"], ["2"])


def test_near_jobs_come_by_coverage_then_by_fewer_missing_and_equal_ones_by_the_goal() -> None:
    board = board_of(listing(1, ["a", "x", "y"], []), listing(2, ["a", "x"], [], "Clerk"),
                     listing(3, ["a", "x"], [], "Head cashier"), listing(4, ["a", "b", "x"], []))
    assert matches(board, "a", "b", goal=("cashier",))[1] == ["4", "3", "2", "1"]
    assert matches(board, "a", "b")[1] == ["4", "3", "2", "1"]
    assert matches(board, "a", "b", goal=("clerk",))[1] == ["4", "2", "3", "1"]


def test_a_rare_skill_weighs_more_than_a_common_one() -> None:
    common = [listing(number, ["common"], []) for number in range(30)]
    board = board_of(*common, listing(90, ["common", "rare", "x"], []), listing(91, ["common", "rare", "y"], []))
    scores = [board.match([held], lambda _: True, None, (), 50).near[0].coverage for held in ("rare", "common")]
    assert scores[0] > scores[1]


def test_a_changed_job_takes_the_place_of_its_former_state_and_a_removed_one_is_gone() -> None:
    board = board_of(listing(1, ["a"], []), listing(2, ["a"], []))
    board.put([listing(1, ["b"], [])])
    board.remove(["job-002", "unknown"])
    board.settle()
    assert matches(board, "a") == ([], [])
    assert matches(board, "b") == (["1"], [])
    assert len(board) == 1


def test_a_skill_that_nobody_asked_for_before_is_known_at_once() -> None:
    board = board_of(*(listing(number, ["a"], []) for number in range(100)))
    board.put([listing(200, ["new"], [])])
    board.settle()
    assert matches(board, "new") == (["200"], [])


def test_a_renewed_board_answers_the_same_by_the_uris_of_now() -> None:
    board = board_of(listing(1, ["a", "old"], ["w"]), listing(2, ["a"], []), listing(3, ["a"], []))
    board.remove(["job-002"])
    fresh = board.renewed(lambda uri: {"old": "new"}.get(uri, uri))
    assert matches(fresh, "a", "new") == (["1", "3"], []) or matches(fresh, "a", "new") == (["3", "1"], [])
    assert matches(fresh, "a", "old")[1] == ["1"]


def test_only_owners_whom_the_caller_shares_are_seen() -> None:
    board = board_of(listing(1, ["a"], [], owner="demo.riverside"), listing(2, ["a"], [], owner="demo.hill"))
    assert matches(board, "a", node="demo.hill") == (["2"], [])
    assert board.match(["a"], lambda owner: owner == "demo.hill", None, (), 5).considered == 1


def test_near_is_by_distance_by_words_or_remote() -> None:
    lansing, detroit = (42.73, -84.56), (42.33, -83.05)
    board = board_of(
        listing(1, ["a"], [], where=Whereabouts((lansing,))), listing(2, ["a"], [], where=Whereabouts((detroit,))),
        listing(3, ["a"], [], where=Whereabouts(remote=True)),
        listing(4, ["a"], [], where=Whereabouts((), words_of_place("Village of Lansing"))), listing(5, ["a"], []))
    assert set(matches(board, "a", near=Near((42.75, -84.5), frozenset()))[0]) == {"1", "3"}
    assert set(matches(board, "a", near=Near(None, words_of_place("lansing")))[0]) == {"3", "4"}
    assert kilometres_from(np.array([lansing]), detroit)[0] == pytest.approx(131, abs=3)


@settings(max_examples=150)
@given(postings, skills, skills)
def test_scores_lie_between_0_and_1_and_more_skills_never_lower_one(
        wanted: list[tuple[list[str], list[str]]], held: list[str], more: list[str]) -> None:
    board = board_of(*(listing(number, *each) for number, each in enumerate(wanted)))
    first, second = (board.match(some, lambda _: True, None, (), 500) for some in (held, [*held, *more]))
    before = {hit.row: hit.coverage for hit in (*first.ready, *first.near)}
    after = {hit.row: hit.coverage for hit in (*second.ready, *second.near)}
    assert all(0 < score <= 1 for score in (*before.values(), *after.values()))
    assert all(after[row] >= score - 1e-12 for row, score in before.items())
    assert {hit.row for hit in first.ready} <= {hit.row for hit in second.ready}


@settings(max_examples=150)
@given(postings, skills, st.integers(1, 5))
def test_ready_misses_nothing_required_near_does_and_both_come_best_first(
        wanted: list[tuple[list[str], list[str]]], held: list[str], most: int) -> None:
    board = board_of(*(listing(number, *each) for number, each in enumerate(wanted)))
    hits = board.match(held, lambda _: True, None, (), most)
    for hit in hits.ready:
        assert all(uri in held for uri, required in board.wants(hit.row) if required)
    for hit in hits.near:
        lacks = [uri for uri, required in board.wants(hit.row) if required and uri not in held]
        assert len(lacks) == hit.missing <= MOST_MISSING
        assert any(uri in held for uri, _ in board.wants(hit.row))
    for some in (hits.ready, hits.near):
        assert len(some) <= most
        scores = [round(hit.coverage, 3) for hit in some]
        assert scores == sorted(scores, reverse=True)


def scanned(wanted: list[tuple[list[str], list[str]]], held: list[str], most: int) -> tuple[list[str], list[str]]:
    """The rule as it is written down, posting by posting: what an index may only be faster at."""
    asked = [(required, [each for each in wished if each not in required]) for required, wished in wanted]
    rarity = {skill: log1p(len(asked) / count) for skill, count in Counter(
        skill for required, wished in asked for skill in (*required, *wished)).items()}

    def weight(required: list[str], wished: list[str]) -> float:
        return sum(rarity[each] for each in required) + WISHED_WEIGHT * sum(rarity[each] for each in wished)

    ready: list[tuple[float, int, int]] = []
    near: list[tuple[float, int, int]] = []
    for number, (required, wished) in enumerate(asked):
        there = weight([each for each in required if each in held], [each for each in wished if each in held])
        if there:
            coverage = there / weight(required, wished)
            missing = sum(each not in held for each in required)
            assume(abs(coverage * 1000 % 1 - 0.5) > 1e-6)  # where the order of adding up would decide
            assume(required or abs(coverage - WISHED_ENOUGH) > 1e-6)
            if not missing and (required or coverage > WISHED_ENOUGH):
                ready.append((-round(coverage, 3), 0, -number))
            elif missing <= MOST_MISSING:
                near.append((-round(coverage, 3), missing, -number))
    return tuple([str(-number) for *_, number in sorted(some)[:most]] for some in (ready, near))  # type: ignore[return-value]


@settings(max_examples=300)
@given(postings, skills, st.integers(1, 6))
def test_the_index_gives_what_a_plain_scan_gives_in_the_same_order(
        wanted: list[tuple[list[str], list[str]]], held: list[str], most: int) -> None:
    board = board_of(*(listing(number, *each) for number, each in enumerate(wanted)))
    assert matches(board, *held, most=most) == scanned(wanted, held, most)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), st.tuples(skills, skills))), max_size=60), skills)
def test_whatever_came_and_went_the_board_answers_like_one_made_anew(
        changes: list[tuple[int, tuple[list[str], list[str]] | None]], held: list[str]) -> None:
    board, state = Board(), dict[int, tuple[list[str], list[str]]]()
    for number, wanted in changes:
        if wanted is None:
            board.remove([f"job-{number:03}"])
            state.pop(number, None)
        else:
            board.put([listing(number, *wanted)])
            state[number] = wanted
        board.settle()
    anew = board_of(*(listing(number, *wanted) for number, wanted in state.items()))
    assert len(board) == len(anew) == len(state)
    one, other = matches(board, *held), matches(anew, *held)
    assert set(one[0]) | set(one[1]) == set(other[0]) | set(other[1])


def test_a_match_says_why_with_the_basis_of_each_skill_and_what_closes_the_gap() -> None:
    matched = [Matched("u:1", "spreadsheets", ("claimed", "taught"), True),
               Matched("u:2", "CPR", ("demonstrated",), True), Matched("u:3", "Spanish", ("claimed",), False)]
    missing = [Missing("u:4", "forklift", True, (Course("c", "demo", "Forklift basics"),)),
               Missing("u:5", "welding", False)]
    assert sentences(matched, missing, "cashier") == [
        "You have 2 of the 3 skills that this job requires.", "It fits what you hope for: cashier.",
        "A credential shows: CPR.", "You completed a course on: spreadsheets.", "You said you can: Spanish.",
        "It also requires: forklift.", "The course “Forklift basics” teaches forklift.",
        "Welcome, but not required: welding."]
    assert sentences(matched, [], None)[0] == "You have everything that this job requires."


def test_courses_are_those_of_shared_owners_in_their_newest_state() -> None:
    teaching = Teaching()
    teaching.put(Course("1", "demo.a", "One"), ["u:1"])
    teaching.put(Course("2", "demo.b", "Two"), ["u:1"])
    teaching.put(Course("1", "demo.a", "One, again"), ["u:1", "u:2"])
    assert [each.title for each in teaching.teaching("u:1", lambda owner: owner == "demo.a")] == ["One, again"]
    teaching.put(Course("1", "demo.a", "One"), ["u:2"])
    assert teaching.teaching("u:1", lambda owner: owner == "demo.a") == []


def test_a_trail_meets_each_change_once_and_those_that_come_to_light_late() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    trail = Trail(start)
    late, first = f"{id_before(start)}-7000-a", f"{id_before(start + timedelta(seconds=1))}-7000-b"
    assert trail.unseen([first]) == trail.unseen([first]) == {first}
    trail.saw([first])
    trail.move_to(start + timedelta(seconds=5))
    assert trail.since < late
    assert trail.unseen([late, first]) == {late}
    trail.move_to(start + timedelta(seconds=OVERLAP_SECONDS + 10))
    assert trail.since > first


def test_nothing_is_answered_by_an_empty_board() -> None:
    assert matches(Board(), "a") == ([], [])
    assert np.array_equal(Board().places(Near(None, frozenset())), np.zeros(0, np.bool_))
