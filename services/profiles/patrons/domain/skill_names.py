"""What stands for a skill now, by the URIs that stood for it before, or do in another taxonomy."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.profiles.patrons.domain.skills import PublicName

SETTLED = timedelta(minutes=1)
"""Nothing that did not know of a name is still being written after this: profiles are looked through once more."""


@dataclass(frozen=True, slots=True)
class SkillName:
    """A skill's name with the `others` that stand for it, its `sequence`-th state. Profiles are to be looked through
    for the others at `check_at`, if that is set, and after that `again`."""

    name: PublicName
    others: tuple[str, ...]
    sequence: int
    told_at: datetime
    check_at: datetime | None
    again: bool = True

    def looked_through(self, at: datetime) -> "SkillName":
        """Once no profile has one of the others."""
        return replace(self, check_at=at + SETTLED if self.again else None, again=False)


def by_other(known: Iterable[SkillName]) -> dict[str, PublicName]:
    """The name for each other URI: of several skills that once had it, that of which it was told last."""
    return {other: each.name for each in sorted(known, key=lambda each: each.told_at) for other in each.others}
