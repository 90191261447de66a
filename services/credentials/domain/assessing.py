"""Whether what was shown is enough for an achievement: a competency takes evidence, an evaluator and a result."""

from collections.abc import Mapping, Sequence

from contracts.calls.achievements import COMPETENCY
from services.credentials.domain import rubrics
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.refusals import CompetencyWithoutAssessment, KindUnfit


def check_award(
    achievement: Achievement,
    evidence: Sequence[object] = (),
    evaluator: str | None = None,
    levels: Mapping[str, str] | None = None,
) -> None:
    """Raises CompetencyWithoutAssessment when a competency would be awarded without what shows it, or below what its
    rubric requires; KindUnfit when somebody who took part would be given a level."""
    given = {"evidence": bool(evidence), "an evaluator": bool(evaluator), "a result": levels is not None}
    missing = [name for name, is_there in given.items() if not is_there]
    if achievement.kind != COMPETENCY:
        if len(missing) < len(given):
            raise KindUnfit(f"'{achievement.name}' is for taking part, which nobody judges.", "/kind")
        return
    if missing:
        raise CompetencyWithoutAssessment(
            f"'{achievement.name}' is a competency and lacks {', '.join(missing)}. Have it assessed, then award it.",
            field="/kind",
        )
    if not rubrics.is_met(achievement.rubric, levels or {}):
        raise CompetencyWithoutAssessment(
            f"The result does not reach what '{achievement.name}' requires.", field="/kind")
