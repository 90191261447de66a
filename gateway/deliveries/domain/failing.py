"""When an endpoint is given up: after days without a success, told and never in silence.

Counted are attempts that the receiver is to blame for: refusals, no answer, no connection, a full or missing queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.deliveries.domain.schedule import GONE, Attempt

PATIENCE_DAYS = 5
"""Longer than a weekend with a holiday. The setting PARTNER_PATIENCE_DAYS changes it."""
FEWEST_ATTEMPTS = 12
"""More than one delivery's whole schedule, so that one event that nobody took never ends a subscription."""
ANSWERED_GONE = "the receiver answered 410 Gone"
WORDS = {"gone": ANSWERED_GONE, "failing": "nothing was taken for days"}


@dataclass(frozen=True)
class Verdict:
    """`failing` is what is remembered of a run of failures, None when there is none; `reason` ends the subscription."""

    failing: dict[str, Any] | None
    reason: str | None = None


def judge(failing: dict[str, Any] | None, attempts: Sequence[Attempt], patience: timedelta) -> Verdict:
    """What these attempts, the oldest first, change for an endpoint."""
    for attempt in attempts:
        if attempt.succeeded:
            failing = None
        elif attempt.status == GONE:
            return Verdict(_counted(failing, attempt), "gone")
        elif not attempt.is_our_fault:
            failing = _counted(failing, attempt)
            if failing["attempts"] >= FEWEST_ATTEMPTS and attempt.at - failing["since"] >= patience:
                return Verdict(failing, "failing")
    return Verdict(failing)


def _counted(failing: dict[str, Any] | None, attempt: Attempt) -> dict[str, Any]:
    before: datetime = failing["since"] if failing else attempt.at
    return {"since": before, "attempts": (failing["attempts"] if failing else 0) + 1}
