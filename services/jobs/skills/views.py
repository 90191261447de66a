"""What callers are shown of skills, as contracts/calls/matching.py describes it."""

from typing import Any

from libranet.clock import rfc3339
from services.jobs.skills.domain.corrections import Correction
from services.jobs.skills.domain.resolving import Resolved


def resolved(asked: str, found: Resolved | None, other_uris: list[str]) -> dict[str, Any]:
    if found is None:
        return {"asked": asked, "uri": None, "label": None, "score": 0.0, "other_uris": []}
    return {"asked": asked, "uri": found.skill.uri, "label": found.skill.label, "score": found.score,
            "other_uris": other_uris}


def correction(found: Correction) -> dict[str, Any]:
    shown = {"id": found.id, "owner": found.owner, "action": found.action, "skill": found.skill,
             "label": found.label, "posting": found.posting, "at": rfc3339(found.at)}
    return {name: value for name, value in shown.items() if value is not None}
