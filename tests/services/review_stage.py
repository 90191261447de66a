"""Evidence, its learner and its evaluators in short sentences."""

from dataclasses import replace
from typing import Any

from contracts.calls import reviews, submissions
from contracts.principal import Principal
from libranet.testing import a_principal
from tests.services.credentials_stage import PATRON, Platform

RUBRIC = [
    {"name": "Formulas", "required_level": "proficient", "levels": [
        {"name": "beginning"}, {"name": "proficient", "description": "Without help."}, {"name": "teaching others"}]},
    {"name": "a.$charts", "required_level": "practising", "levels": [{"name": "beginning"}, {"name": "practising"}]}]
ESCO = {"target_url": "http://data.europa.eu/esco/skill/1", "target_name": "use spreadsheets software",
        "target_type": "ext:ESCOSkill"}
EVIDENCE = [{"name": "The year's books", "narrative": "I kept them.", "url": "https://example.org/books"}]
LEARNER = Principal(actor=PATRON, kind="patron", node="demo.riverside")


def an_evaluator(number: int = 1, at: str = "demo.riverside", node: str = "") -> Principal:
    return replace(a_principal(node or at, actor=f"k_evaluator{number}"), roles=(f"evaluator@{at}",))


def competency(platform: Platform, node: str = "demo.riverside", **changes: Any) -> dict[str, Any]:
    return platform.defined(node, **{
        "name": "Spreadsheets", "kind": "competency", "course": None, "rubric": RUBRIC, "alignments": [ESCO],
        **changes})


def submitted(platform: Platform, achievement: dict[str, Any], evidence: list[dict[str, Any]] | None = None,
              who: Principal | None = None, patron: str = PATRON) -> dict[str, Any]:
    body = submissions.Submit().load({"achievement": achievement["id"], "evidence": evidence or EVIDENCE})
    return dict(platform.by(who or a_principal(), "submit_evidence", body, patron=patron).body)


def changed(platform: Platform, submission: dict[str, Any], what: str, body: Any = None) -> dict[str, Any]:
    """What its learner does with it."""
    return dict(platform.by(LEARNER, what, body, patron=PATRON, submission=submission["id"]).body or {})


def seen(platform: Platform, submission: dict[str, Any]) -> dict[str, Any]:
    return changed(platform, submission, "get_submission")


def reviewed(platform: Platform, submission: dict[str, Any], what: str, who: Principal | None = None,
             body: Any = None) -> dict[str, Any]:
    return dict(platform.by(who or an_evaluator(), what, body, submission=submission["id"]).body)


def judgement(formulas: str = "proficient", charts: str = "practising") -> dict[str, Any]:
    return dict(reviews.Judge().load({"comment": "Well done.", "judgements": [
        {"criterion": "Formulas", "level": formulas, "comment": "Each one explained."},
        {"criterion": "a.$charts", "level": charts}]}))


def judged(platform: Platform, submission: dict[str, Any], who: Principal | None = None,
           **levels: str) -> dict[str, Any]:
    reviewed(platform, submission, "claim_review", who)
    return reviewed(platform, submission, "judge_review", who, judgement(**levels))


def passed(platform: Platform, **changes: Any) -> dict[str, Any]:
    submission = submitted(platform, competency(platform, **changes))
    judged(platform, submission)
    return submission
