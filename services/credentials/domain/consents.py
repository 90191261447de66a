"""Consents as this service projects them: purpose by recipient, off until given, the newest state counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libranet.clock import parse_rfc3339
from libranet.cloudevent import Event
from services.credentials.domain import earning
from services.credentials.domain.earning import Earning

PURPOSE = "issue-credentials"
AWARDING = "award-credentials"
SHARING = "share-credentials"
DATA_CLASS = "credentials"


@dataclass(frozen=True)
class Consent:
    """One state of a patron's consent to a purpose of a recipient; `sequence` counts the states."""

    patron: str
    purpose: str
    recipient: str
    granted: bool
    sequence: int
    expires_at: datetime | None = None

    @property
    def id(self) -> str:
        return consent_id(self.patron, self.purpose, self.recipient)


def told_by(event: Event) -> Consent:
    """The state that a consent event tells of."""
    expires_at = event.data.get("expires_at")
    return Consent(
        patron=event.data["patron"],
        purpose=event.data["purpose"],
        recipient=event.data["recipient"],
        granted=event.short_type == "consent-given" and DATA_CLASS in event.data.get("data_classes", (DATA_CLASS,)),
        sequence=event.sequence,
        expires_at=parse_rfc3339(expires_at) if expires_at else None,
    )


def consent_id(patron: str, purpose: str, recipient: str) -> str:
    """The same for every state of one consent."""
    return f"{patron}|{purpose}|{recipient}"


def consent_needed(earned_by: Earning) -> str:
    """What has to be given before this becomes a credential: the patron's, to whoever issues it."""
    return consent_id(earned_by.patron, purpose_of(earned_by), earning.issuer_of(earned_by))


def purpose_of(earned_by: Earning) -> str:
    """What the patron agrees to: that their own library issues what they earn, or that a college does."""
    return PURPOSE if earning.issuer_of(earned_by) == earned_by.owner else AWARDING


def agreeing(waiting: Mapping[str, Any]) -> str:
    """How the patron gives what this waits for."""
    purpose = purpose_of(earning.read(waiting["earning"]))
    return f"PUT /v1/patrons/{waiting['patron']}/consents/{purpose}/{waiting['recipient']} with granted true"


def is_newer(consent: Consent, kept: dict[str, Any] | None) -> bool:
    """Whether the state changes what is kept; the same or an older one does not."""
    return kept is None or consent.sequence > kept["sequence"]


def is_given(kept: dict[str, Any] | None, now: datetime) -> bool:
    """Whether a kept consent holds now: given, not withdrawn, not expired."""
    if kept is None or not kept["granted"]:
        return False
    return kept["expires_at"] is None or bool(kept["expires_at"] > now)
