"""What was decided about patrons, in the past tense: ids and times, no names."""

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.patrons.domain.patrons import Patron

PREFIX = "org.libranet.profiles."


def patron_registered(patron: Patron) -> Fact:
    return Fact(f"{PREFIX}patron-registered.v1", patron.id, patron.owner,
                {"patron": patron.id, "registered_at": rfc3339(patron.registered_at)})
