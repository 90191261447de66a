"""How often a PIN may be tried on one card. Counted before the library's system is asked, so that no two tries at once
pass as one; a right PIN ends the count, and a system that is away costs nobody a try."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.profiles.cards.domain.refusals import TooManyAttempts

MOST_FAILURES = 5
WINDOW = timedelta(minutes=15)
"""480 tries a day: half of all four-digit PINs take ten days, and the library's system counts as well."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Tries on one card since its window opened; `card` is its hash."""

    card: str
    count: int
    window_ends_at: datetime


def another(known: Attempts | None, card: str, at: datetime) -> Attempts:
    """With this try. Raises TooManyAttempts."""
    if known is None or known.window_ends_at <= at:
        return Attempts(card, 1, at + WINDOW)
    if known.count >= MOST_FAILURES:
        wait = int((known.window_ends_at - at).total_seconds()) + 1
        raise TooManyAttempts("This card was tried too often. Wait as long as Retry-After says, or ask at your "
                              "library's desk.", wait)
    return replace(known, count=known.count + 1)


def given_back(known: Attempts) -> Attempts:
    """Without a try that nobody could judge."""
    return replace(known, count=max(0, known.count - 1))
