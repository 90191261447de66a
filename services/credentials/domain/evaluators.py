"""Who may judge: an evaluator at the achievement's node or above it, who is not the learner."""

from contracts.places import is_within
from contracts.principal import Principal
from libranet.staff import is_same
from services.credentials.domain.refusals import EvaluatorNeeded, OwnWork
from services.credentials.domain.submissions import Submission

EVALUATOR = "evaluator"


def why_not(principal: Principal, submission: Submission) -> EvaluatorNeeded | OwnWork | None:
    """Why the principal may not judge it; None where they may."""
    node = submission["achievement_owner"]
    if not principal.holds(EVALUATOR, node):
        return EvaluatorNeeded(f"Judging this needs the role {EVALUATOR} at {node}, or above it.")
    if is_same(principal.actor, submission["patron"]):
        return OwnWork("Nobody judges what they submitted themselves.")
    return None


def place_of(principal: Principal, submission: Submission) -> str:
    """The node for which the principal judges it: the nearest to the achievement's at which they hold the role."""
    node = submission["achievement_owner"]
    return max((each for each in principal.places_of(EVALUATOR) if is_within(node, each)), key=len)
