"""What an achievement is made of besides its texts: its type in Open Badges 3.0, alignments, the rubric. And who may
define one."""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.calls.shapes import Number, Strict, TrueOrFalse, http_url, line, text

ENGAGEMENT, COMPETENCY = "engagement", "competency"
KINDS = (ENGAGEMENT, COMPETENCY)
TYPES_OF_KIND = {
    ENGAGEMENT: (
        "Achievement", "Assignment", "Award", "Badge", "CertificateOfCompletion", "CoCurricular", "CommunityService",
        "Course", "Fieldwork", "LearningProgram", "Membership"),
    COMPETENCY: (
        "ApprenticeshipCertificate", "Assessment", "AssociateDegree", "BachelorDegree", "Certificate", "Certification",
        "Competency", "Degree", "Diploma", "DoctoralDegree", "GeneralEducationDevelopment", "JourneymanCertificate",
        "License", "MasterCertificate", "MasterDegree", "MicroCredential", "ProfessionalDoctorate",
        "QualityAssuranceCredential", "ResearchDoctorate", "SecondarySchoolDiploma"),
}
"""AchievementType of Open Badges 3.0 (B.1.1): what says that somebody took part, and what says that they are able."""
OPEN_TARGET_TYPES = ("ceterms:Credential", "CTDL")
COMPETENCY_TARGET_TYPES = ("ceasn:Competency", "CFItem", "CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel")
TARGET_TYPES = (*OPEN_TARGET_TYPES, *COMPETENCY_TARGET_TYPES)
"""AlignmentTargetType of Open Badges 3.0 (B.1.4)."""
AWARDS, READS = "credentials:write", "credentials:read"
"""Open every way to award, and what was awarded, to whoever has patrons."""
DEFINES, READS_DEFINED = (AWARDS, "achievements:write"), (READS, "achievements:write")
"""Whoever has `achievements:write` alone, as colleges do, defines what their recognitions award, and decides what
becomes of what they issued by them."""
OF_COMPLETIONS = ("minimum_score", "proctored", "minimum_hours")
EXTENDED = re.compile(r"ext:[A-Za-z0-9._-]{1,100}")


def enumerated(names: tuple[str, ...], required: bool = False, **metadata: Any) -> fields.String:
    """One of the names of an extensible enumeration, or a name of one's own that begins with `ext:`."""
    def check(value: str) -> None:
        if value not in names and not EXTENDED.fullmatch(value):
            raise ValidationError(f"Take one of {', '.join(names)}, or write ext: and a name of your own.")

    return fields.String(required=required, validate=[validate.Length(1, 104), check], metadata=metadata)


class Alignment(Strict):
    """What it corresponds to in a framework: CASE, CTDL, O*NET, ESCO (there `target_type` is `ext:ESCOSkill`)."""

    target_url = http_url(required=True)
    target_name = line(300, required=True)
    target_type = enumerated(TARGET_TYPES, description=(
        "What the target is; an achievement of taking part names " + " or ".join(OPEN_TARGET_TYPES) + " only."))
    target_framework = line(300)
    target_code = line(100)
    target_description = text(2000)


class Level(Strict):
    """One step of a criterion."""

    name = line(100, required=True)
    description = text(2000)
    points = fields.Integer(strict=True, validate=validate.Range(0, 10_000))


class Criterion(Strict):
    """What is looked at, with its levels from the lowest to the highest, and the one that has to be reached."""

    name = line(200, required=True)
    levels = fields.List(fields.Nested(Level), required=True, validate=validate.Length(2, 10))
    required_level = line(100, required=True, metadata={"description": "The name of one of the levels."})


class LeastLevel(Strict):
    """The level of one criterion of the achievement's rubric that is enough, by name."""

    criterion = line(200, required=True)
    level = line(100, required=True)


class EarnedBy(Strict):
    """What earns it: completing a course, as well as is asked for; or holding some of other achievements. Several
    conditions have to be met by one and the same completion."""

    course = fields.UUID()
    minimum_score = Number(validate=validate.Range(0, 1, min_inclusive=False), metadata={
        "description": "The least xAPI scaled score; a completion that tells none does not earn it."})
    proctored = TrueOrFalse(metadata={
        "description": "Whether somebody has to have watched; a completion that does not tell so does not earn it."})
    minimum_hours = Number(validate=validate.Range(0, 10_000, min_inclusive=False), metadata={
        "description": "The least hours it has to have taken; a completion that tells no duration does not earn it."})
    achievements = fields.List(fields.UUID(), validate=validate.Length(2, 50))
    at_least = fields.Integer(strict=True, validate=validate.Range(1, 50), metadata={
        "description": "How many of the achievements; all where it is left out."})

    @validates_schema
    def is_one_of_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        if ("course" in data) == ("achievements" in data):
            raise ValidationError({"course": ["Give either a course or achievements."]})
        wrong = [name for name in OF_COMPLETIONS if name in data and "course" not in data]
        if wrong:
            raise ValidationError({name: ["Only a course's completion tells that; leave it out."] for name in wrong})
        if "at_least" in data and data["at_least"] > len(data.get("achievements", ())):
            raise ValidationError({"at_least": ["Give at most as many as there are achievements."]})


def alignments() -> fields.List[Any]:
    return fields.List(fields.Nested(Alignment), validate=validate.Length(1, 20))


def rubric() -> fields.List[Any]:
    return fields.List(fields.Nested(Criterion), validate=validate.Length(1, 12), metadata={
        "description": "By what a competency is judged; each criterion has to be reached."})
