"""Recognitions: what a college states that it takes and gives, and how near somebody's record comes to it.

Revoked, suspended and expired credentials do not count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.calls.achievements import COMPETENCY
from contracts.places import consortium_of
from libranet.clock import parse_rfc3339
from services.credentials.domain import life, rubrics
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.recognition_refusals import (
    AchievementNotRecognisable,
    LevelUnknown,
    NotAwardable,
    RecognitionEnded,
    RecognitionsFull,
    RecognitionTimesUnfit,
)

REACHED, NEARLY, OPEN = "reached", "nearly", "open"
NOT_EARNED, BELOW_LEVEL, TOO_OLD = "not-earned", "below-level", "too-old"
SOONEST = (life.SUSPENDED, BELOW_LEVEL, TOO_OLD, life.EXPIRED, life.REVOKED)
"""Lacks, in the order in which they are mended."""
STATED = ("title", "gives", "takes", "address", "applies_from", "applies_until")
"""What a college decides of a version."""
MOST_PER_COLLEGE = 200
"""That are not ended: a patron's record is held against all of them each time it is looked at."""
Recognition = dict[str, Any]
"""One version of a statement, as `state` makes it and as it is stored."""
Credential = dict[str, Any]
Versions = Mapping[tuple[str, int], Achievement]
"""Achievements by id and version."""


@dataclass(frozen=True)
class Finding:
    """What became of one achievement that is taken: the `credential` that counts, or why none does and, of what there
    is, which came nearest."""

    taken: dict[str, Any]
    credential: Credential | None = None
    lack: str | None = None


@dataclass(frozen=True)
class Standing:
    """How a record stands to one statement; `findings` in the statement's order."""

    findings: tuple[Finding, ...]
    still_needed: int

    @property
    def have(self) -> list[Credential]:
        return [each.credential for each in self.findings if each.credential is not None]

    @property
    def missing(self) -> list[Finding]:
        return [each for each in self.findings if each.credential is None]

    @property
    def word(self) -> str:
        if self.still_needed == 0:
            return REACHED
        return NEARLY if self.still_needed == 1 and self.have else OPEN


def state(own_id: str, college: str, body: Mapping[str, Any], version: int, moment: datetime) -> Recognition:
    """A version as it is stored, of what was asked for. Raises RecognitionTimesUnfit."""
    given = {name: _kept(value) for name, value in body.items()}
    since, until = given.get("applies_from"), given.get("applies_until")
    if until and until <= max(since or moment, moment):
        raise RecognitionTimesUnfit("It has to end after it begins, and not before now.", "/applies_until")
    achievements = [each["achievement"] for each in given["takes"]["of"]]
    return {"_id": own_id, "owner": college, "consortium": consortium_of(college), "achievements": achievements,
            "version": version, "stated_at": moment, "ended_at": None,
            **{name: given.get(name) for name in STATED}}


def following(current: Recognition, body: Mapping[str, Any], moment: datetime) -> Recognition:
    """What the college states from now on; the current version itself where nothing is stated otherwise.

    Raises RecognitionEnded, RecognitionTimesUnfit.
    """
    if current["ended_at"]:
        raise RecognitionEnded("It was ended. State another one.")
    wanted = {name: _kept(body.get(name)) for name in STATED}
    if all(wanted[name] == current[name] for name in STATED):
        return current
    return state(current["_id"], current["owner"], body, current["version"] + 1, moment)


def ended(current: Recognition, moment: datetime) -> Recognition:
    """Nobody reaches it any more; one that has ended already stays as it is."""
    return current if current["ended_at"] else {**current, "ended_at": moment}


def check_room(count: int) -> None:
    """Raises RecognitionsFull where a college has as many as it may."""
    if count >= MOST_PER_COLLEGE:
        raise RecognitionsFull(f"A college has at most {MOST_PER_COLLEGE} recognitions; end one that you do not need.")


def named_in(recognition: Recognition) -> list[str]:
    """The achievements that it takes, and the one that it awards, if any."""
    gives = recognition["gives"]
    return [*recognition["achievements"], *([gives["awards"]] if "awards" in gives else [])]


def check_takes(recognition: Recognition, known: Mapping[str, Achievement]) -> None:
    """Raises AchievementNotRecognisable or LevelUnknown, with the place.

    Each achievement is one of the consortium, named once; each level one of its rubric.
    """
    for place, taken in enumerate(recognition["takes"]["of"]):
        field = f"/takes/of/{place}"
        achievement = known.get(taken["achievement"])
        if achievement is None or consortium_of(achievement.owner) != recognition["consortium"]:
            raise AchievementNotRecognisable(
                "Name an achievement that GET /v1/recognisable-achievements lists.", f"{field}/achievement")
        if taken["achievement"] in recognition["achievements"][:place]:
            raise AchievementNotRecognisable("Name each achievement once.", f"{field}/achievement")
        for number, level in enumerate(taken.get("levels", ())):
            _check_level(level, achievement, f"{field}/levels/{number}")


def check_awards(recognition: Recognition, known: Mapping[str, Achievement]) -> None:
    """Raises NotAwardable unless what is awarded, if anything is, is the college's own and of taking part: whoever
    grants by credentials alone has judged nobody."""
    if "awards" not in recognition["gives"]:
        return
    achievement = known.get(recognition["gives"]["awards"])
    if achievement is None or achievement.owner != recognition["owner"]:
        raise NotAwardable(f"Name an achievement that {recognition['owner']} defined.", "/gives/awards")
    if achievement.kind == COMPETENCY:
        raise NotAwardable(
            "Credentials of others are no evidence that you judged anybody by this rubric. Award an achievement of the "
            "kind 'engagement', and say by mappings what the achievements that you take correspond to.",
            "/gives/awards")


def applies(recognition: Recognition, moment: datetime) -> bool:
    """Whether it can be reached now."""
    since, until = recognition["applies_from"], recognition["applies_until"]
    return not recognition["ended_at"] and (since is None or since <= moment) and (until is None or moment < until)


def judge(recognition: Recognition, earned: Sequence[Credential], versions: Versions, moment: datetime) -> Standing:
    """How these credentials of one patron stood to the statement at this moment."""
    takes = recognition["takes"]
    findings = tuple(_find(taken, earned, versions, moment) for taken in takes["of"])
    count = sum(each.credential is not None for each in findings)
    return Standing(findings, max(0, takes.get("at_least", len(findings)) - count))


def versions_of(earned: Iterable[Credential]) -> list[tuple[str, int]]:
    """The versions of achievements that these credentials were earned by."""
    return [version_of(each) for each in earned]


def version_of(credential: Credential) -> tuple[str, int]:
    """The achievement, and the version of it that the credential was earned by."""
    return credential["achievement"], int(credential["because"].get("achievement_version", 1))


def _find(taken: dict[str, Any], earned: Sequence[Credential], versions: Versions, moment: datetime) -> Finding:
    """The newest credential that counts; else the lack that is mended soonest."""
    own = sorted((each for each in earned if each["achievement"] == taken["achievement"]),
                 key=lambda each: parse_rfc3339(each["awarded_at"]))
    lacks = {_lack(taken, each, versions, moment): each for each in own}
    if None in lacks:
        return Finding(taken, lacks[None])
    return Finding(taken, lack=next((each for each in SOONEST if each in lacks), NOT_EARNED))


def _lack(taken: dict[str, Any], credential: Credential, versions: Versions, moment: datetime) -> str | None:
    """Why the credential does not count; None where it does."""
    if not life.holds_at(credential, moment):
        return life.status_at(credential, moment)
    if not all(_is_level_reached(each, credential, versions) for each in taken.get("levels", ())):
        return BELOW_LEVEL
    days = taken.get("within_days")
    if days is not None and parse_rfc3339(credential["awarded_at"]) < moment - timedelta(days=days):
        return TOO_OLD
    return None


def _is_level_reached(least: dict[str, str], credential: Credential, versions: Versions) -> bool:
    """By the rubric of the version that it was earned by: a level that was not part of that was not reached."""
    version = versions.get(version_of(credential))
    achieved = rubrics.by_criterion(credential["because"].get("levels", ()))
    criterion = _criterion(version.rubric if version else (), least["criterion"])
    level = achieved.get(least["criterion"])
    if criterion is None or not {level, least["level"]} <= set(_levels(criterion)):
        return False
    return rubrics.rank(criterion, str(level)) >= rubrics.rank(criterion, least["level"])


def _check_level(least: dict[str, str], achievement: Achievement, field: str) -> None:
    criterion = _criterion(achievement.rubric, least["criterion"])
    if criterion is None:
        raise LevelUnknown("Name a criterion of the achievement's rubric.", f"{field}/criterion")
    if least["level"] not in _levels(criterion):
        raise LevelUnknown(f"Name one of its levels: {', '.join(_levels(criterion))}.", f"{field}/level")


def _criterion(rubric: Sequence[dict[str, Any]], name: str) -> dict[str, Any] | None:
    return next((each for each in rubric if each["name"] == name), None)


def _levels(criterion: dict[str, Any]) -> list[str]:
    return [each["name"] for each in criterion["levels"]]


def _kept(value: Any) -> Any:
    """As it is read back: ids as text, times in UTC and milliseconds, what is not given left out."""
    if isinstance(value, dict):
        return {name: _kept(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_kept(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    return value if value is None or isinstance(value, str | int | float) else str(value)
