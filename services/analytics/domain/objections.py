"""Who is not counted: the erased for good, and whoever objects until they consent again.

The library counts on its own responsibility, so a patron counts unless they object: the latest decision about the
purpose `analytics` says so, by its `sequence`. After an objection only what is decided from the next consent on
counts again. A consent whose predecessor was not heard (they come in any order) followed an objection: a first
consent has sequence 1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.analytics.domain.counting import Observation

PURPOSE = "analytics"
GIVEN, WITHDRAWN = "consent-given", "consent-withdrawn"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision for or against being counted, by one recipient of the counts."""

    recipient: str
    sequence: int
    granted: bool
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is known of why somebody might not count."""

    erased: bool = False
    decisions: frozenset[Decision] = frozenset()

    def after(self, erased: bool, more: Iterable[Decision]) -> "Standing":
        return Standing(self.erased or erased, self.decisions | frozenset(more))

    @property
    def is_free(self) -> bool:
        """Whether they count for whatever they did."""
        return not self.objects and not any(map(_counted_from, self._by_recipient()))

    @property
    def objects(self) -> bool:
        """Whether they are not counted now, whatever they do."""
        return self.erased or any(not latest[-1].granted for latest in self._by_recipient())

    def counts(self, observation: Observation) -> bool:
        """Whether the person of a fact is counted for it."""
        if self.objects:
            return False
        begins = [begin for begin in map(_counted_from, self._by_recipient()) if begin is not None]
        return observation.decided_at is None or all(observation.decided_at >= begin for begin in begins)

    def _by_recipient(self) -> list[list[Decision]]:
        ordered = sorted(self.decisions, key=lambda each: each.sequence)
        return [[each for each in ordered if each.recipient == name]
                for name in sorted({each.recipient for each in ordered})]


def _counted_from(decisions: list[Decision]) -> datetime | None:
    """When they consented after their last objection; None where they never objected. The latest is a consent."""
    after = list(decisions)
    for position in range(len(decisions) - 1, -1, -1):
        if not decisions[position].granted:
            after = decisions[position + 1:]
            return after[0].decided_at
    return after[0].decided_at if after[0].sequence > 1 else None


FREE = Standing()


def must_go(before: Standing, after: Standing) -> bool:
    """Whether what is kept of somebody has to be deleted: they are erased, or count no more for what they did."""
    return after.erased or (after.objects and not before.objects) or (before.is_free and not after.is_free)


def counted(observed: Iterable[Observation], standings: Mapping[str, Standing]) -> list[Observation]:
    """The observations whose person counts."""
    return [each for each in observed
            if each.trace is None or each.trace not in standings or standings[each.trace].counts(each)]
