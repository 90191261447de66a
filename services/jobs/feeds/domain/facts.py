"""What jobs tells others of feeds, in the past tense."""

from collections.abc import Sequence
from typing import Any

from libranet.cloudevent import Fact
from services.jobs.feeds.domain.imports import Import

MOST_SKILLS = 500
"""The rest of a long tail is asked for by too few postings to say anything."""


def feed_imported(work: Import) -> Fact:
    """One fact for each import, none for each posting: fifty thousand of them tell nobody anything."""
    counts = {name: getattr(work.report, name) for name in work.report.__dataclass_fields__}
    return Fact("org.libranet.jobs.feed-imported.v1", work.id, work.owner,
                {"feed": work.feed, "import": work.id, **counts})


def skill_demand_changed(owner: str, skills: Sequence[tuple[str, str, int]], sequence: int) -> Fact:
    """How many open postings of a node ask for each skill (uri, label, postings), the most wanted first."""
    wanted: list[dict[str, Any]] = [{"uri": uri, "label": label, "postings": count}
                                    for uri, label, count in skills[:MOST_SKILLS]]
    return Fact("org.libranet.jobs.skill-demand-changed.v1", owner, owner, {"skills": wanted}, sequence)
