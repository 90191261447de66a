"""What the deliveries have decided, in the past tense."""

from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from libranet.cloudevent import Fact


def patron_data_erased(patron: str, owner: str, erasure: str, deleted: int, erased_at: datetime) -> Fact:
    """The answer to patron-erased: nothing of the patron is left here, and nothing more is sent."""
    return Fact("org.libranet.deliveries.patron-data-erased.v1", patron, owner, {
        "patron": patron, "erasure": erasure, "erased_at": rfc3339(erased_at), "deleted": deleted})


def endpoint_disabled(subscription: dict[str, Any], url_host: str | None, reason: str, at: datetime) -> Fact:
    """Nothing more is sent to this subscription, and why. `sequence` counts how often that happened to it."""
    failing = subscription["failing"]
    data = {"subscription": subscription["_id"], "delivery": subscription["delivery"], "reason": reason,
            "since": rfc3339(failing["since"]), "attempts": failing["attempts"], "disabled_at": rfc3339(at)}
    return Fact("org.libranet.deliveries.endpoint-disabled.v1", subscription["_id"], subscription["owner"],
                {**data, "url_host": url_host} if url_host else data, subscription["times_disabled"])
