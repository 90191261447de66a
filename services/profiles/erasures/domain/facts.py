"""What was decided about erasures, in the past tense: ids and times."""

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.erasures.domain.erasures import Erasure

PREFIX = "org.libranet.profiles."


def patron_erased(erasure: Erasure) -> Fact:
    """The second and last state of a patron, hence its sequence."""
    return Fact(f"{PREFIX}patron-erased.v1", erasure.patron, erasure.owner, {
        "patron": erasure.patron, "erasure": erasure.id, "requested_at": rfc3339(erasure.requested_at)}, sequence=2)
