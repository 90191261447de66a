"""Calls that the credentials service answers: achievements, credentials, their public face."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from contracts.call import PUBLIC, SELF, Call
from contracts.calls.achievements import (
    DEFINES,
    KINDS,
    READS_DEFINED,
    TYPES_OF_KIND,
    Alignment,
    Criterion,
    EarnedBy,
    alignments,
    enumerated,
    rubric,
)
from contracts.calls.co_issuing import CoIssuer
from contracts.calls.endorsements import ShownEndorsement
from contracts.calls.mappings import ShownMapping
from contracts.calls.reconsiderations import Lack
from contracts.calls.shapes import (
    JWT_TYPE,
    Base64,
    IdPageQuery,
    Strict,
    TrueOrFalse,
    language_tag,
    line,
    page_of,
    text,
)

MOST_PICTURE_BYTES = 512 * 1024
STATES = ("issued", "shared", "claimed", "expiring", "superseded", "expired", "suspended", "revoked")
FORMS = ("json", "jws", "jwt_vc_json", "png", "svg", "png-jws", "svg-jws", "qr")
PICTURES = ("image/png", "image/svg+xml")


class DefineAchievement(Strict):
    """`course` names the course whose completion earns it: short for `earned_by` with that course alone."""

    name = line(200, required=True)
    description = text(2000, required=True)
    criteria = text(5000, required=True, metadata={"description": "What has to be done, in Markdown."})
    kind = fields.String(validate=validate.OneOf(KINDS), metadata={
        "description": "Taking part, or being able. Where it is left out, it follows from `achievement_type`."})
    achievement_type = enumerated(tuple(each for kind in KINDS for each in TYPES_OF_KIND[kind]), description=(
        "AchievementType of Open Badges 3.0. It has to fit the kind; for one of your own, `ext:…`, name the kind too."))
    course = fields.UUID()
    earned_by = fields.Nested(EarnedBy)
    language = fields.String(validate=language_tag, metadata={"description": "Of name, description and criteria."})
    tags = fields.List(line(100), validate=validate.Length(1, 20))
    alignments = alignments()
    rubric = rubric()
    secret_evidence = TrueOrFalse(metadata={
        "description": "What is submitted for it is for evaluators alone, as with a test; of competencies only."})
    second_readings = fields.Integer(strict=True, validate=validate.Range(0, 100), metadata={
        "description": "How many in a hundred submissions a second evaluator reads; of competencies only."})
    validity = fields.Integer(strict=True, validate=validate.Range(1, 36_500), metadata={
        "description": "Days after which a credential of it expires; for ever where it is left out."})

    @validates_schema
    def is_earned_in_one_way(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "course" in data and "earned_by" in data:
            raise ValidationError({"course": ["Name it in earned_by alone."]})


class Achievement(Schema):
    id = fields.UUID()
    owner = fields.String()
    name = fields.String()
    description = fields.String()
    criteria = fields.String()
    kind = fields.String()
    achievement_type = fields.String()
    course = fields.UUID()
    earned_by = fields.Nested(EarnedBy)
    language = fields.String()
    tags = fields.List(fields.String())
    alignments = fields.List(fields.Nested(Alignment))
    rubric = fields.List(fields.Nested(Criterion))
    secret_evidence = fields.Boolean()
    second_readings = fields.Integer()
    validity = fields.Integer()
    version = fields.Integer(metadata={"description": "Counts from 1; a credential keeps to the one it was earned by."})
    image = fields.String(metadata={"description": "The path of its picture, for anyone. It never shows another one."})
    endorsements = fields.List(fields.Nested(ShownEndorsement), metadata={
        "description": "Who vouches for this version."})
    co_issuer = fields.Nested(CoIssuer)
    mappings = fields.List(fields.Nested(ShownMapping), metadata={
        "description": "What colleges say that this version corresponds to."})
    defined_at = fields.AwareDateTime(metadata={"description": "When this version was."})


AchievementList = page_of(Achievement)


class Because(Schema):
    """Why a credential was issued: the `event` that told, and by which `rule` and version of the achievement."""

    event = fields.String()
    rule = fields.String()
    achievement_version = fields.Integer()
    course = fields.UUID()
    batch = fields.UUID()
    note = fields.String()
    score = fields.Float()
    proctored = fields.Boolean()
    hours = fields.Float()
    credentials = fields.List(fields.UUID(), metadata={"description": "The credentials that it was earned by."})
    recognition = fields.UUID(metadata={"description": "The recognition that was granted."})
    recognition_version = fields.Integer()
    reached = fields.UUID(metadata={"description": "By what the college knows who reached it."})
    counted = fields.List(fields.UUID(), metadata={"description": "The credentials that counted for it."})
    evidence = fields.List(fields.Dict(), metadata={"description": "What was submitted, as it was when it was judged."})


class SetAchievementImage(Strict):
    """A PNG or SVG. What could run, move or be fetched is refused; notes of drawing programs do not stay."""

    image = Base64(MOST_PICTURE_BYTES, required=True, metadata={"description": "The picture, as base64."})


class LifeEntry(Schema):
    what = fields.String(validate=validate.OneOf([
        "issued", "shared", "claimed", "suspended", "reinstated", "revoked", "superseded", "restored", "expiring",
        "expired", "revalidated", "in-review", "reviewed"]))
    at = fields.AwareDateTime()
    reason = fields.String()


class InReview(Schema):
    opened_at = fields.AwareDateTime()
    because = fields.String()


class NotEarned(Schema):
    """A completion of the course of an achievement that does not earn it, and why."""

    achievement = fields.UUID()
    achievement_name = fields.String()
    achievement_version = fields.Integer()
    course = fields.UUID()
    completed_at = fields.AwareDateTime()
    lacks = fields.List(fields.Nested(Lack))


class IssuersCredential(Schema):
    """A credential as its issuer sees it: nothing of whose it is, nor of what they do with it."""

    id = fields.UUID()
    achievement = fields.UUID()
    achievement_name = fields.String()
    kind = fields.String()
    issuer = fields.String()
    status = fields.String(validate=validate.OneOf(["issued", "suspended", "revoked", "expired", "superseded"]))
    status_since = fields.AwareDateTime()
    status_reason = fields.String(metadata={"description": "Why it was suspended or revoked."})
    revalidated_at = fields.AwareDateTime(metadata={"description": "When it was last signed anew."})
    valid_until = fields.AwareDateTime()
    issued_at = fields.AwareDateTime()
    because = fields.Nested(Because)


IssuersCredentialList = page_of(IssuersCredential)


class IssuedCredential(IssuersCredential):
    """What was earned; `credential` is the signed document."""

    patron = fields.UUID()
    public_url = fields.Url(require_tld=False, metadata={"description": "It answers once its learner shares it."})
    state = fields.String(validate=validate.OneOf(STATES), metadata={
        "description": "How far it is in its life, in one word: what limits it, else the farthest it came."})
    life = fields.List(fields.Nested(LifeEntry), metadata={"description": "All that became of it, the oldest first."})
    in_review = fields.Nested(InReview, metadata={
        "description": "While staff decide about it, as its completion was withdrawn. It stands until then."})
    superseded_by = fields.UUID(metadata={"description": "The newer one of the same patron that replaces it."})
    superseded_at = fields.AwareDateTime()
    shared = fields.Boolean()
    shared_at = fields.AwareDateTime()
    claimed_at = fields.AwareDateTime(metadata={"description": "When a wallet first took it."})
    activated_at = fields.AwareDateTime(metadata={"description": "When a wallet first said that it keeps it."})
    public_id = fields.String()
    endorsements = fields.List(fields.Nested(ShownEndorsement), metadata={
        "description": "Who vouches for it now; in the signed document are those of when it was signed."})
    mappings = fields.List(fields.Nested(ShownMapping), metadata={
        "description": "What colleges say that it corresponds to, by its version and levels."})
    credential = fields.Dict()


class StatusReason(Strict):
    """Told to the learner and to nobody else: no list, no event and no public address says why."""

    reason = line(500, required=True)


class Revalidate(Strict):
    """Without `extend` it is signed anew and ends when it did: after a key was compromised."""

    extend = TrueOrFalse(load_default=True, metadata={
        "description": "Whether its validity begins anew, as its achievement has it."})


class Waiting(Schema):
    """Earned, and not yet issued: `reason` says why, `next_step` what to do."""

    achievement = fields.UUID()
    achievement_name = fields.String()
    reason = fields.String()
    next_step = fields.String()


class IssuedCredentialList(Schema):
    """`imported` was earned elsewhere: GET /v1/patrons/{id}/imports has the same in pages."""

    items = fields.List(fields.Nested(IssuedCredential))
    waiting = fields.List(fields.Nested(Waiting))
    not_earned = fields.List(fields.Nested(NotEarned))
    imported = fields.List(fields.Nested("ImportedCredential"))
    next = fields.String(allow_none=True)


class PublicCredentialQuery(Schema):
    """Addresses that people pass on collect other parameters on their way; those are passed over."""

    class Meta:
        unknown = EXCLUDE

    form = fields.String(validate=validate.OneOf(FORMS), metadata={
        "description": "`json` (the default), `jws` (RS256, as 1EdTech has it) or `jwt_vc_json` (ES256, for wallets); "
        "`png` and `svg`: its picture with the JSON in it, `png-jws` and `svg-jws` with the JWS; `qr`: an SVG of a QR "
        "code of its address. Without it the Accept header decides: application/vc+ld+json, application/jwt or "
        "text/plain (`jws`)."})


DEFINE_ACHIEVEMENT = Call(
    name="define_achievement", service="credentials", method="POST", path="/v1/achievements", status=201,
    body=DefineAchievement, answer=Achievement, summary="Define what is earned by what", allows=DEFINES,
    description="With achievements:write alone it is awarded by recognitions, and names nothing else that earns it.")
LIST_ACHIEVEMENTS = Call(
    name="list_achievements", service="credentials", method="GET", path="/v1/achievements", query=IdPageQuery,
    answer=AchievementList, summary="List achievements", allows=READS_DEFINED)
GET_ACHIEVEMENT = Call(
    name="get_achievement", service="credentials", method="GET", path="/v1/achievements/<achievement>",
    answer=Achievement, summary="Read one achievement", allows=READS_DEFINED)
REPLACE_ACHIEVEMENT = Call(
    name="replace_achievement", service="credentials", method="PUT", path="/v1/achievements/<achievement>",
    body=DefineAchievement, answer=Achievement, summary="Define an achievement anew, as its next version",
    allows=DEFINES, keyed=False,
    description="What was earned before keeps to the version it was earned by. The kind stays. The same definition "
                "again makes no version.")
GET_ACHIEVEMENT_VERSION = Call(
    name="get_achievement_version", service="credentials", method="GET",
    path="/v1/achievements/<achievement>/versions/<version>", answer=Achievement,
    summary="Read one version of an achievement", allows=READS_DEFINED)
LIST_ISSUED = Call(
    name="list_issued_credentials", service="credentials", method="GET",
    path="/v1/achievements/<achievement>/credentials", query=IdPageQuery, answer=IssuersCredentialList,
    allows=READS_DEFINED, summary="List what your node issued for an achievement",
    description="Nothing of whose they are: GET /v1/patrons/{id}/credentials shows a patron's, to who may see those.")
SET_ACHIEVEMENT_IMAGE = Call(
    name="set_achievement_image", service="credentials", method="PUT", path="/v1/achievements/<achievement>/image",
    body=SetAchievementImage, answer=Achievement, summary="Give an achievement a picture of your own",
    allows=DEFINES, keyed=False,
    description="What is issued from now on has it. Without one, a picture is drawn of name, owner and kind.")
GET_ACHIEVEMENT_IMAGE = Call(
    name="get_achievement_image", service="credentials", method="GET", path="/achievements/<achievement>/image",
    summary="An achievement's picture of today, for anyone", allows=(PUBLIC,), media_type="image/svg+xml",
    description="An SVG, or a PNG where that was given.")
GET_ACHIEVEMENT_PICTURE = Call(
    name="get_achievement_picture", service="credentials", method="GET",
    path="/achievements/<achievement>/images/<picture>", summary="A picture that credentials name, for anyone",
    allows=(PUBLIC,), media_type="image/svg+xml", description="It is never exchanged for another one.")
LIST_CREDENTIALS = Call(
    name="list_credentials", service="credentials", method="GET", path="/v1/patrons/<patron>/credentials",
    person="patron", query=IdPageQuery, answer=IssuedCredentialList, summary="List what a patron has earned",
    allows=("credentials:read", SELF))
SHARE_CREDENTIAL = Call(
    name="share_credential", service="credentials", method="POST", path="/v1/credentials/<credential>/share",
    answer=IssuedCredential, summary="Make a credential public at its address", allows=("credentials:write",))
REVOKE_CREDENTIAL = Call(
    name="revoke_credential", service="credentials", method="POST", path="/v1/credentials/<credential>/revoke",
    body=StatusReason, answer=IssuedCredential, summary="Revoke a credential for good", allows=DEFINES,
    description="Its issuer alone may, as with all that becomes of it. Whoever looks at the issuer's status list sees "
                "it within five minutes. Who does not see the patron is answered as by GET "
                "/v1/achievements/{id}/credentials.")
SUSPEND_CREDENTIAL = Call(
    name="suspend_credential", service="credentials", method="POST", path="/v1/credentials/<credential>/suspend",
    body=StatusReason, answer=IssuedCredential, summary="Suspend a credential until it is reinstated",
    allows=DEFINES)
REINSTATE_CREDENTIAL = Call(
    name="reinstate_credential", service="credentials", method="POST", path="/v1/credentials/<credential>/reinstate",
    answer=IssuedCredential, summary="Take a suspension back", allows=DEFINES)
REVALIDATE_CREDENTIAL = Call(
    name="revalidate_credential", service="credentials", method="POST",
    path="/v1/credentials/<credential>/revalidate", body=Revalidate, answer=IssuedCredential,
    summary="Sign a credential anew, so that it holds for longer", allows=DEFINES,
    description="Its id and the day on which it was earned stay; the later validFrom counts. A competency is extended "
                "by evidence alone: once a submission for it is accepted, it is signed anew by itself.")
GET_PUBLIC_CREDENTIAL = Call(
    name="get_public_credential", service="credentials", method="GET", path="/credentials/<public_id>",
    query=PublicCredentialQuery, summary="A shared credential, for anyone", allows=(PUBLIC,),
    media_type="application/vc+ld+json", other_media_types=(JWT_TYPE, *PICTURES),
    description="The signed document as it was issued, or a JWS of it; the header Libranet-Credential-Status says "
                "issued, superseded, suspended, revoked or expired.")
GET_STATUS_LIST = Call(
    name="get_status_list", service="credentials", method="GET", path="/status-lists/<status_list>/<status_purpose>",
    summary="A signed list of which credentials are not to be accepted, for anyone", allows=(PUBLIC,),
    media_type="application/vc+ld+json",
    description="A BitstringStatusListCredential. A credential names its list and its index in it.")
GET_ISSUER = Call(
    name="get_issuer", service="credentials", method="GET", path="/issuers/<node>",
    summary="An issuer's public profile and keys", allows=(PUBLIC,))
GET_ISSUER_DID = Call(
    name="get_issuer_did", service="credentials", method="GET", path="/issuers/<node>/did.json",
    summary="The DID document of an issuer", allows=(PUBLIC,), media_type="application/did+ld+json",
    description="Of its did:web where the platform has a public https address. Keys that are retired stay in it; one "
    "that is compromised has the time as `revoked`.")
GET_ISSUER_KEYS = Call(
    name="get_issuer_keys", service="credentials", method="GET", path="/issuers/<node>/jwks.json",
    summary="An issuer's keys as a JWK Set", allows=(PUBLIC,), media_type="application/jwk-set+json")
GET_ISSUER_KEY = Call(
    name="get_issuer_key", service="credentials", method="GET", path="/issuers/<node>/keys/<key>",
    summary="One key of an issuer: a JWK, an Ed25519 key as Multikey", allows=(PUBLIC,),
    description="What the `kid` of a JWS names.")
CALLS = (DEFINE_ACHIEVEMENT, LIST_ACHIEVEMENTS, GET_ACHIEVEMENT, REPLACE_ACHIEVEMENT, GET_ACHIEVEMENT_VERSION,
         LIST_ISSUED, SET_ACHIEVEMENT_IMAGE, GET_ACHIEVEMENT_IMAGE, GET_ACHIEVEMENT_PICTURE, LIST_CREDENTIALS,
         SHARE_CREDENTIAL, REVOKE_CREDENTIAL, SUSPEND_CREDENTIAL, REINSTATE_CREDENTIAL, REVALIDATE_CREDENTIAL,
         GET_PUBLIC_CREDENTIAL, GET_STATUS_LIST, GET_ISSUER, GET_ISSUER_DID, GET_ISSUER_KEYS, GET_ISSUER_KEY)
