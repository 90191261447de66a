"""Dates as boards write them. What stands in no known form is no date: a wrong one would mislead more than none."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime

MDY, DMY = "mdy", "dmy"
ORDERS = (MDY, DMY)
YEARS = range(1970, 2200)
MILLISECONDS_FROM = 10**11
"""Greater numbers are milliseconds since 1970 (this one is 1973 in them), smaller ones are seconds."""
MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
CLOCK = r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[.,:](?P<fraction>\d+))?" \
        r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
ZONE = r"\s*(?P<zone>Z|z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?"
SHAPES = tuple(re.compile(shape + CLOCK + ZONE) for shape in (
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?(?P<day>\d{1,2})[ -](?P<name>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4})",
    r"(?:[A-Za-z]{3,9}\.?,\s+)?(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",
))
NUMBERS = re.compile(r"(?P<first>\d{1,2})[/.-](?P<second_number>\d{1,2})[/.-](?P<year>\d{4})" + CLOCK + ZONE)
NO_END = re.compile(r"\b(?:continuous|ongoing|rolling|open|until|none|never|n/a)\b", re.IGNORECASE)
"""In place of a closing time: there is none."""
END_OF_DAY = time(23, 59, 59)


def moment(value: object, order: str = MDY, end_of_day: bool = False) -> datetime | None:
    """Aware UTC, or None for what is no date. `order` decides what `03/04/2026` means, and nothing else: `25/04/2026`
    can only be read one way. A date without a time is the day's beginning, or its end; without a zone it is UTC."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = _of_number(value) if isinstance(value, int | float) else _of_text(value.strip(), order, end_of_day)
    except (ValueError, OverflowError, TypeError):
        return None
    return found.astimezone(UTC) if found is not None and found.year in YEARS else None


def first(values: object, order: str = MDY, end_of_day: bool = False) -> datetime | None:
    """The first that is a date, of several that a board gives for the same; of one alone the same."""
    given = values if isinstance(values, tuple) else (values,)
    return next((found for each in given if (found := moment(each, order, end_of_day)) is not None), None)


def _of_number(value: float) -> datetime:
    seconds = value / 1000 if value >= MILLISECONDS_FROM else value
    found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _of_text(text: str, order: str, end_of_day: bool) -> datetime | None:
    if len(text) > 60 or not text.isascii():
        return None
    if text.isdigit() and len(text) in (10, 13):
        return _of_number(int(text))
    for shape in SHAPES:
        if found := shape.fullmatch(text):
            parts = found.groupdict()
            month = _month(parts["name"]) if parts.get("name") else int(parts["month"])
            return _built(parts, month, int(parts["day"]), end_of_day)
    if found := NUMBERS.fullmatch(text):
        parts = found.groupdict()
        month, day = _by_order(int(parts["first"]), int(parts["second_number"]), order)
        return _built(parts, month, day, end_of_day)
    return _rfc_822(text)


def _by_order(first: int, second: int, order: str) -> tuple[int, int]:
    """(month, day)."""
    if first > 12 or (order == DMY and second <= 12):
        return second, first
    return first, second


def _month(name: str) -> int:
    try:
        return MONTHS[name[:3].lower()]
    except KeyError:
        raise ValueError(f"{name} is no month") from None


def _built(parts: dict[str, str | None], month: int, day: int, end_of_day: bool) -> datetime:
    on = date(int(parts["year"] or 0), month, day)
    if parts["hour"] is None:
        return datetime.combine(on, END_OF_DAY if end_of_day else time(), _zone(parts["zone"]))
    hour = int(parts["hour"])
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of the twelve-hour clock")
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    microseconds = int((parts["fraction"] or "").ljust(6, "0")[:3]) * 1000
    at = time(hour, int(parts["minute"] or 0), int(parts["second"] or 0), microseconds)
    return datetime.combine(on, at, _zone(parts["zone"]))


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if text[0] == "+" else -offset)


def _rfc_822(text: str) -> datetime | None:
    """With the zone names of old mails (EST, PDT)."""
    found = parsedate_to_datetime(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
