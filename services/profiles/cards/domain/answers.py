"""What a library's system said about a card, and whether that lets somebody in. Whatever is unclear lets nobody in.

Nothing of an answer is used unless it is about the card that was asked for and says `BL` Y (a valid patron) and `CQ` Y
(a valid PIN): some systems send a stranger's data with a wrong PIN, some leave CQ blank. Money owed never bars
learning.
"""

import re
from dataclasses import dataclass
from datetime import date

from services.profiles.cards.domain.frames import Frame, FrameUnusable
from services.profiles.cards.domain.refusals import CardBarred, CardExpired, CardNotAccepted

PATRON_ANSWERS = ("64", "24")
STATUS_FLAGS = 14
MONEY_FLAGS = (10, 11, 13)
"""Excessive fines, excessive fees, too many items billed."""
BARS: dict[str, int] = {
    "privileges-denied": 0, "reported-lost": 4, "too-many-overdue": 6, "too-many-claimed-returned": 8,
    "too-many-lost": 9, "recall-overdue": 12,
}
"""Flags of the patron status (SIP2, patron information) that a library may choose to bar by; `expired` is a date."""
EXPIRED = "expired"
RULES = (EXPIRED, *BARS)
DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


class AnotherPatronAnswered(FrameUnusable):
    """The answer is about another card than was asked for: the connection has lost its place."""


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What is kept in memory of a patron's answer, and nothing else of it."""

    valid: bool
    pin_right: bool
    flags: str
    expires_on: date | None


def read_answer(frame: Frame, number: str) -> CardAnswer:
    """The answer about this card. Raises AnotherPatronAnswered, or FrameUnusable for any other message."""
    if frame.code not in PATRON_ANSWERS:
        raise FrameUnusable("an answer to something else")
    about = frame.find("AA")
    if about is None or about.replace(" ", "") != number:
        raise AnotherPatronAnswered("an answer about another card")
    return CardAnswer(frame.find("BL") == "Y", frame.find("CQ") == "Y", frame.fixed[:STATUS_FLAGS],
                      expiry(frame.find("PA")))


def expiry(text: str | None) -> date | None:
    """The day of the field PA; None where the system tells none that can be read."""
    found = DATE.match(text or "")
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def check(answer: CardAnswer, rules: tuple[str, ...], today: date) -> None:
    """Returns only for a card that may be used. Raises CardNotAccepted, CardExpired or CardBarred."""
    if not (answer.valid is True and answer.pin_right is True):
        raise CardNotAccepted
    if EXPIRED in rules and answer.expires_on is not None and answer.expires_on < today:
        raise CardExpired("Renew your card at your library. Looking at jobs and courses needs no card.")
    barred = [rule for rule in rules if rule in BARS and _is_set(answer.flags, rule)]
    if barred:
        raise CardBarred(f"Your library's system says: {barred[0].replace('-', ' ')}. Ask at the desk.")


def _is_set(flags: str, rule: str) -> bool:
    if rule == "privileges-denied" and any(flags[each] == "Y" for each in MONEY_FLAGS):
        return False  # denied for money owed, and that is no bar here
    return flags[BARS[rule]] == "Y"
