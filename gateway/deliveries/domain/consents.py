"""Who may be told of a patron: consents to `share-credentials`, off until given; the newest state counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from libranet.clock import parse_rfc3339
from libranet.cloudevent import Event

PURPOSE = "share-credentials"
GIVEN = "consent-given"
DATA_CLASS = "credentials"


def consent_id(patron: str, recipient: str) -> str:
    """The same for every state of one consent."""
    return f"{patron}|{recipient}"


def state(event: Event) -> dict[str, Any]:
    """The consent that a consent event tells of, as it is kept."""
    patron, recipient, expires_at = event.data["patron"], event.data["recipient"], event.data.get("expires_at")
    return {
        "_id": consent_id(patron, recipient), "patron": patron, "recipient": recipient,
        "granted": event.short_type == GIVEN and DATA_CLASS in event.data.get("data_classes", (DATA_CLASS,)),
        "sequence": event.sequence, "decided_at": parse_rfc3339(event.data["decided_at"]),
        "expires_at": parse_rfc3339(expires_at) if expires_at else None,
    }


def is_newer(consent: dict[str, Any], kept: dict[str, Any] | None) -> bool:
    """Whether a state changes what is kept; the same or an older one does not."""
    return kept is None or consent["sequence"] > kept["sequence"]


def is_given(kept: dict[str, Any] | None, moment: datetime) -> bool:
    """Whether a kept consent holds at this moment. What is not known is not given."""
    if kept is None or not kept["granted"]:
        return False
    return kept["expires_at"] is None or bool(kept["expires_at"] > moment)


def permits(kept: Mapping[str, dict[str, Any]], patron: str | None, recipient: str, moment: datetime) -> bool:
    """Whether a recipient may be told what is about this patron, or about nobody; `kept` are consents by their ids."""
    return patron is None or is_given(kept.get(consent_id(patron, recipient)), moment)
