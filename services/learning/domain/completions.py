"""Statements meet enrolments: what of it is a completion that nobody told of yet, or one that is withdrawn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.learning.domain.enrolments import Enrolment, Source, TakenBack, complete, take_back

NOTHING: Mapping[str, TakenBack] = {}
VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Finishing:
    """A statement that finishes a course, in short: who (actor key), what (activity), when, and how it was read."""

    statement: str
    actor: str
    activity_iri: str
    occurred_at: datetime
    rule: str
    score: float | None = None
    proctored: bool | None = None
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class Taking:
    """A statement that takes back that a course was finished, in short: of whom (actor key), and of what (activity)."""

    actor: str
    activity_iri: str
    said: TakenBack


@dataclass(frozen=True, slots=True)
class Outcome:
    """`changed` enrolments are to be saved. Of these `completed` were finished just now, for the first time; of others
    the completion was `withdrawn` by a statement, or is `retold`: again after that, or in other circumstances. Each is
    its next state."""

    changed: list[Enrolment]
    completed: list[Enrolment]
    retold: list[Enrolment]
    withdrawn: list[tuple[Enrolment, TakenBack]]


def finish(statements: Iterable[Finishing], enrolments: Iterable[Enrolment], at: datetime,
           takings: Iterable[Taking] = (), voided: Mapping[str, TakenBack] = NOTHING) -> Outcome:
    """Apply the statements to the enrolments that they fit by account and activity: first what takes back and what was
    voided (by the voided id, what did it), then what finishes, the earliest act first. The order in which they came is
    of no matter."""
    before = {enrolment.id: enrolment for enrolment in enrolments}
    waiting: dict[tuple[str, str], list[str]] = {}
    for enrolment in before.values():
        for actor in enrolment.actors:
            waiting.setdefault((actor, enrolment.activity_iri), []).append(enrolment.id)
    taken: dict[str, list[TakenBack]] = {}
    for taking in takings:
        for identity in waiting.get((taking.actor, taking.activity_iri), ()):
            taken.setdefault(identity, []).append(taking.said)
    after = {identity: take_back(state, taken.get(identity, ()), voided) for identity, state in before.items()}
    for said in sorted(statements, key=lambda each: each.occurred_at):
        source = Source(said.statement, said.rule, said.score, said.proctored, said.hours)
        for identity in waiting.get((said.actor, said.activity_iri), ()):
            after[identity] = complete(after[identity], source, said.occurred_at, at)
    return _outcome(before, [state for identity, state in after.items() if state is not before[identity]], voided)


def _outcome(before: dict[str, Enrolment], changed: list[Enrolment], voided: Mapping[str, TakenBack]) -> Outcome:
    outcome = Outcome([], [], [], [])
    for state in changed:
        told = before[state.id]
        if state.completion and told.completion and state.circumstances != told.circumstances:
            state = replace(state, completion=replace(state.completion, sequence=told.completion.sequence + 1))
            if state.is_completed:
                outcome.retold.append(state)
            else:
                outcome.withdrawn.append((state, _withdrawn_by(told.completion.sources, state, voided)))
        elif state.completion and not told.completion:
            outcome.completed.append(state)
        outcome.changed.append(state)
    return outcome


def _withdrawn_by(sources: Iterable[Source], state: Enrolment, voided: Mapping[str, TakenBack]) -> TakenBack:
    by = next((voided[each.statement] for each in sources if each.statement in voided), state.taken_back)
    assert by is not None, "a completion is withdrawn by what voids it, or takes it back"
    return by
