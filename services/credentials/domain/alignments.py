"""What an achievement corresponds to in frameworks of others: CASE, CTDL, O*NET, ESCO."""

import re
from collections.abc import Sequence
from typing import Any

from contracts.calls.achievements import OPEN_TARGET_TYPES
from services.credentials.domain.linked_data import is_address
from services.credentials.domain.refusals import AlignmentUnfit

Alignment = dict[str, str]
"""As contracts/calls/achievements.py has it."""
TERMS = {
    "target_name": "targetName", "target_url": "targetUrl", "target_type": "targetType",
    "target_framework": "targetFramework", "target_code": "targetCode", "target_description": "targetDescription"}
COMPETENCY_ADDRESS = re.compile(
    r"https?://(data\.europa\.eu/esco/skill/|[^?#]+/CF(Items|Rubrics|RubricCriteria|RubricCriterionLevels)/)", re.I)
"""Skills of ESCO, and competencies of CASE (1.0, 4.1) wherever they are served; whatever their type is said to be."""


def check(found: Sequence[Alignment]) -> None:
    """Raises AlignmentUnfit for one that is there twice, or whose address is none."""
    for place, each in enumerate(found):
        check_address(each, f"/alignments/{place}")
        if each in found[:place]:
            raise AlignmentUnfit("This alignment is there twice.", f"/alignments/{place}")


def check_no_competency(found: Sequence[Alignment]) -> None:
    """Raises AlignmentUnfit for what says that somebody is able to do something, or may say so."""
    for place, each in enumerate(found):
        check_open(each, f"/alignments/{place}")


def check_address(alignment: Alignment, field: str) -> None:
    """Raises AlignmentUnfit for one whose address is none; `field` is where it stands."""
    if not is_address(alignment["target_url"]):
        raise AlignmentUnfit("Write the whole address of the target.", f"{field}/target_url")


def check_open(alignment: Alignment, field: str) -> None:
    """Raises AlignmentUnfit for a competency, or what may be one."""
    if is_competency(alignment):
        raise AlignmentUnfit(
            "Taking part does not show a competency. Align it with what is of the type "
            f"{' or '.join(OPEN_TARGET_TYPES)}, or define a competency.", f"{field}/target_type")


def is_competency(alignment: Alignment) -> bool:
    """Whether the target is a competency: all that is not known to be something else."""
    return alignment.get("target_type") not in OPEN_TARGET_TYPES or bool(
        COMPETENCY_ADDRESS.match(alignment["target_url"]))


def skills(found: Sequence[Alignment]) -> list[dict[str, str]]:
    """What a credential shows that somebody can do, by label and address."""
    return [{"label": each["target_name"], "uri": each["target_url"]} for each in found if is_competency(each)]


def documents(found: Sequence[Alignment]) -> list[dict[str, Any]]:
    """As Open Badges 3.0 has them (B.1.3)."""
    return [{"type": ["Alignment"], **{term: each[name] for name, term in TERMS.items() if name in each}}
            for each in found]
