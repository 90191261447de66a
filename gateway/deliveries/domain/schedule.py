"""What follows an attempt: done, another one later, or no more. Spread over a day, the time that a repair takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DELAYS_SECONDS = (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 8 * 3600, 10 * 3600)
"""After the first attempt, the second, ...: nine attempts within about 26 hours."""
JITTER = 0.2
"""Each delay is drawn out by up to this part, so that what failed together does not come back together."""
LONGEST_RETRY_AFTER_SECONDS = 10 * 3600
"""A receiver may ask for more time, but not for a wait longer than the longest of ours."""
SLOW_DOWN = (429, 503)
GONE = 410
ATTEMPTS_KEPT = 30

STATES = PENDING, DELIVERED, FAILED, WITHHELD = "pending", "delivered", "failed", "withheld"


@dataclass(frozen=True)
class Attempt:
    """One try: a `status` from the receiver, or the `reason` why there is none. `is_our_fault` where the receiver is
    not to blame: it counts for this delivery only."""

    at: datetime
    milliseconds: int
    status: int | None = None
    reason: str | None = None
    retry_after_seconds: int | None = None
    is_our_fault: bool = False
    is_taken: bool = False

    @property
    def succeeded(self) -> bool:
        """Any 2xx (Standard Webhooks), or a queue that took it."""
        return self.is_taken or (self.status is not None and 200 <= self.status < 300)


@dataclass(frozen=True)
class Outlook:
    """The delivery's state from now on."""

    status: str
    next_attempt_at: datetime | None = None


def after(attempt: Attempt, tries: int, draw: float) -> Outlook:
    """What follows the `tries`-th attempt (from 1). `draw` is a random number from 0 to 1."""
    if attempt.succeeded:
        return Outlook(DELIVERED)
    if attempt.status == GONE:
        return Outlook(FAILED)
    if tries > len(DELAYS_SECONDS):
        return Outlook(FAILED)
    seconds = DELAYS_SECONDS[tries - 1] * (1 + JITTER * draw)
    if attempt.status in SLOW_DOWN and attempt.retry_after_seconds is not None:
        seconds = max(seconds, min(attempt.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS))
    return Outlook(PENDING, attempt.at + timedelta(milliseconds=attempt.milliseconds, seconds=seconds))
