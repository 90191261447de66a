"""Whether a credential has the shape of Open Badges 3.0: the classes of its data model (B.1) as a JSON Schema in our
own words. The text that 1EdTech publishes is not kept here; see `docs/decisions` 21.

It asks for what verifiers of others ask for: lists where several may stand, zones on times, no member of a closed class
that the class does not have; and for the subject's id or identifier, which the standard asks for in prose alone.
"""

from functools import cache
from typing import Any

import jsonschema_rs

from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

Shape = dict[str, Any]
LONGEST_REASON = 200
ACHIEVEMENT_TYPES = (
    "Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award BachelorDegree Badge "
    "Certificate CertificateOfCompletion Certification CoCurricular CommunityService Competency Course Degree Diploma "
    "DoctoralDegree Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License "
    "MasterCertificate MasterDegree Membership MicroCredential ProfessionalDoctorate QualityAssuranceCredential "
    "ResearchDoctorate SecondarySchoolDiploma").split()
TARGET_TYPES = (
    "ceasn:Competency ceterms:Credential CFItem CFRubric CFRubricCriterion CFRubricCriterionLevel CTDL").split()
RESULT_TYPES = (
    "GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result RubricCriterion "
    "RubricCriterionLevel RubricScore ScaledScore Status").split()
RESULT_STATUSES = "Completed Enrolled Failed InProgress OnHold Provisional Withdrew".split()
IDENTIFIER_TYPES = (
    "accountId emailAddress identifier isbn issn lisSourcedId ltiContextId ltiDeploymentId ltiPlatformId ltiToolId "
    "ltiUserId name nationalIdentityNumber oneRosterSourcedId productId sisSourcedId sourcedId systemId "
    "userName").split()
NAME_PARTS = (
    "additionalName familyName familyNamePrefix givenName honorificPrefix honorificSuffix patronymicName phone").split()
ADDRESS_PARTS = (
    "addressCountry addressCountryCode addressLocality addressRegion postOfficeBoxNumber postalCode "
    "streetAddress").split()
ASSOCIATIONS = "exactMatchOf isChildOf isParentOf isPartOf isPeerOf isRelatedTo precedes replacedBy".split()

TEXT: Shape = {"type": "string"}
NUMBER: Shape = {"type": "number"}
TRUTH: Shape = {"type": "boolean"}
ADDRESS: Shape = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$"}
LANGUAGE: Shape = {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"}
MOMENT: Shape = {
    "type": "string", "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}


def _of(name: str) -> Shape:
    return {"$ref": f"#/$defs/{name}"}


def _many(shape: Shape) -> Shape:
    return {"type": "array", "items": shape, "minItems": 1}


def _one_of(*values: str, extended: bool = False) -> Shape:
    listed: Shape = {"enum": list(values)}
    return {"anyOf": [listed, {"type": "string", "pattern": "^ext:"}]} if extended else listed


def _types(*needed: tuple[str, ...]) -> Shape:
    """A list that has one of each of these."""
    return {"type": "array", "items": TEXT, "allOf": [{"contains": {"enum": list(each)}} for each in needed]}


def _contexts(*standards: str) -> Shape:
    first = {"const": "https://www.w3.org/ns/credentials/v2"}
    others = [{"type": "string", "pattern": rf"^https://purl\.imsglobal\.org/spec/{each}/context[0-9.-]*\.json$"}
              for each in standards]
    return {"type": "array", "prefixItems": [first, *others], "minItems": 1 + len(others),
            "items": {"type": ["string", "object"]}}


def _class(required: str, /, **members: Shape) -> Shape:
    return {"type": "object", "required": required.split(), "properties": members}


def _closed(required: str, /, **members: Shape) -> Shape:
    """A class that may have no other members."""
    return {**_class(required, **members), "additionalProperties": False}


def _credential(required: str, contexts: Shape, subject: str, *types: str, **members: Shape) -> Shape:
    shape = _class(
        f"@context id type issuer validFrom credentialSubject {required}",
        type=_types(("VerifiableCredential",), types), id=ADDRESS, name=TEXT, description=TEXT, image=_of("Image"),
        issuer={"anyOf": [ADDRESS, _of("Profile")]}, validFrom=MOMENT, validUntil=MOMENT, awardedDate=MOMENT,
        credentialSubject=_of(subject), evidence=_many(_of("Evidence")),
        endorsement=_many(_of("EndorsementCredential")), endorsementJwt=_many(TEXT),
        proof=_many(_of("Proof")), credentialStatus=_of("Named"),
        credentialSchema=_many(_of("Named")), refreshService=_of("Named"), termsOfUse=_many(_class("type", type=TEXT)),
        **members)
    shape["properties"]["@context"] = contexts
    return shape


CLASSES: dict[str, Shape] = {
    "Named": _class("id type", id=ADDRESS, type=TEXT),
    "AchievementCredential": _credential(
        "", _contexts("ob/v3p0"), "AchievementSubject", "AchievementCredential", "OpenBadgeCredential"),
    "EndorsementCredential": _credential(
        "name", _contexts("ob/v3p0"), "EndorsementSubject", "EndorsementCredential"),
    "ClrCredential": _credential(
        "name", _contexts("clr/v2p0", "ob/v3p0"), "ClrSubject", "ClrCredential", partial=TRUTH),
    "AchievementSubject": {
        **_class("type achievement", type=_types(("AchievementSubject",)), id=ADDRESS,
                 identifier=_many(_of("IdentityObject")), achievement=_of("Achievement"), result=_many(_of("Result")),
                 source=_of("Profile"), narrative=TEXT, role=TEXT, term=TEXT, creditsEarned=NUMBER, licenseNumber=TEXT,
                 activityStartDate=MOMENT, activityEndDate=MOMENT, image=_of("Image")),
        "anyOf": [{"required": ["id"]}, {"required": ["identifier"]}]},
    "EndorsementSubject": _class("id type", id=ADDRESS, type=_types(("EndorsementSubject",)), endorsementComment=TEXT),
    "ClrSubject": _class("type verifiableCredential", type=_types(("ClrSubject",)), id=ADDRESS,
                         identifier=_many(_of("IdentityObject")), achievement=_many(_of("Achievement")),
                         verifiableCredential=_many({"type": "object"}), association=_many(_of("Association"))),
    "Association": _closed("type associationType sourceId targetId", type=_one_of("Association"),
                          associationType=_one_of(*ASSOCIATIONS), sourceId=ADDRESS, targetId=ADDRESS),
    "Achievement": _class(
        "id type name description criteria", id=ADDRESS, type=_types(("Achievement",)), name=TEXT, description=TEXT,
        criteria=_class("", id=ADDRESS, narrative=TEXT), achievementType=_one_of(*ACHIEVEMENT_TYPES, extended=True),
        alignment=_many(_of("Alignment")), creator=_of("Profile"), creditsAvailable=NUMBER, fieldOfStudy=TEXT,
        humanCode=TEXT, image=_of("Image"), inLanguage=LANGUAGE, otherIdentifier=_many(_of("IdentifierEntry")),
        related=_many(_class("id type", id=ADDRESS)), resultDescription=_many(_of("ResultDescription")),
        specialization=TEXT, tag=_many(TEXT), version=TEXT, endorsement=_many(_of("EndorsementCredential")),
        endorsementJwt=_many(TEXT)),
    "Alignment": _class(
        "type targetName targetUrl", type=_types(("Alignment",)), targetName=TEXT, targetUrl=ADDRESS, targetCode=TEXT,
        targetDescription=TEXT, targetFramework=TEXT, targetType=_one_of(*TARGET_TYPES, extended=True)),
    "Evidence": _class("type", type=_types(("Evidence",)), id=ADDRESS, name=TEXT, description=TEXT, narrative=TEXT,
                       genre=TEXT, audience=TEXT),
    "Proof": _class("type", type=TEXT, cryptosuite=TEXT, created=MOMENT, verificationMethod=TEXT, proofPurpose=TEXT,
                    proofValue=TEXT),
    "Address": _class("type", type=_types(("Address",)), geo=_class(
        "type latitude longitude", type=_one_of("GeoCoordinates"), latitude=NUMBER, longitude=NUMBER),
        **dict.fromkeys(ADDRESS_PARTS, TEXT)),
    "IdentifierEntry": _class(
        "type identifier identifierType", type=_one_of("IdentifierEntry"), identifier=TEXT,
        identifierType=_one_of(*IDENTIFIER_TYPES, extended=True)),
    "IdentityObject": _closed("type hashed identityHash identityType", type=_one_of("IdentityObject"),
                             hashed=TRUTH, identityHash=TEXT,
                             identityType=_one_of(*IDENTIFIER_TYPES, extended=True), salt=TEXT),
    "Image": _closed("id type", id=ADDRESS, type=_one_of("Image"), caption=TEXT),
    "Profile": _class("id type", id=ADDRESS, type=_types(("Profile",)), name=TEXT, url=ADDRESS, description=TEXT,
                      image=_of("Image"), email=TEXT, official=TEXT, endorsement=_many(_of("EndorsementCredential")),
                      endorsementJwt=_many(TEXT), otherIdentifier=_many(_of("IdentifierEntry")),
                      parentOrg=_of("Profile"), address=_of("Address"), **dict.fromkeys(NAME_PARTS, TEXT)),
    "Result": _class("type", type=_types(("Result",)), achievedLevel=ADDRESS, resultDescription=ADDRESS, value=TEXT,
                     status=_one_of(*RESULT_STATUSES), alignment=_many(_of("Alignment"))),
    "ResultDescription": _class(
        "id type name resultType", id=ADDRESS, type=_types(("ResultDescription",)), name=TEXT,
        resultType=_one_of(*RESULT_TYPES, extended=True), requiredLevel=ADDRESS, requiredValue=TEXT,
        allowedValue=_many(TEXT), valueMin=TEXT, valueMax=TEXT, alignment=_many(_of("Alignment")),
        rubricCriterionLevel=_many(_of("RubricCriterionLevel"))),
    "RubricCriterionLevel": _class("id type name", id=ADDRESS, type=_types(("RubricCriterionLevel",)), name=TEXT,
                                   description=TEXT, level=TEXT, points=TEXT, alignment=_many(_of("Alignment"))),
}
CLASS_OF_TYPE = {
    "AchievementCredential": "AchievementCredential", "OpenBadgeCredential": "AchievementCredential",
    "EndorsementCredential": "EndorsementCredential", "ClrCredential": "ClrCredential"}


def judge(document: dict[str, Any]) -> Verdict:
    """Whether it has the shape of the type that it names."""
    named = document.get("type")
    types = named if isinstance(named, list) else [named]
    found = next((CLASS_OF_TYPE[each] for each in types if isinstance(each, str) and each in CLASS_OF_TYPE), None)
    if found is None:
        return Verdict(UNKNOWN, f"Only {', '.join(CLASS_OF_TYPE)} have a shape that is checked here.")
    error = next(iter(_validator(found).iter_errors(document)), None)
    if error is None:
        return Verdict(VALID, f"It has the shape of {found}.")
    place = "/".join(str(each) for each in error.instance_path)
    return Verdict(INVALID, f"Not as Open Badges 3.0 has it, at /{place}: {error.message[:LONGEST_REASON]}.")


@cache
def _validator(name: str) -> Any:
    return jsonschema_rs.Draft202012Validator({**_of(name), "$defs": CLASSES}, validate_formats=True)
