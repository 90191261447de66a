"""What the deliveries have decided, in the past tense."""

from datetime import datetime

from libranet.clock import rfc3339
from libranet.cloudevent import Fact


def patron_data_erased(patron: str, owner: str, erasure: str, deleted: int, erased_at: datetime) -> Fact:
    """The answer to patron-erased: nothing of the patron is left here, and nothing more is sent."""
    return Fact("org.libranet.deliveries.patron-data-erased.v1", patron, owner, {
        "patron": patron, "erasure": erasure, "erased_at": rfc3339(erased_at), "deleted": deleted})
