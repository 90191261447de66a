"""What was decided about erasures, in the past tense: ids and times."""

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.erasures.domain.erasures import Erasure

PREFIX = "org.libranet.profiles."


def patron_erased(erasure: Erasure, sequence: int) -> Fact:
    """The last state of a patron: `sequence` follows on those of the profile."""
    return Fact(f"{PREFIX}patron-erased.v1", erasure.patron, erasure.owner, {
        "patron": erasure.patron, "erasure": erasure.id, "requested_at": rfc3339(erasure.requested_at)}, sequence)
