"""Who may judge: an evaluator at the achievement's node or above it, who is not the learner."""

from contracts.principal import Principal
from libranet.staff import is_same
from services.credentials.domain.refusals import EvaluatorNeeded, OwnWork
from services.credentials.domain.submissions import Submission

EVALUATOR = "evaluator"


def check(principal: Principal, submission: Submission) -> None:
    """Raises EvaluatorNeeded or OwnWork."""
    node = submission["achievement_owner"]
    if not principal.holds(EVALUATOR, node):
        raise EvaluatorNeeded(f"Judging this needs the role {EVALUATOR} at {node}, or above it.")
    if is_same(principal.actor, submission["patron"]):
        raise OwnWork("Nobody judges what they submitted themselves.")


def may_judge(principal: Principal, submission: Submission) -> bool:
    """Whether `check` lets it pass."""
    return principal.holds(EVALUATOR, submission["achievement_owner"]) and not is_same(
        principal.actor, submission["patron"])


def place_of(principal: Principal, submission: Submission) -> str:
    """The node for which the principal judges it: the nearest to the achievement's at which they hold the role."""
    node = submission["achievement_owner"]
    return max((each for each in principal.places_of(EVALUATOR) if node == each or node.startswith(f"{each}.")),
               key=len)
