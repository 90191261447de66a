"""Whether what was shown is enough for an achievement: a competency takes evidence, an evaluator and a result."""

from collections.abc import Sequence

from contracts.calls.achievements import COMPETENCY
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.refusals import CompetencyWithoutAssessment


def check_award(
    achievement: Achievement,
    evidence: Sequence[object] = (),
    evaluator: str | None = None,
    result: object = None,
) -> None:
    """Raises CompetencyWithoutAssessment when a competency would be awarded without what shows it."""
    given = {"evidence": bool(evidence), "an evaluator": bool(evaluator), "a result": result is not None}
    missing = [name for name, is_there in given.items() if not is_there]
    if achievement.kind == COMPETENCY and missing:
        raise CompetencyWithoutAssessment(
            f"'{achievement.name}' is a competency and lacks {', '.join(missing)}. Have it assessed, then award it.",
            field="/kind",
        )
