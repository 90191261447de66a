"""Who is not counted: the erased for good, and whoever objects until they consent again.

The library counts on its own responsibility, so a patron counts unless they object: the latest decision about the
purpose `analytics` says so, by its `sequence`. After an objection only what happens after the day of the next consent
counts again. A consent whose predecessor was not heard (they come in any order) followed an objection: a first
consent has sequence 1. Each fact is judged by the day on which it happened and by all decisions that are known, so
what comes first makes no difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

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

    @property
    def day(self) -> date:
        return self.decided_at.astimezone(UTC).date()


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
        return self.counts(date.min)

    def counts(self, day: date) -> bool:
        """Whether they are counted for what they did on that day."""
        return self.may_count(day) and all(_allows(decisions, day) for decisions in self._by_recipient())

    def may_count(self, day: date) -> bool:
        """Whether they are, or would be if a consent were heard that is on its way."""
        return not self.erased and all(each.granted or each.day < day for each in self.decisions)

    def _by_recipient(self) -> list[list[Decision]]:
        ordered = sorted(self.decisions, key=lambda each: each.sequence)
        return [[each for each in ordered if each.recipient == name]
                for name in sorted({each.recipient for each in ordered})]


def _allows(decisions: list[Decision], day: date) -> bool:
    """Of one recipient: the latest is a consent, and the day comes after the one that followed the last objection."""
    last = max((number for number, each in enumerate(decisions) if not each.granted), default=-1)
    since = decisions[last + 1:]
    if not since:
        return False
    return since[0].day < day or (last < 0 and since[0].sequence == 1)


FREE = Standing()


def judged(observed: Iterable[Observation],
           standings: Mapping[str, Standing]) -> tuple[list[Observation], list[Observation]]:
    """The observations that count, and those that would if a consent were heard. The others never will."""
    counted, waiting = [], []
    for each in observed:
        standing = standings.get(each.trace, FREE) if each.trace else FREE
        if standing.counts(each.day):
            counted.append(each)
        elif standing.may_count(each.day):
            waiting.append(each)
    return counted, waiting
