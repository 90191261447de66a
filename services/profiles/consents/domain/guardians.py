"""Guardians: below an age band that the library sets, a consent counts only when a guardian gives it or agrees."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.calls.shapes import AGE_BANDS
from services.profiles.consents.domain.refusals import AgeBandNotYours, GuardianNeeded, GuardianNotConfirmed

SETTING = "guardian_below_age_band"
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Guardian:
    """`relation` is how they stand to the patron, one of a few words and never a name; `stated_by` is the actor who
    says so: a guardian who signed in, or the library that spoke with one."""

    relation: str
    confirmed_at: datetime
    stated_by: str


def is_needed(age_band: str | None, below: str) -> bool:
    """Whether somebody of this band is of a younger one than `below`. Nobody's age is guessed: no band needs none."""
    return age_band in AGE_BANDS and AGE_BANDS.index(age_band) < AGE_BANDS.index(below)


def check_band(before: str | None, after: str | None, below: str) -> None:
    """What somebody says of their own age. Raises AgeBandNotYours where it would spare them their guardian."""
    if is_needed(before, below) and not is_needed(after, below):
        raise AgeBandNotYours(f"Your library knows you as {before}. Ask there to change it; what else you sent was not "
                              "changed either.", "/age_band")


def check(guardian: Guardian | None, age_band: str | None, below: str, at: datetime) -> None:
    """Raises GuardianNeeded where one is needed and none agreed, GuardianNotConfirmed for a time that is to come."""
    if guardian is not None and guardian.confirmed_at > at + CLOCKS_DIFFER:
        raise GuardianNotConfirmed("Send the time at which the guardian agreed, not one to come.",
                                   "/guardian/confirmed_at")
    if guardian is None and is_needed(age_band, below):
        raise GuardianNeeded(
            f"A guardian has to agree for anybody younger than {below}. The library sends guardian {{relation, "
            "confirmed_at} once it has spoken with one.", "/guardian")
