"""Calls about recognitions: what a college takes and gives for it, who reached it, and what the college answers."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import SELF, Call
from contracts.calls.achievements import Criterion, LeastLevel
from contracts.calls.mappings import ShownMapping
from contracts.calls.shapes import IdPageQuery, Number, PageQuery, Strict, http_url, line, moment, page_of, text

CREDIT = "credit"
GIVEN = (CREDIT, "waiver", "certificate", "place")
GRANTED, REFUSED = "granted", "refused"
ANSWERS = (GRANTED, REFUSED)
STANDINGS = ("reached", "nearly", "open")
LACKS = ("not-earned", "waiting", "below-level", "too-old", "suspended", "revoked", "expired")
MOST_TAKEN = 20
WRITES, READS = ("recognitions:write",), ("recognitions:read",)


class Gives(Strict):
    """What the college gives; of a credit, how much of what. With an achievement, a patron whom it grants this gets a
    credential, signed by the college, once they agree to that."""

    kind = fields.String(required=True, validate=validate.OneOf(GIVEN))
    amount = Number(validate=validate.Range(0, 1000, min_inclusive=False), metadata={"description": "Of a credit."})
    unit = line(50, metadata={"description": "What the amount counts, like semester hours."})
    awards = fields.UUID(metadata={
        "description": "An achievement of the college's own, of taking part: a competency takes an assessment."})

    @validates_schema
    def credits_are_counted(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("kind") == CREDIT and "amount" not in data:
            raise ValidationError({"amount": ["Say how much credit it is."]})
        wrong = [name for name in ("amount", "unit") if name in data and data.get("kind") != CREDIT]
        if wrong:
            raise ValidationError({name: ["Only a credit is counted; leave it out."] for name in wrong})


class Taken(Strict):
    """One achievement, of any library of the consortium."""

    achievement = fields.UUID(required=True)
    levels = fields.List(fields.Nested(LeastLevel), validate=validate.Length(1, 12))
    within_days = fields.Integer(strict=True, validate=validate.Range(1, 36_500), metadata={
        "description": "How many days ago it may have been earned at most; for ever where it is left out."})


class Takes(Strict):
    """All of these achievements, or at least so many of them."""

    of = fields.List(fields.Nested(Taken), required=True, validate=validate.Length(1, MOST_TAKEN))
    at_least = fields.Integer(strict=True, validate=validate.Range(1, MOST_TAKEN))

    @validates_schema
    def no_more_than_there_are(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("at_least", 1) > len(data.get("of", ())):
            raise ValidationError({"at_least": ["There are not so many achievements in `of`."]})


class StateRecognition(Strict):
    """It applies from the moment it is stated and without an end where no times are given."""

    title = line(200, required=True)
    gives = fields.Nested(Gives, required=True)
    takes = fields.Nested(Takes, required=True)
    address = http_url(metadata={"description": "Where there is more to read."})
    applies_from = moment()
    applies_until = moment()


class Recognition(Schema):
    """One version of what a college states; `title` and all below it as stated."""

    id = fields.UUID()
    college = fields.String()
    title = fields.String()
    gives = fields.Nested(Gives)
    takes = fields.Nested(Takes)
    address = fields.Url(require_tld=False)
    applies_from = fields.AwareDateTime()
    applies_until = fields.AwareDateTime()
    version = fields.Integer()
    stated_at = fields.AwareDateTime(metadata={"description": "When this version was."})
    ended_at = fields.AwareDateTime()


RecognitionList = page_of(Recognition)


class RecognitionQuery(IdPageQuery):
    college = fields.String(validate=validate.Length(1, 200), metadata={"description": "Those of this college only."})


class RecognisableAchievement(Schema):
    """What a recognition may take: an achievement of the consortium, and the levels by which it is judged."""

    id = fields.UUID()
    owner = fields.String()
    name = fields.String()
    description = fields.String()
    kind = fields.String()
    rubric = fields.List(fields.Nested(Criterion))
    version = fields.Integer()


RecognisableAchievementList = page_of(RecognisableAchievement)


class CountedCredential(Schema):
    """A credential that counts; `public_url` answers once it is shared."""

    achievement = fields.UUID()
    achievement_name = fields.String()
    issuer = fields.String()
    awarded_at = fields.AwareDateTime()
    public_url = fields.Url(require_tld=False)
    corresponds_to = fields.List(fields.Nested(ShownMapping), metadata={
        "description": "What this college says that it corresponds to; for the patron alone."})


class MissingAchievement(Schema):
    """What is not there yet, why, and what to do next."""

    achievement = fields.UUID()
    achievement_name = fields.String()
    reason = fields.String(validate=validate.OneOf(LACKS))
    course = fields.UUID(metadata={"description": "The course that earns it, where one does."})
    next_step = fields.String()


class CollegesAnswer(Schema):
    answer = fields.String(validate=validate.OneOf(ANSWERS))
    reason = fields.String()
    answered_at = fields.AwareDateTime()


class PatronRecognition(Schema):
    """How near a patron's record comes to one recognition."""

    recognition = fields.UUID()
    version = fields.Integer()
    college = fields.String()
    title = fields.String()
    gives = fields.Nested(Gives)
    address = fields.Url(require_tld=False)
    applies_until = fields.AwareDateTime()
    standing = fields.String(validate=validate.OneOf(STANDINGS))
    have = fields.List(fields.Nested(CountedCredential))
    missing = fields.List(fields.Nested(MissingAchievement))
    still_needed = fields.Integer(metadata={"description": "How many of those that are missing it takes yet."})
    reached = fields.UUID(metadata={"description": "By what the college knows that this patron reached it."})
    reached_at = fields.AwareDateTime()
    college_was_told = fields.Boolean()
    answer = fields.Nested(CollegesAnswer)
    next_step = fields.String()


PatronRecognitionList = page_of(PatronRecognition)


class NearnessPageQuery(PageQuery):
    """Of a list in the order of nearness."""

    cursor = fields.String(validate=validate.Regexp(
        r"^[0-9]{1,2}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9]{1,9}$",
        error="Take the cursor from `next` of the page before."))


class ReachedRecognition(Schema):
    """Somebody who reached it and lets the college know; `id` is what an answer names."""

    id = fields.UUID()
    recognition = fields.UUID()
    version = fields.Integer()
    state = fields.String(validate=validate.OneOf(["reached", "lost", *ANSWERS]))
    reached_at = fields.AwareDateTime()
    credentials = fields.List(fields.Nested(CountedCredential))
    answer = fields.Nested(CollegesAnswer)


ReachedRecognitionList = page_of(ReachedRecognition)


class AnswerRecognition(Strict):
    """`reached` is the id that the event and the list tell. The reason is for the patron; a refusal has one."""

    reached = fields.UUID(required=True)
    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))
    reason = text(1000)

    @validates_schema
    def refusals_have_a_reason(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("answer") == REFUSED and "reason" not in data:
            raise ValidationError({"reason": ["Say why, so that the patron knows what to do."]})


STATE_RECOGNITION = Call(
    name="state_recognition", service="credentials", method="POST", path="/v1/recognitions", status=201,
    body=StateRecognition, answer=Recognition, summary="State what a college takes, and what it gives for it",
    allows=WRITES)
LIST_RECOGNITIONS = Call(
    name="list_recognitions", service="credentials", method="GET", path="/v1/recognitions", query=RecognitionQuery,
    answer=RecognitionList, summary="List what the colleges of the consortium take and give", allows=READS,
    description="Those that were ended are left out.")
LIST_RECOGNISABLE = Call(
    name="list_recognisable_achievements", service="credentials", method="GET", path="/v1/recognisable-achievements",
    query=IdPageQuery, answer=RecognisableAchievementList,
    summary="List the achievements of the consortium that a recognition may take", allows=WRITES)
GET_RECOGNITION = Call(
    name="get_recognition", service="credentials", method="GET", path="/v1/recognitions/<recognition>",
    answer=Recognition, summary="Read one recognition", allows=READS)
GET_RECOGNITION_VERSION = Call(
    name="get_recognition_version", service="credentials", method="GET",
    path="/v1/recognitions/<recognition>/versions/<version>", answer=Recognition,
    summary="Read one version of a recognition", allows=READS)
REPLACE_RECOGNITION = Call(
    name="replace_recognition", service="credentials", method="PUT", path="/v1/recognitions/<recognition>",
    body=StateRecognition, answer=Recognition, summary="State a recognition anew, as its next version", allows=WRITES,
    keyed=False,
    description="What was reached under a version before stays reached. The same statement again makes no version.")
END_RECOGNITION = Call(
    name="end_recognition", service="credentials", method="DELETE", path="/v1/recognitions/<recognition>",
    answer=Recognition, summary="End a recognition", allows=WRITES, keyed=False,
    description="Nobody reaches it any more; who did is still answered.")
LIST_REACHED = Call(
    name="list_reached", service="credentials", method="GET", path="/v1/recognitions/<recognition>/reached",
    query=IdPageQuery, answer=ReachedRecognitionList, allows=WRITES,
    summary="List who reached a recognition and lets the college know")
ANSWER_RECOGNITION = Call(
    name="answer_recognition", service="credentials", method="POST", path="/v1/recognitions/<recognition>/answers",
    body=AnswerRecognition, answer=ReachedRecognition, summary="Grant or refuse what somebody reached", allows=WRITES,
    description="Once: the same answer again changes nothing, another one is refused.")
LIST_PATRON_RECOGNITIONS = Call(
    name="list_patron_recognitions", service="credentials", method="GET", path="/v1/patrons/<patron>/recognitions",
    person="patron", query=NearnessPageQuery, answer=PatronRecognitionList,
    summary="List what a patron's record opens, the nearest first", allows=("credentials:read", SELF))

CALLS = (STATE_RECOGNITION, LIST_RECOGNITIONS, LIST_RECOGNISABLE, GET_RECOGNITION, GET_RECOGNITION_VERSION,
         REPLACE_RECOGNITION, END_RECOGNITION, LIST_REACHED, ANSWER_RECOGNITION, LIST_PATRON_RECOGNITIONS)
