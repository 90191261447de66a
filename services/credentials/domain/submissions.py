"""Evidence on its way to a competency: submitted, judged by evaluators, accepted by its learner.

Each decision gives the submission's next state, the same object when it changes nothing, or raises why not.
"""

from datetime import datetime, timedelta
from typing import Any

from libranet.ids import keyed_id
from services.credentials.domain import rubrics
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.refusals import (
    AlreadyClaimed,
    AlreadyRead,
    JudgementIncomplete,
    NotClaimed,
    SubmissionSettled,
)

WAITING, CLAIMED, RETURNED = "waiting", "claimed", "returned"
PASSED, NOT_REACHED, ACCEPTED = "passed", "not-reached", "accepted"
OPEN = (WAITING, CLAIMED, RETURNED, PASSED)
TO_JUDGE = (WAITING, CLAIMED)
CLAIM = timedelta(days=7)
"""After this another evaluator may take a claim over."""
Submission = dict[str, Any]


def submit(own_id: str, patron: str, library: str, achievement: Achievement, evidence: list[dict[str, Any]],
           at: datetime) -> Submission:
    """A new submission; it is judged by the version of the achievement that is current now."""
    return {
        "_id": own_id,
        "owner": library,
        "patron": patron,
        "achievement": achievement.id,
        "achievement_version": achievement.version,
        "achievement_name": achievement.name,
        "achievement_owner": achievement.owner,
        "secret_evidence": achievement.secret_evidence,
        "state": WAITING,
        "sequence": 1,
        "evidence": evidence,
        "claim": None,
        "readings": [],
        "levels": [],
        "comment": None,
        "submitted_at": at,
        "changed_at": at,
    }


def resubmit(submission: Submission, evidence: list[dict[str, Any]], at: datetime) -> Submission:
    """Other evidence, which is judged from the beginning. Raises SubmissionSettled while somebody judges it, and when
    that is done."""
    if submission["state"] != RETURNED and (submission["state"] != WAITING or submission["readings"]):
        raise SubmissionSettled("It is being judged, or was. Wait until more is asked for, or take it back.")
    return _changed(submission, at, state=WAITING, evidence=evidence, readings=[], comment=None)


def check_withdrawable(submission: Submission) -> None:
    """Raises SubmissionSettled once it was accepted: the credential remembers it."""
    if submission["state"] == ACCEPTED:
        raise SubmissionSettled("It was accepted. What it became can be revoked.")


def accept(submission: Submission, at: datetime) -> Submission:
    """Its learner wants the credential. Raises SubmissionSettled unless it has passed."""
    if submission["state"] == ACCEPTED:
        return submission
    if submission["state"] != PASSED:
        raise SubmissionSettled("Only what evaluators have found to reach the required levels becomes a credential.")
    return _changed(submission, at, state=ACCEPTED)


def claim(submission: Submission, evaluator: str, node: str, at: datetime) -> Submission:
    """In one evaluator's hands; `node` is where they hold the role. Raises AlreadyClaimed, AlreadyRead or
    SubmissionSettled."""
    if has_read(submission, evaluator):
        raise AlreadyRead("You have judged it; now somebody else does.")
    if submission["state"] == CLAIMED:
        if submission["claim"]["evaluator"] == evaluator:
            return submission
        if submission["claim"]["at"] + CLAIM > at:
            raise AlreadyClaimed("Another evaluator reads it.")
    elif submission["state"] != WAITING:
        raise SubmissionSettled("It does not wait to be judged.")
    return _changed(submission, at, state=CLAIMED, claim={"evaluator": evaluator, "node": node, "at": at})


def give_back(submission: Submission, evaluator: str, at: datetime) -> Submission:
    """For others to take. Raises NotClaimed."""
    _check_claimed(submission, evaluator)
    return _changed(submission, at, state=WAITING, claim=None)


def ask_for_more(submission: Submission, evaluator: str, comment: str, at: datetime) -> Submission:
    """Back to its learner, who reads the comment. Raises NotClaimed."""
    _check_claimed(submission, evaluator)
    return _changed(submission, at, state=RETURNED, claim=None, comment=comment)


def judge(submission: Submission, achievement: Achievement, evaluator: str, found: dict[str, Any],
          at: datetime) -> Submission:
    """One evaluator's reading, as contracts/calls/reviews.py has it, and what follows. Raises NotClaimed or
    JudgementIncomplete.

    A share of submissions is read twice. Where the two readers differ about whether the required levels are reached, a
    third decides. What is found in the end are the lower levels of those who agree.
    """
    _check_claimed(submission, evaluator)
    _check_complete(achievement, found["judgements"])
    reading = {"evaluator": evaluator, "node": submission["claim"]["node"], "at": at, **found}
    readings = [*submission["readings"], reading]
    outcomes = [_reaches(achievement, each) for each in readings]
    if (len(readings) == 1 and is_read_twice(submission["_id"], achievement)) or is_disputed(outcomes):
        return _changed(submission, at, state=WAITING, claim=None, readings=readings)
    passed = outcomes.count(True) > outcomes.count(False)
    agreeing = [each for each, outcome in zip(readings, outcomes, strict=True) if outcome is passed]
    return _changed(submission, at, state=PASSED if passed else NOT_REACHED, claim=None, readings=readings,
                    levels=_lowest(achievement, agreeing))


def is_read_twice(submission: str, achievement: Achievement) -> bool:
    """Whether this submission has a second reader: by a keyed hash of its id, so that nobody can choose."""
    return int(keyed_id("second-reader", submission)[:8], 16) % 100 < achievement.second_readings


def is_disputed(outcomes: list[bool]) -> bool:
    """Whether two readers differ."""
    return len(outcomes) == 2 and outcomes[0] is not outcomes[1]


def has_read(submission: Submission, evaluator: str) -> bool:
    return any(each["evaluator"] == evaluator for each in submission["readings"])


def is_in_dispute(submission: Submission, achievement: Achievement) -> bool:
    """Whether its two readers so far differ."""
    return is_disputed([_reaches(achievement, each) for each in submission["readings"]])


def blobs(submission: Submission) -> list[str]:
    """The files of its evidence."""
    return [each["file"]["blob"] for each in submission["evidence"] if "file" in each]


def _reaches(achievement: Achievement, reading: dict[str, Any]) -> bool:
    return rubrics.is_met(achievement.rubric, rubrics.by_criterion(reading["judgements"]))


def _lowest(achievement: Achievement, readings: list[dict[str, Any]]) -> list[dict[str, str]]:
    """By each criterion what all these readers found at least."""
    found = [rubrics.by_criterion(each["judgements"]) for each in readings]
    return [{"criterion": each["name"], "level": rubrics.lowest(each, [levels[each["name"]] for levels in found])}
            for each in achievement.rubric]


def _check_claimed(submission: Submission, evaluator: str) -> None:
    if submission["state"] != CLAIMED or submission["claim"]["evaluator"] != evaluator:
        raise NotClaimed("Claim it first: POST /v1/reviews/{submission}/claim.")


def _check_complete(achievement: Achievement, judgements: list[dict[str, str]]) -> None:
    """Every criterion of the rubric once, each with one of its levels."""
    criteria = {each["name"]: each for each in achievement.rubric}
    seen: set[str] = set()
    for place, each in enumerate(judgements):
        criterion = criteria.get(each["criterion"])
        if criterion is None or each["criterion"] in seen:
            raise JudgementIncomplete("Name each criterion of the rubric once.", f"/judgements/{place}/criterion")
        if each["level"] not in [level["name"] for level in criterion["levels"]]:
            raise JudgementIncomplete("Name one of the criterion's levels.", f"/judgements/{place}/level")
        seen.add(each["criterion"])
    missing = [name for name in criteria if name not in seen]
    if missing:
        raise JudgementIncomplete(f"Judge {', '.join(missing)} too.", "/judgements")


def _changed(submission: Submission, at: datetime, **members: Any) -> Submission:
    return {**submission, **members, "changed_at": at, "sequence": submission["sequence"] + 1}
