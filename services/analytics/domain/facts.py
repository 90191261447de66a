"""What analytics has decided, in the past tense."""

from datetime import datetime

from libranet.clock import rfc3339
from libranet.cloudevent import Fact


def patron_data_erased(patron: str, owner: str, erasure: str, deleted: int, erased_at: datetime) -> Fact:
    """The answer to patron-erased; `deleted` counts documents."""
    return Fact("org.libranet.analytics.patron-data-erased.v1", patron, owner, {
        "patron": patron, "erasure": erasure, "erased_at": rfc3339(erased_at), "deleted": deleted})
