"""Mappings: what a college says that a version of an achievement, or a level of it, corresponds to at its own place.

It is the college's word and stands beside the achievement. Signed documents have it only once the achievement's owner
accepted it.
"""

from collections.abc import Mapping as Members
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from contracts.calls.achievements import COMPETENCY, ENGAGEMENT, OPEN_TARGET_TYPES
from contracts.calls.mappings import ACCEPTED, DECLINED, ENDED, STATED
from libranet.ids import keyed_id
from services.credentials.domain import alignments, rubrics
from services.credentials.domain.achievements import Achievement, check_texts
from services.credentials.domain.alignments import Alignment
from services.credentials.domain.endorsing_refusals import MappingFinal, MappingsFull, MappingUnfit
from services.credentials.domain.recognition_refusals import LevelUnknown

OWN_TYPES = {COMPETENCY: "ext:Achievement", ENGAGEMENT: OPEN_TARGET_TYPES[0]}
"""Of targets that are achievements on this platform, by their kind: no framework has a type for them."""
MOST_ACCEPTED = 10
"""Of one version: each is in every credential of it."""
MOST_STATED = 20
"""By one college of one version, ended and declined ones with them: all are kept."""
Mapping = dict[str, Any]
"""As it is stored: `owner` is the college, `achievement_owner` the library. `sequence` counts its states. An ended one
tells by `was` in which state it had been."""


def target_of(own: Achievement) -> Alignment:
    """The college's own achievement as a target."""
    return {"target_url": f"urn:uuid:{own.id}", "target_name": own.name, "target_type": OWN_TYPES[own.kind]}


def stated(achievement: Achievement, college: str, level: dict[str, str] | None, target: Alignment, own: str | None,
           moment: datetime) -> Mapping:
    """The college's first state of it. The same statement has the same id. Raises MappingUnfit, LevelUnknown,
    TextUnsuitable, or AlignmentUnfit for a competency to which taking part would correspond."""
    check_texts({"target": target})
    alignments.check_address(target, "/target")
    if achievement.kind == ENGAGEMENT:
        alignments.check_open(target, "/target")
    if level is not None:
        _check_level(level, achievement)
    says = orjson.dumps([level, target], option=orjson.OPT_SORT_KEYS).decode()
    return {
        "_id": keyed_id("mapping", college, achievement.id, str(achievement.version), says),
        "owner": college, "achievement": achievement.id, "achievement_owner": achievement.owner,
        "achievement_name": achievement.name, "version": achievement.version, "level": level, "target": target,
        "own_achievement": own, "state": STATED, "sequence": 1, "changed_at": moment}


def check_room(stated_before: int) -> None:
    """Raises MappingsFull."""
    if stated_before >= MOST_STATED:
        raise MappingsFull(f"You have stated {MOST_STATED} of this version, which is the most, ended ones counted. "
                           "State one of them again, or wait for a new version.")


def stated_again(before: Mapping, moment: datetime) -> Mapping:
    """One that was ended stands once more, without its acceptance; one that was declined before stays so, and others
    stay as they are."""
    if before["state"] != ENDED:
        return before
    return _next(before, DECLINED if before.get("was") == DECLINED else STATED, moment)


def decided(mapping: Mapping, accepted: bool, others: Sequence[Mapping], moment: datetime) -> Mapping:
    """`others` are what is accepted of the version. Raises MappingFinal or MappingsFull."""
    state = ACCEPTED if accepted else DECLINED
    if mapping["state"] == ENDED:
        raise MappingFinal("Its college ended it.")
    if mapping["state"] == state:
        return mapping
    if accepted and len(others) >= MOST_ACCEPTED:
        raise MappingsFull(f"A version has up to {MOST_ACCEPTED} of them. Decline one first.")
    return _next(mapping, state, moment)


def ended(mapping: Mapping, moment: datetime) -> Mapping:
    if mapping["state"] == ENDED:
        return mapping
    return {**_next(mapping, ENDED, moment), "was": mapping["state"]}


def is_shown(mapping: Mapping) -> bool:
    """Whether it stands beside the achievement."""
    return mapping["state"] in (STATED, ACCEPTED)


def applied(achievement: Achievement, accepted: Sequence[Mapping]) -> Achievement:
    """The achievement as credentials have it: what corresponds as a whole among its alignments, what corresponds to a
    level with that level; what several say, once."""
    if not accepted:
        return achievement
    whole = _once([each["target"] for each in accepted if each["level"] is None])
    levels = [(each["level"]["criterion"], each["level"]["level"], each["target"])
              for each in accepted if each["level"] is not None]
    rubric = tuple({**criterion, "levels": [_with_alignments(each, _once([
        target for name, level, target in levels if (name, level) == (criterion["name"], each["name"])]))
        for each in criterion["levels"]]} for criterion in achievement.rubric)
    return replace(achievement, alignments=(*achievement.alignments, *whole), rubric=rubric)


def meets(mapping: Mapping, achievement: Achievement, levels: Members[str, str]) -> bool:
    """Whether a credential of this version, with these levels by criterion, has the target."""
    if mapping["level"] is None:
        return True
    wanted = mapping["level"]
    criterion = next(each for each in achievement.rubric if each["name"] == wanted["criterion"])
    reached = levels.get(wanted["criterion"])
    return reached is not None and rubrics.rank(criterion, reached) >= rubrics.rank(criterion, wanted["level"])


def check_unknown_alone(mapping: Mapping, achievement: Achievement) -> None:
    """Raises MappingUnfit for what the achievement says already: no credential says a thing twice."""
    if mapping["level"] is None and mapping["target"] in achievement.alignments:
        raise MappingUnfit("The achievement has this alignment already.")


def _check_level(level: dict[str, str], achievement: Achievement) -> None:
    criterion = next((each for each in achievement.rubric if each["name"] == level["criterion"]), None)
    if criterion is None:
        raise LevelUnknown("Name a criterion of the achievement's rubric.", "/level/criterion")
    if level["level"] not in [each["name"] for each in criterion["levels"]]:
        raise LevelUnknown("Name one of the criterion's levels.", "/level/level")


def _once(targets: list[Alignment]) -> list[Alignment]:
    return [each for place, each in enumerate(targets) if each not in targets[:place]]


def _with_alignments(level: dict[str, Any], targets: list[Alignment]) -> dict[str, Any]:
    return {**level, "alignments": targets} if targets else level


def _next(mapping: Mapping, state: str, moment: datetime) -> Mapping:
    return {**mapping, "state": state, "sequence": mapping["sequence"] + 1, "changed_at": moment}
