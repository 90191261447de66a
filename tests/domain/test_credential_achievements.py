"""Taking part and being able are kept apart by rules."""

import pytest

from services.credentials.domain.achievements import Achievement, check_award, define_achievement
from services.credentials.domain.refusals import CompetencyWithoutAssessment, TextUnsuitable


def an_achievement(**changes: str | None) -> Achievement:
    given: dict[str, str | None] = {
        "id": "0190b3a0-4444-7444-8444-444444444444", "owner": "demo.riverside", "name": "Spreadsheets: completed",
        "description": "Completed the course.", "criteria": "Finish every unit.", "kind": "engagement",
        "course": "0190b3a0-2222-7222-8222-222222222222"}
    return Achievement(**{**given, **changes})  # type: ignore[arg-type]


def test_a_course_earns_an_engagement() -> None:
    assert define_achievement(an_achievement()).achievement_type == "CertificateOfCompletion"


def test_an_engagement_without_a_course_is_a_badge() -> None:
    assert define_achievement(an_achievement(course=None)).achievement_type == "Badge"


def test_a_course_alone_cannot_earn_a_competency() -> None:
    with pytest.raises(CompetencyWithoutAssessment) as refused:
        define_achievement(an_achievement(kind="competency"))
    assert refused.value.status == 422
    assert refused.value.errors[0]["field"] == "/kind"
    assert "'engagement'" in refused.value.detail


def test_a_competency_may_be_defined_without_a_course() -> None:
    assert define_achievement(an_achievement(kind="competency", course=None)).achievement_type == "Competency"


@pytest.mark.parametrize(("evidence", "evaluator", "result", "missing"), [
    ((), None, None, "evidence, an evaluator, a result"),
    (("essay",), None, "passed", "an evaluator"),
    (("essay",), "urn:uuid:e", None, "a result"),
    ((), "urn:uuid:e", "passed", "evidence"),
])
def test_a_competency_is_refused_without_evidence_evaluator_and_result(
        evidence: tuple[str, ...], evaluator: str | None, result: str | None, missing: str) -> None:
    with pytest.raises(CompetencyWithoutAssessment, match=missing):
        check_award(an_achievement(kind="competency", course=None), evidence, evaluator, result)


def test_a_competency_with_all_three_may_be_awarded() -> None:
    check_award(an_achievement(kind="competency", course=None), ["essay"], "urn:uuid:e", "passed")


def test_an_engagement_needs_no_evidence() -> None:
    check_award(an_achievement())


@pytest.mark.parametrize("field", ["name", "description", "criteria"])
@pytest.mark.parametrize("character", ["\x00", "\x07", "\x7f", "\uffff", "\ud800"])
def test_characters_that_verifiers_dispute_are_refused_by_place(field: str, character: str) -> None:
    with pytest.raises(TextUnsuitable) as refused:
        define_achievement(an_achievement(**{field: f"a{character}b"}))
    assert refused.value.errors[0]["field"] == f"/{field}"


def test_line_breaks_emoji_quotes_and_right_to_left_text_are_fine() -> None:
    define_achievement(an_achievement(name='"שלום" \\ 🎓', criteria="One.\nTwo.\tThree."))
