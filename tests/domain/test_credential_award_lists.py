"""Lists of awards as libraries' programs write them: what is read, and what is told of a row that is not fit."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credentials.domain import award_lists
from services.credentials.domain.award_lists import AwardRow, UnfitRow
from services.credentials.domain.refusals import ListUnreadable

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ONE, TWO = "0190b3a0-1111-7111-8111-111111111111", "0190b3a0-1111-7111-8111-222222222222"
NOON = "2026-11-20T12:00:00.000Z"


def read(text: str, encoding: str = "utf-8") -> list[award_lists.Row]:
    return award_lists.read(text.encode(encoding), NOW)


@pytest.mark.parametrize("text", [
    f"patron,awarded_at,note\n{ONE},2026-11-20,Zoë\n",
    f"\ufeffpatron;awarded_at;note\r\n{ONE};2026-11-20;Zoë\r\n",
    f"patron\tawarded_at\tnote\r{ONE}\t2026-11-20\tZoë",
    f'"Patron","Awarded at",NOTE\n\n , ,\n"{ONE.upper()}"," 2026-11-20 ","Zoë"',
    f"note,awarded_at,patron\nZoë,2026-11-20T13:00:00+01:00,{ONE}\n"])
def test_a_list_is_read_whatever_wrote_it(text: str) -> None:
    [row] = read(text)
    assert row == AwardRow(row.position, ONE, NOON, "Zoë")


def test_an_award_that_stands_twice_counts_once() -> None:
    rows = read(f"patron,awarded_at\n{ONE},2026-11-20\n{TWO},2026-11-20\n{ONE},2026-11-20T12:00:00Z\n")
    assert rows[2] == UnfitRow(4, "patron", "The same patron and time stand in line 2.")


def test_a_row_is_named_by_the_line_where_it_begins() -> None:
    rows = read(f'patron,awarded_at,note\r\n{ONE},2026-11-20,"two\r\nlines"\r\n\r\n'
                f'{TWO},2026-11-20,"a ""quote"", so"\r\n')
    assert rows == [AwardRow(2, ONE, NOON, "two\r\nlines"), AwardRow(5, TWO, NOON, 'a "quote", so')]


@pytest.mark.parametrize(("cells", "field"), [
    ("21234000011112,2026-11-20", "patron"), (",2026-11-20", "patron"), (f"={ONE},2026-11-20", "patron"),
    (ONE, "awarded_at"), (f"{ONE},20.11.2026", "awarded_at"), (f"{ONE},2026-11-20T10:00:00", "awarded_at"),
    (f"{ONE},2026-02-30", "awarded_at"), (f"{ONE},2026-11-24", "awarded_at"), (f"{ONE},1969-12-31", "awarded_at"),
    (f"{ONE},9999-12-31T23:59:59-23:59", "awarded_at"), (f"{ONE},2026-11-20,{'x' * 501}", "note"),
    (f"{ONE},2026-11-20,a\x00b", "note"), (f"{ONE},2026-11-20,a,b", "note")])
def test_a_row_that_is_not_fit_names_its_column_and_stops_no_other(cells: str, field: str) -> None:
    [unfit, fit] = read(f"patron,awarded_at,note\n{cells}\n{TWO},2026-11-22\n")
    assert isinstance(unfit, UnfitRow)
    assert (unfit.position, unfit.field) == (2, field)
    assert isinstance(fit, AwardRow)
    assert (fit.position, fit.note) == (3, None)


@pytest.mark.parametrize("short", ["2026-11-20", "2026-11-20,x"])
def test_a_row_that_ends_before_its_patron_stops_no_other(short: str) -> None:
    unfit, fit = read(f"awarded_at,note,patron\n{short}\n2026-11-22,,{TWO}\n")
    assert unfit == UnfitRow(2, "patron", "This is no patron's id: 36 hexadecimal digits and dashes.")
    assert isinstance(fit, AwardRow)


@pytest.mark.parametrize(("text", "says"), [
    ("", "no column 'patron'"), ("patron,awarded_at\n", "no rows"), (f"{ONE},2026-11-20\n", "no column 'patron'"),
    (f"patron,when\n{ONE},2026-11-20\n", "no column 'awarded_at'"),
    (f"patron,awarded_at,name\n{ONE},2026-11-20,Amina\n", "no other column"),
    (f"patron,awarded_at,patron\n{ONE},2026-11-20,{TWO}\n", "at most once"),
    (f'patron,awarded_at\n{ONE},"2026-11-20\n', "not written as CSV"),
    (f'patron,awarded_at\n{ONE},"2026-11-20"x\n', "Line 2")])
def test_a_file_that_is_no_such_list_is_refused(text: str, says: str) -> None:
    with pytest.raises(ListUnreadable, match=says):
        read(text)


def test_a_list_that_is_not_in_utf_8_names_the_line() -> None:
    with pytest.raises(ListUnreadable, match="Line 2 is not written in UTF-8"):
        read(f"patron,awarded_at,note\n{ONE},2026-11-20,Zoë\n", "latin-1")


def test_a_list_has_a_longest_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(award_lists, "MOST_ROWS", 2)
    row = f"{ONE},2026-11-20\n"
    assert len(read("patron,awarded_at\n" + row * 2)) == 2
    with pytest.raises(ListUnreadable, match="more than 2 rows"):
        read("patron,awarded_at\n" + row * 3)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"patron,awarded_at,note\n{text}".encode()))
def test_no_file_does_anything_but_be_read_or_refused(content: bytes) -> None:
    with suppress(ListUnreadable):
        assert award_lists.read(content, NOW)
