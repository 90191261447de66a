"""What was decided about consents, in the past tense: ids, purposes, kinds of data and times."""

from typing import Any

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.consents.domain.consents import Consent
from services.profiles.consents.domain.purposes import Purpose

PREFIX = "org.libranet.profiles."


def consent_decided(before: Consent | None, after: Consent, purpose: Purpose) -> list[Fact]:
    """Consent given or withdrawn. Nothing when nothing changed, or when a first decision says what held unasked."""
    if after is before or (before is None and after.granted == purpose.is_on_unasked):
        return []
    past = "consent-given" if after.granted else "consent-withdrawn"
    data: dict[str, Any] = {"patron": after.patron, "purpose": after.purpose, "recipient": after.recipient,
                            "decided_at": rfc3339(after.decided_at)}
    if after.expires_at is not None:
        data["expires_at"] = rfc3339(after.expires_at)
    if after.granted:
        data["data_classes"] = list(after.data_classes)
    return [Fact(f"{PREFIX}{past}.v1", after.id, after.owner, data, after.sequence)]
