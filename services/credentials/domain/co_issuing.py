"""Co-issuing: a second node agrees to issue one version of an achievement together with its owner.

What that comes to in a credential is an endorsement that the co-issuer signs of that very credential, when it is
issued (`endorsing.co_issued`); see docs/decisions. Each decision gives the next state, the same object where it
changes nothing.
"""

from datetime import datetime
from typing import Any

from contracts.calls.co_issuing import AGREED, ENDED, PROPOSED
from libranet.ids import keyed_id
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.endorsing_refusals import AnotherCoIssuer, CoIssuingEnded, VersionChanged

CoIssuing = dict[str, Any]
"""As it is stored, one for each achievement. `sequence` counts its states; `version` is the one agreed to."""


def own_id(achievement: str) -> str:
    return keyed_id("co-issuing", achievement)


def proposed(before: CoIssuing | None, achievement: Achievement, node: str, moment: datetime) -> CoIssuing:
    """What stands after the owner proposed the node. Raises AnotherCoIssuer."""
    if before is not None and before["state"] != ENDED:
        if before["node"] != node:
            raise AnotherCoIssuer("End that one first: DELETE /v1/co-issuings/{id}.", "/node")
        return before
    return {"_id": own_id(achievement.id), "achievement": achievement.id, "owner": achievement.owner, "node": node,
            "state": PROPOSED, "version": None, "sequence": before["sequence"] + 1 if before else 1,
            "changed_at": moment}


def agreed(co_issuing: CoIssuing, achievement: Achievement, version: int, moment: datetime) -> CoIssuing:
    """Raises CoIssuingEnded, or VersionChanged where another version is the newest."""
    if co_issuing["state"] == ENDED:
        raise CoIssuingEnded("It was ended. Its owner may propose it again.")
    if version != achievement.version:
        raise VersionChanged(f"Version {achievement.version} is the newest. Read that, then agree to it.", "/version")
    if is_in_force(co_issuing, achievement):
        return co_issuing
    return {**_next(co_issuing, AGREED, moment), "version": version}


def ended(co_issuing: CoIssuing, moment: datetime) -> CoIssuing:
    return co_issuing if co_issuing["state"] == ENDED else _next(co_issuing, ENDED, moment)


def is_in_force(co_issuing: CoIssuing, achievement: Achievement) -> bool:
    """Whether the node agreed to this version, and neither side ended it."""
    return bool(co_issuing["state"] == AGREED and co_issuing["version"] == achievement.version)


def _next(co_issuing: CoIssuing, state: str, moment: datetime) -> CoIssuing:
    return {**co_issuing, "state": state, "sequence": co_issuing["sequence"] + 1, "changed_at": moment}
