"""What a table is asked for: by what, and over which days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.calls.analytics import LONGEST_DAYS
from services.analytics.domain.periods import (
    FIRST_YEAR,
    Period,
    day_period,
    month_period,
    parts,
    quarter_of,
)

USUAL_DAYS = {"day": 30, "week": 84, "month": 365}
"""As far as a table goes back where nobody says."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`since` is None for everything. What is asked beyond `today` has not happened."""

    by: str
    since: date | None
    until: date
    today: date

    def within(self, period: Period) -> Period:
        """The asked days of a period. Until today means for good: nothing has happened later."""
        last = date.max if self.until >= self.today else self.until
        return Period("asked", max(self.since or date.min, period.first), min(last, period.last))

    def months(self) -> list[str]:
        """The names of all months of the quarters that the asked days are in: what it takes to tell what is shown."""
        first, last = max(self.since or date.min, date(FIRST_YEAR, 1, 1)), min(self.until, self.today)
        place, found = quarter_of(first), []
        while place.first <= last:
            found += [each.name for each in parts(place)]
            place = quarter_of(place.last + timedelta(days=1))
        return found

    @property
    def rows(self) -> Iterator[Period]:
        """The periods that a table by time has rows for, the oldest first."""
        last = min(self.until, self.today)
        place = self.since or last
        while place <= last:
            row = _row(self.by, place)
            yield row
            place = row.last + timedelta(days=1)


def asked_for(by: str | None, since: date | None, until: date | None, today: date) -> Asked:
    """With what is left out filled in; `since` is at most LONGEST_DAYS before `until`."""
    by = by or "measure"
    last = until or max(today, since or today)
    if since is None and by in USUAL_DAYS:
        since = _back(last, USUAL_DAYS[by])
    elif since is None and until is not None:
        since = _back(last, LONGEST_DAYS)
    return Asked(by, since, last, today)


def _back(last: date, days: int) -> date:
    return last - timedelta(days=min(days - 1, (last - date.min).days))


def _row(by: str, day: date) -> Period:
    if by == "month":
        return month_period(day.year, day.month)
    if by == "week":
        year, number, weekday = day.isocalendar()
        monday = day - timedelta(days=min(weekday - 1, (day - date.min).days))
        return Period(f"{year}-W{number:02}", monday, monday + timedelta(days=6))
    return day_period(day)
