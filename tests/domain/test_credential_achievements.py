"""Taking part and being able are kept apart by rules."""

from typing import Any

import pytest

from contracts.calls.achievements import COMPETENCY, ENGAGEMENT, TYPES_OF_KIND
from libranet.problems import Refusal
from services.credentials.domain import alignments, rubrics
from services.credentials.domain.achievements import Achievement, define_achievement, next_version
from services.credentials.domain.assessing import check_award
from services.credentials.domain.refusals import CompetencyWithoutAssessment, KindUnfit, TextUnsuitable

RUBRIC = ({"name": "Formulas", "required_level": "proficient", "levels": [
    {"name": "beginning"}, {"name": "proficient", "description": "Without help.", "points": 3}]},)
CASE = {"target_url": "https://case.example.org/ims/case/v1p0/CFItems/1", "target_name": "Uses formulas",
        "target_type": "CFItem"}
ESCO = {"target_url": "http://data.europa.eu/esco/skill/1", "target_name": "use spreadsheets software",
        "target_type": "ext:ESCOSkill"}
CTDL = {"target_url": "https://credentialfinder.org/credential/1", "target_name": "Office certificate",
        "target_type": "ceterms:Credential"}


def an_achievement(**changes: Any) -> Achievement:
    given: dict[str, Any] = {
        "id": "0190b3a0-4444-7444-8444-444444444444", "owner": "demo.riverside", "name": "Spreadsheets: completed",
        "description": "Completed the course.", "criteria": "Finish every unit.", "kind": "engagement",
        "course": "0190b3a0-2222-7222-8222-222222222222"}
    return Achievement(**{**given, **changes})


def a_competency(**changes: Any) -> Achievement:
    return an_achievement(**{"kind": "competency", "course": None, "rubric": RUBRIC, **changes})


def refused(achievement: Achievement) -> str:
    """The field that is named."""
    with pytest.raises(Refusal) as why:
        define_achievement(achievement)
    assert why.value.status == 422
    return why.value.errors[0]["field"]


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
    assert define_achievement(a_competency()).achievement_type == "Competency"


PROFICIENT = {"Formulas": "proficient"}


@pytest.mark.parametrize(("evidence", "evaluator", "levels", "missing"), [
    ((), None, None, "evidence, an evaluator, a result"),
    (("essay",), None, PROFICIENT, "an evaluator"),
    (("essay",), "urn:uuid:e", None, "a result"),
    ((), "urn:uuid:e", PROFICIENT, "evidence"),
    (("essay",), "urn:uuid:e", {"Formulas": "beginning"}, "does not reach"),
    (("essay",), "urn:uuid:e", {}, "does not reach"),
])
def test_a_competency_is_refused_without_evidence_evaluator_and_result(
        evidence: tuple[str, ...], evaluator: str | None, levels: dict[str, str] | None, missing: str) -> None:
    with pytest.raises(CompetencyWithoutAssessment, match=missing):
        check_award(a_competency(), evidence, evaluator, levels)


def test_a_competency_with_all_three_may_be_awarded() -> None:
    check_award(a_competency(), ["essay"], "urn:uuid:e", PROFICIENT)


@pytest.mark.parametrize("shown", [
    {"evidence": ["essay"]}, {"evaluator": "urn:uuid:e"}, {"levels": PROFICIENT}])
def test_taking_part_is_never_awarded_with_a_result(shown: dict[str, Any]) -> None:
    with pytest.raises(KindUnfit):
        check_award(an_achievement(), **shown)


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


# kinds and types

EVERY_TYPE = """Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award BachelorDegree Badge
Certificate CertificateOfCompletion Certification CoCurricular CommunityService Competency Course Degree Diploma
DoctoralDegree Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License MasterCertificate
MasterDegree Membership MicroCredential ProfessionalDoctorate QualityAssuranceCredential ResearchDoctorate
SecondarySchoolDiploma""".split()


def test_every_type_of_the_standard_is_of_one_kind() -> None:
    assert sorted(each for types in TYPES_OF_KIND.values() for each in types) == EVERY_TYPE


@pytest.mark.parametrize("achievement_type", EVERY_TYPE)
def test_the_kind_follows_from_the_type_and_has_to_fit_it(achievement_type: str) -> None:
    kind = ENGAGEMENT if achievement_type in TYPES_OF_KIND[ENGAGEMENT] else COMPETENCY
    other = COMPETENCY if kind == ENGAGEMENT else ENGAGEMENT
    extra = {"rubric": RUBRIC} if kind == COMPETENCY else {}
    assert define_achievement(an_achievement(
        kind="", course=None, achievement_type=achievement_type, **extra)).kind == kind
    assert refused(an_achievement(kind=other, course=None, achievement_type=achievement_type)) == "/achievement_type"


def test_a_type_of_ones_own_needs_a_kind() -> None:
    assert refused(an_achievement(kind="", achievement_type="ext:LibraryQuest")) == "/kind"
    assert define_achievement(an_achievement(achievement_type="ext:LibraryQuest")).kind == ENGAGEMENT


def test_neither_kind_nor_type_says_nothing() -> None:
    assert refused(an_achievement(kind="")) == "/kind"


def test_a_competency_is_judged_by_a_rubric() -> None:
    assert refused(a_competency(rubric=())) == "/rubric"


def test_taking_part_has_no_rubric() -> None:
    assert refused(an_achievement(rubric=RUBRIC)) == "/rubric"


# alignments

@pytest.mark.parametrize("alignment", [
    CASE, ESCO, {**CASE, "target_type": "ceasn:Competency"}, {**CASE, "target_type": "CFRubric"},
    {"target_url": "https://a.example/1", "target_name": "says not what it is"},
    {**CASE, "target_type": "CTDL"}, {**ESCO, "target_type": "ceterms:Credential"}])
def test_taking_part_shows_no_competency_whatever_it_is_called(alignment: dict[str, str]) -> None:
    assert refused(an_achievement(alignments=(CTDL, alignment))) == "/alignments/1/target_type"
    assert define_achievement(a_competency(alignments=(CTDL, alignment)))


def test_taking_part_may_lead_to_a_credential_of_others() -> None:
    assert define_achievement(an_achievement(alignments=(CTDL,)))


def test_an_alignment_is_there_once_and_has_an_address() -> None:
    assert refused(a_competency(alignments=(CASE, ESCO, CASE))) == "/alignments/2"
    assert refused(a_competency(alignments=({**CASE, "target_url": "https://a.example/<b>"},))) == \
        "/alignments/0/target_url"


def test_the_competencies_that_it_is_aligned_with_are_the_skills_that_it_shows() -> None:
    assert alignments.skills((CTDL, ESCO)) == [{"label": ESCO["target_name"], "uri": ESCO["target_url"]}]


# rubrics

@pytest.mark.parametrize(("change", "field"), [
    ({"required_level": "expert"}, "/rubric/1/required_level"),
    ({"levels": [{"name": "beginning"}, {"name": "beginning"}], "required_level": "beginning"},
     "/rubric/1/levels/1/name"),
    ({"name": "Formulas"}, "/rubric/1/name")])
def test_a_rubric_that_nobody_could_judge_by_is_refused_by_place(change: dict[str, Any], field: str) -> None:
    other = {**RUBRIC[0], "name": "Charts", **change}
    assert refused(a_competency(rubric=(*RUBRIC, other))) == field


@pytest.mark.parametrize(("levels", "met"), [
    ({}, False), ({"Formulas": "beginning"}, False), ({"Formulas": "proficient"}, True),
    ({"Charts": "proficient"}, False)])
def test_a_rubric_is_met_when_every_criterion_is(levels: dict[str, str], met: bool) -> None:
    assert rubrics.is_met(RUBRIC, levels) is met


# versions

def test_another_definition_is_the_next_version_and_the_same_one_is_none() -> None:
    current = an_achievement(version=3)
    assert next_version(current, an_achievement()) is current
    assert next_version(current, an_achievement(name="Sheets")).version == 4


def test_the_kind_stays() -> None:
    with pytest.raises(KindUnfit) as why:
        next_version(an_achievement(), a_competency())
    assert why.value.errors[0]["field"] == "/kind"


def test_what_is_stored_is_read_again() -> None:
    for each in (an_achievement(language="en", tags=("a", "b")), a_competency(alignments=(CASE, ESCO), version=2)):
        assert Achievement.read({"_id": each.id, **each.members(), "defined_at": "later"}) == each


@pytest.mark.parametrize("place", ["/rubric/0/levels/1/description", "/alignments/0/target_name", "/tags/1"])
def test_an_odd_character_is_refused_wherever_it_is(place: str) -> None:
    inside = a_competency(alignments=(CASE,), tags=("a", "b")).members()
    *above, last = place.split("/")[1:]
    node: Any = inside
    for name in above:
        node = node[int(name) if isinstance(node, list) else name]
    node[int(last) if isinstance(node, list) else last] = "a\x07"
    assert refused(Achievement.of("0190b3a0-4444-7444-8444-444444444444", inside)) == place
