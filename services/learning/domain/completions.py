"""Statements meet enrolments: what of it is a completion that nobody told of yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.learning.domain.enrolments import Enrolment, Source, complete


@dataclass(frozen=True, slots=True)
class Finishing:
    """A statement that finishes a course, in short: who (actor key), what (activity), when, and how it was read."""

    statement: str
    actor: str
    activity_iri: str
    occurred_at: datetime
    rule: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`changed` enrolments are to be saved; of these `completed` were finished just now."""

    changed: list[Enrolment]
    completed: list[Enrolment]


def finish(statements: Iterable[Finishing], enrolments: Iterable[Enrolment], at: datetime) -> Outcome:
    """Apply the statements, the earliest act first, to the enrolments that they fit by account and activity."""
    before = {enrolment.id: enrolment for enrolment in enrolments}
    waiting: dict[tuple[str, str], list[str]] = {}
    for enrolment in before.values():
        for actor in enrolment.actors:
            waiting.setdefault((actor, enrolment.activity_iri), []).append(enrolment.id)
    after = dict(before)
    for said in sorted(statements, key=lambda each: each.occurred_at):
        source = Source(said.statement, said.rule, said.score)
        for identity in waiting.get((said.actor, said.activity_iri), ()):
            after[identity] = complete(after[identity], source, said.occurred_at, at)
    changed = [state for identity, state in after.items() if state is not before[identity]]
    return Outcome(changed, [state for state in changed if before[state.id].completion is None])
