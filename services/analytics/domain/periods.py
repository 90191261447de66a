"""Time as analytics counts it: UTC days, and the tree of periods that holds them. Which facts are daily measures.

The tree is the calendar's and the same for everybody: all days, in them years, quarters, months, stretches of seven
days from the first of a month on, and days. Weeks cross months, so they are no part of it.
"""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

FIRST_YEAR = 2025
"""Earlier than anything that this platform has counted."""
MONTHS_A_QUARTER = 3
DAYS_A_STRETCH = 7
LONGEST_DELAY = timedelta(days=365)
"""What is said to have happened longer before it was decided, or after, happened when it was decided: clocks err."""

DAILY_MEASURES = {
    "patron-registered": ("registered", "registered_at"),
    "enrolled": ("enrolled", "enrolled_at"),
    "attended": ("attended", "attended_at"),
    "course-completed": ("completed", "completed_at"),
    "credential-issued": ("issued", "issued_at"),
    "credential-claimed": ("claimed", "claimed_at"),
    "credential-shared": ("shared", "shared_at"),
    "recognition-reached": ("reached", "reached_at"),
    "recognition-granted": ("granted", "granted_at"),
}
"""By event type: the measure's name, and the member of the event's data that tells when it happened."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included. The name says it all: `2026`, `2026-Q4`, `2026-11`, `2026-11-s3` …"""

    name: str
    first: date
    last: date

    def meets(self, other: "Period") -> bool:
        return self.first <= other.last and other.first <= self.last

    def holds(self, other: "Period") -> bool:
        return self.first <= other.first and other.last <= self.last

    @property
    def month(self) -> str | None:
        """The month that this is, or is a part of."""
        return self.name[:7] if len(self.name) >= 7 and "Q" not in self.name and self.name[0].isdigit() else None


def since(year: int) -> Period:
    return Period(f"since-{year}", date(year, 1, 1) if year > FIRST_YEAR else date.min, date.max)


EVERYTHING = since(FIRST_YEAR)


def day_period(day: date) -> Period:
    return Period(day.isoformat(), day, day)


def month_period(year: int, month: int) -> Period:
    return Period(f"{year}-{month:02}", date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def quarter_period(year: int, quarter: int) -> Period:
    first = month_period(year, quarter * MONTHS_A_QUARTER - 2)
    return Period(f"{year}-Q{quarter}", first.first, month_period(year, quarter * MONTHS_A_QUARTER).last)


def quarter_of(day: date) -> Period:
    return quarter_period(day.year, (day.month - 1) // MONTHS_A_QUARTER + 1)


def year_period(year: int) -> Period:
    return Period(str(year), date(year, 1, 1), date(year, 12, 31))


def stretch_period(year: int, month: int, number: int) -> Period:
    last = monthrange(year, month)[1]
    start = (number - 1) * DAYS_A_STRETCH + 1
    return Period(f"{year}-{month:02}-s{number}", date(year, month, start),
                  date(year, month, min(start + DAYS_A_STRETCH - 1, last)))


@cache
def parts(period: Period) -> tuple[Period, ...]:
    """What a period falls into; a day into nothing. All that is since a year: that year, and all since the next."""
    name, year = period.name, period.first.year
    if name.startswith("since-"):
        since_year = int(name.removeprefix("since-"))
        return (year_period(since_year), since(since_year + 1))
    if len(name) == len("2026"):
        return tuple(quarter_period(year, number) for number in (1, 2, 3, 4))
    month = period.first.month
    if "Q" in name:
        return tuple(month_period(year, each) for each in range(month, month + MONTHS_A_QUARTER))
    if len(name) == len("2026-11"):
        return tuple(stretch_period(year, month, number) for number in range(1, 2 + (period.last.day - 1) // 7))
    if "s" in name:
        return tuple(day_period(period.first + timedelta(days=number))
                     for number in range((period.last - period.first).days + 1))
    return ()


@cache
def path_to(day: date) -> tuple[Period, ...]:
    """The periods that hold a day, from everything down to the day itself."""
    asked = day_period(day)
    path = [EVERYTHING]
    while path[-1] != asked:
        path.append(next(each for each in parts(path[-1]) if each.holds(asked)))
    return tuple(path)


def newly_counted(day: date, known: Collection[date]) -> list[Period]:
    """The periods in which somebody known on these days is counted for the first time on this one."""
    before = {period for each in known for period in path_to(each)}
    return [period for period in path_to(day) if period not in before]


def day_of(decided_at: datetime, happened_at: object) -> date:
    """The UTC day on which something happened, as its event tells; the day of the decision where that cannot be."""
    told = _moment(happened_at)
    if told is None or not decided_at - LONGEST_DELAY <= told <= decided_at:
        told = decided_at
    return max(told.astimezone(UTC).date(), date(FIRST_YEAR, 1, 1))


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
