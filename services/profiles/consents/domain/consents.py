"""Consents: a patron lets a recipient use some of their data for a purpose, until a time. Withdrawn as easily."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from libranet.ids import keyed_id
from services.profiles.consents.domain.guardians import Guardian
from services.profiles.consents.domain.purposes import Purpose
from services.profiles.consents.domain.refusals import (
    ConsentEndsBeforeItBegins,
    ConsentLastsTooLong,
    NothingEnds,
    WithdrawalHasNoEnd,
)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a patron decided last about one purpose and recipient; `sequence` counts their decisions.

    `data_classes` are what it covers, `guardian` who agreed with a minor.
    """

    patron: str
    owner: str
    purpose: str
    recipient: str
    granted: bool
    decided_at: datetime
    sequence: int
    expires_at: datetime | None = None
    data_classes: tuple[str, ...] = ()
    guardian: Guardian | None = None

    @property
    def id(self) -> str:
        return keyed_id("consent", self.patron, self.purpose, self.recipient)

    def holds(self, at: datetime) -> bool:
        """Whether it is given and not expired."""
        return self.granted and (self.expires_at is None or at < self.expires_at)


def decide(current: Consent | None, asked: Consent, purpose: Purpose) -> Consent:
    """The consent after what is asked for (whose `sequence` is ignored); `current` itself when that changes nothing.

    Where no end is asked for, one that holds keeps the end it has, and another one gets the purpose's usual end. A
    first no is kept too, as proof that the patron was asked. Raises WithdrawalHasNoEnd, NothingEnds,
    ConsentEndsBeforeItBegins or ConsentLastsTooLong.
    """
    if not asked.granted and asked.expires_at is not None:
        raise WithdrawalHasNoEnd("Send expires_at only with granted true.", "/expires_at")
    if purpose.is_on_unasked and asked.expires_at is not None:
        raise NothingEnds(f"{purpose.name} goes on until you object; send no expires_at.", "/expires_at")
    asked = replace(asked, expires_at=_end(current, asked, purpose), guardian=_guardian(current, asked))
    if current is not None and _terms(current) == _terms(asked):
        return current
    if asked.expires_at is not None and asked.expires_at <= asked.decided_at:
        raise ConsentEndsBeforeItBegins("Send an expires_at in the future, or none.", "/expires_at")
    if asked.expires_at and purpose.longest and asked.expires_at > asked.decided_at + purpose.longest:
        raise ConsentLastsTooLong(f"{purpose.name} is given for at most {purpose.longest_days} days at a time; send an "
                                  "earlier expires_at, or none.", "/expires_at")
    return replace(asked, sequence=(current.sequence if current else 0) + 1)


def _end(current: Consent | None, asked: Consent, purpose: Purpose) -> datetime | None:
    if not asked.granted:
        return None
    if asked.expires_at is not None or purpose.default_length is None:
        return _kept(asked.expires_at)
    if current is not None and current.expires_at is not None and current.holds(asked.decided_at):
        return current.expires_at
    return _kept(asked.decided_at + purpose.default_length)


def _guardian(current: Consent | None, asked: Consent) -> Guardian | None:
    """Of a withdrawal none is kept; where none is named again, the one who agreed before still stands for it."""
    if not asked.granted:
        return None
    return asked.guardian or (current.guardian if current is not None and current.granted else None)


def _terms(consent: Consent) -> tuple[object, ...]:
    """What makes two decisions the same one; of a withdrawal only that it is one."""
    if not consent.granted:
        return (False,)
    agreed = (consent.guardian.relation, _kept(consent.guardian.confirmed_at)) if consent.guardian else None
    return (True, consent.expires_at, consent.data_classes, agreed)


def _kept(moment: datetime | None) -> datetime | None:
    """UTC in milliseconds, as it is read back: the same time asked for again is the same decision."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
