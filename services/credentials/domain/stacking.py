"""What is earned by several credentials together: once for each learner, whatever the last one was."""

from collections.abc import Mapping
from datetime import datetime

from libranet.clock import rfc3339
from libranet.ids import keyed_id
from services.credentials.domain import earning
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Stacked


def reached(stack: Achievement, held: Mapping[str, str], patron: str, library: str, event: str,
            at: datetime) -> Stacked | None:
    """By what the patron has earned the stack; None while that is not enough, or it is another library's.

    `held` is credential by achievement, of those that are good now; `event` told of the last one. Its id follows from
    the patron, so that whichever of them comes last, and however often, it is the same.
    """
    together = [held[each] for each in stack.components if each in held]
    if len(together) < stack.at_least or not earning.is_for(stack, library):
        return None
    return Stacked(keyed_id("stack", patron), patron, library, rfc3339(at), event, together)
