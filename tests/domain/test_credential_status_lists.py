"""A list's bits are read alike by others; places are never given twice and tell nothing."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3 import decode_encoded_list, set_indices

from services.credentials.domain import bitstring, status_lists
from services.credentials.domain.bitstring import SIZE, BitsUnreadable

KEY, MADE = bytes(range(16)), datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
INDICES = st.sets(st.integers(0, SIZE - 1), max_size=50)


@given(INDICES)
def test_another_reader_finds_the_bits_that_were_set(indices: set[int]) -> None:
    assert set_indices(decode_encoded_list(bitstring.encode(indices))) == indices


@given(INDICES, st.integers(0, SIZE - 1))
def test_a_bit_is_found_as_it_was_set(indices: set[int], asked: int) -> None:
    assert bitstring.is_set(bitstring.encode(indices), asked) is (asked in indices)


def test_the_same_bits_give_the_same_text_and_the_first_bit_is_the_highest() -> None:
    assert bitstring.encode([7, 3]) == bitstring.encode([3, 7])
    assert decode_encoded_list(bitstring.encode([0]))[0] == 0x80
    assert bitstring.encode([]).startswith("uH4sI")  # multibase base64url of the GZIP magic number


@pytest.mark.parametrize("text", [
    "", "u", "z" + bitstring.encode([])[1:], bitstring.encode([])[:-4], "u!!!!", "uAAAA", "uAAAAA", "u\u00e4",
    bitstring.encode([]).replace("u", "", 1)])
def test_what_is_no_list_is_unreadable(text: str) -> None:
    with pytest.raises(BitsUnreadable):
        bitstring.is_set(text, 0)


@pytest.mark.parametrize("index", [-1, SIZE])
def test_an_index_beyond_the_list_is_unreadable(index: int) -> None:
    with pytest.raises(BitsUnreadable):
        bitstring.is_set(bitstring.encode([]), index)


@pytest.mark.parametrize("size", [16, bitstring.MOST_BYTES + 1])
def test_a_list_too_short_to_hide_in_or_too_long_to_unpack_is_not_read(
        size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bitstring, "SIZE", size * 8)
        text = bitstring.encode([])
    with pytest.raises(BitsUnreadable):
        bitstring.is_set(text, 0)


def test_scattering_gives_each_index_once() -> None:
    assert {status_lists.scattered(number, KEY) for number in range(SIZE)} == set(range(SIZE))


def test_the_order_of_indices_tells_nothing_of_the_order_of_issuing() -> None:
    indices = [status_lists.scattered(number, KEY) for number in range(2000)]
    assert indices != [status_lists.scattered(number, bytes(16)) for number in range(2000)]
    rising = sum(one < other for one, other in pairwise(indices))
    assert 900 < rising < 1100
    assert min(indices) < SIZE // 20
    assert max(indices) > SIZE - SIZE // 20


def test_blocks_are_taken_one_after_the_other_until_the_list_is_nearly_full() -> None:
    status_list, seen = status_lists.new_list("demo.riverside", "did:web:r", 1, KEY, MADE), set()
    while status_lists.has_room(status_list):
        status_list, places = status_lists.reserve(status_list)
        seen |= {each.index for each in places}
    assert len(seen) == status_list.taken == status_lists.MOST_TAKEN < SIZE


def test_a_list_is_the_same_for_all_who_make_it_within_an_hour_and_lasts_a_day() -> None:
    def made(minute: int, changed_at: datetime = MADE) -> dict[str, object]:
        asked_at = datetime(2026, 11, 22, 8, minute, tzinfo=UTC)
        return status_lists.list_credential("https://l.example/1", "revocation", [3], "did:key:z", changed_at, asked_at)

    assert made(1) == made(59)
    assert (made(1)["validFrom"], made(1)["validUntil"]) == ("2026-11-22T08:00:00.000Z", "2026-11-23T08:00:00.000Z")
    later = datetime(2026, 11, 22, 8, 20, tzinfo=UTC)
    assert made(30, later)["validFrom"] == "2026-11-22T08:20:00.000Z"
