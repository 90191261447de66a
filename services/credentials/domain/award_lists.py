"""A list of awards in CSV (RFC 4180), as libraries' programs and spreadsheets write it.

What makes the whole file unreadable is raised; what is wrong with one row is told of that row.
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from libranet.clock import parse_rfc3339, rfc3339
from libranet.ids import is_uuid
from services.credentials.domain.guard import UNWRITABLE
from services.credentials.domain.refusals import ListUnreadable

PATRON, AWARDED_AT, NOTE = "patron", "awarded_at", "note"
COLUMNS = (PATRON, AWARDED_AT, NOTE)
NEEDED = (PATRON, AWARDED_AT)
DELIMITERS = (",", ";", "\t")
MOST_ROWS = 20_000
LONGEST_NOTE = 500
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NOON = time(12, tzinfo=UTC)
"""A date alone stands for noon of UTC, which is the same day nearly everywhere."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=14)
"""So far ahead of UTC it is today already."""


@dataclass(frozen=True)
class AwardRow:
    """Who is awarded, when (RFC 3339), and what is noted; `position` is the line of the file where it begins."""

    position: int
    patron: str
    awarded_at: str
    note: str | None = None


@dataclass(frozen=True)
class UnfitRow:
    """Why nobody is awarded anything by this row, and by which column."""

    position: int
    field: str
    reason: str


Row = AwardRow | UnfitRow


def read(content: bytes, now: datetime) -> list[Row]:
    """The rows in order. Raises ListUnreadable."""
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    found: list[Row] = []
    first: dict[tuple[str, str], int] = {}
    try:
        columns = _columns(next(reader, []))
        begins_at = reader.line_num + 1
        for cells in reader:
            if any(each.strip() for each in cells):
                row = _row(begins_at, dict(zip(columns, cells, strict=False)), len(cells) - len(columns), now)
                found.append(_once(row, first))
            begins_at = reader.line_num + 1
            if len(found) > MOST_ROWS:
                raise ListUnreadable(f"It has more than {MOST_ROWS} rows. Split it.")
    except csv.Error as error:
        raise ListUnreadable(f"Line {reader.line_num} is not written as CSV ({error}).") from None
    if not found:
        raise ListUnreadable("It has no rows below its first line.")
    return found


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ListUnreadable(f"Line {line} is not written in UTF-8. Save the list as 'CSV UTF-8'.") from None


def _delimiter(text: str) -> str:
    """The one that takes the first line apart into most columns."""
    first_line = text.partition("\n")[0]
    return max(DELIMITERS, key=first_line.count)


def _columns(cells: list[str]) -> list[str]:
    names = [each.strip().lower().replace(" ", "_") for each in cells]
    for name in NEEDED:
        if name not in names:
            raise ListUnreadable(f"Its first line names no column '{name}'. There are {', '.join(COLUMNS)}.")
    if set(names) - set(COLUMNS) or len(set(names)) < len(names):
        raise ListUnreadable(f"Its first line has to name each of {', '.join(COLUMNS)} at most once, and no other "
                             "column.")
    return names


def _row(position: int, cells: dict[str, str], surplus: int, now: datetime) -> Row:
    if surplus > 0:
        return UnfitRow(position, COLUMNS[-1], "There are more cells than columns. Put quotes around a text that has "
                                               "commas in it.")
    patron, note = cells.get(PATRON, "").strip().lower(), cells.get(NOTE, "").strip()
    if not is_uuid(patron):
        return UnfitRow(position, PATRON, "This is no patron's id: 36 hexadecimal digits and dashes.")
    awarded_at = _moment(cells.get(AWARDED_AT, "").strip())
    if awarded_at is None:
        return UnfitRow(position, AWARDED_AT, "Write a date like 2026-11-20, or a time with its zone.")
    if not EARLIEST <= awarded_at <= datetime.combine((now + AHEAD).date(), time.max, UTC):
        return UnfitRow(position, AWARDED_AT, "Write a day that has come, of 1970 or later.")
    if len(note) > LONGEST_NOTE or UNWRITABLE.search(note):
        return UnfitRow(position, NOTE, f"Write at most {LONGEST_NOTE} characters, without control characters.")
    return AwardRow(position, patron, rfc3339(awarded_at), note or None)


def _once(row: Row, first: dict[tuple[str, str], int]) -> Row:
    """The row, unless the same award stands further up."""
    if isinstance(row, UnfitRow):
        return row
    line = first.setdefault((row.patron, row.awarded_at), row.position)
    if line == row.position:
        return row
    return UnfitRow(row.position, PATRON, f"The same patron and time stand in line {line}.")


def _moment(text: str) -> datetime | None:
    try:
        if DATE.fullmatch(text):
            return datetime.combine(datetime.fromisoformat(text), NOON)
        return parse_rfc3339(text)
    except (ValueError, OverflowError):
        return None
