"""Guests' rules: codes that are easily typed and not guessed, and how long a guest stays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.profiles.guests.domain import codes, guests
from services.profiles.guests.domain.refusals import GuestsNotWelcome
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Goal, Patron

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
RIVERSIDE = Node("demo.riverside", "library", "Riverside Library")


def test_a_code_is_three_groups_of_four_and_never_the_same() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    for code in made:
        assert [len(group) for group in code.split("-")] == [4, 4, 4]
        assert not set(code) & set("ILOU")


def test_a_code_is_read_however_it_is_typed() -> None:
    for code in (codes.new_code() for _ in range(50)):
        plain = code.replace("-", "")
        for typed in (code.lower(), plain, f" {code} ", code.replace("-", " "), code.replace("0", "O"),
                      code.replace("1", "l")):
            assert codes.read(typed) == plain
            assert codes.hash_of(typed) == codes.hash_of(code)


@given(some.integers(0, 11), some.sampled_from(codes.ALPHABET))
def test_a_slip_is_found_before_anything_is_looked_up(position: int, slip: str) -> None:
    plain = codes.new_code().replace("-", "")
    if plain[position] != slip:
        assert codes.read(plain[:position] + slip + plain[position + 1:]) is None


@given(some.text(max_size=40))
def test_what_is_no_code_is_none(typed: str) -> None:
    code = codes.read(typed)
    assert code is None or set(code) <= set(codes.ALPHABET)


def test_the_hash_tells_nothing_of_the_code() -> None:
    code = codes.new_code()
    assert code not in codes.hash_of(code)
    with pytest.raises(ValueError, match="resume code"):
        codes.hash_of("nothing")


def test_a_guest_stays_as_long_as_the_library_says() -> None:
    guest = guests.start("g1", RIVERSIDE, True, 7, NOW)
    assert guest.is_there(NOW + timedelta(days=7) - timedelta(milliseconds=1))
    assert not guest.is_there(NOW + timedelta(days=7))
    with pytest.raises(GuestsNotWelcome, match="Riverside Library"):
        guests.start("g1", RIVERSIDE, False, 7, NOW)


def test_a_guest_who_becomes_a_patron_keeps_skills_and_goal() -> None:
    guest = guests.tell(guests.start("g1", RIVERSIDE, True, 30, NOW), {
        "skills": [{"label": "welding"}], "goal": {"label": "welder"}, "languages": ["es"]}, NOW)
    patron = guests.become(guest, Patron("p1", guest.owner, NOW, "Ana"))
    assert [each.mention.label for each in patron.skills] == ["welding"]
    assert (patron.goal, patron.languages, patron.name) == (Goal("welder"), ("es",), "Ana")
