"""Which of a learner's credentials for one achievement another one has replaced. What is superseded still holds.

A newer version that is awarded supersedes those of earlier versions. Of a competency, which is shown anew, the later
one does, unless the earlier one tells of a higher level by some criterion. Taking part twice, by one version, is two
things. What has expired replaces nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.calls.achievements import COMPETENCY
from libranet.clock import parse_rfc3339
from services.credentials.domain import life, rubrics
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.life import Credential

Versions = Mapping[tuple[str, int], Achievement]
"""Achievements by id and version."""


def replaced(held: Sequence[Credential], versions: Versions, at: datetime) -> list[Credential]:
    """The next states of those that change: superseded just now, or not any more, as what replaced them does
    not hold.

    `held` are one learner's credentials for one achievement, all of them.
    """
    standing = sorted((each for each in held if life.holds_at(each, at)), key=_age)
    newest = standing[-1] if standing else None
    changed = []
    for each in held:
        by = newest["_id"] if newest and each is not newest and _replaces(newest, each, versions) else None
        if each["status"] != life.REVOKED and by != each.get("superseded_by"):
            what = life.SUPERSEDED if by else life.RESTORED
            changed.append({**life.lived(each, what, at), "superseded_by": by, "superseded_at": at if by else None})
    return changed


def may_replace(achievement: Achievement) -> bool:
    """Whether one credential for it may replace another, by its newest version."""
    return achievement.kind == COMPETENCY or achievement.version > 1


def version_of(credential: Credential) -> tuple[str, int]:
    """The version of the achievement that it was earned by; the first ones had but one."""
    return credential["achievement"], int(credential["because"].get("achievement_version", 1))


def _age(credential: Credential) -> tuple[Any, ...]:
    """The later the version, and within that the award, the newer it is."""
    awarded_at = parse_rfc3339(credential["awarded_at"])
    return version_of(credential)[1], awarded_at, credential["issued_at"], credential["_id"]


def _replaces(newer: Credential, older: Credential, versions: Versions) -> bool:
    if newer["kind"] != COMPETENCY:
        return version_of(newer)[1] > version_of(older)[1]
    reached = rubrics.by_criterion(newer["because"].get("levels", ()))
    rubric = {each["name"]: each for each in versions[version_of(newer)].rubric}
    return not any(_is_higher(level, reached.get(name), rubric.get(name))
                   for name, level in rubrics.by_criterion(older["because"].get("levels", ())).items())


def _is_higher(before: str, after: str | None, criterion: dict[str, Any] | None) -> bool:
    """By the rubric that judged last; what that does not know cannot be compared, and does not count."""
    names = [each["name"] for each in criterion["levels"]] if criterion else []
    return before in names and after in names and names.index(before) > names.index(after)
