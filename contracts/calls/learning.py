"""Calls that the learning service answers: courses, enrolments, and the xAPI statements resource."""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import Call
from contracts.calls.shapes import IdPageQuery, Skill, Strict, http_url, language_tag, line, page_of, text


class OfferCourse(Strict):
    """`activity_iri` is the xAPI activity id by which the platform's statements name the course."""

    title = line(300, required=True)
    provider = text(100)
    url = http_url()
    activity_iri = fields.String(required=True, validate=[
        validate.Length(1, 2000), validate.Regexp(r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$", error="Write an absolute IRI.")])
    teaches = fields.List(fields.Nested(Skill), load_default=list, validate=validate.Length(max=100))
    language = fields.String(validate=language_tag)
    level = text(50)


class Course(Schema):
    id = fields.UUID()
    owner = fields.String()
    title = fields.String()
    provider = fields.String()
    url = fields.String()
    activity_iri = fields.String()
    teaches = fields.List(fields.Nested(Skill))
    language = fields.String()
    level = fields.String()
    offered_at = fields.AwareDateTime()


CourseList = page_of(Course)


class Account(Strict):
    """xAPI account (Data 2.4.2.4): the platform's home page and the learner's name there."""

    homePage = fields.Url(required=True, require_tld=False, validate=validate.Length(1, 2000))  # noqa: N815
    name = text(500, required=True)


class Enrol(Strict):
    """Exactly one of `account` and `mbox_sha1sum` tells how the platform names this patron."""

    patron = fields.UUID(required=True)
    account = fields.Nested(Account)
    mbox_sha1sum = fields.String(validate=validate.Regexp(
        r"^[0-9a-fA-F]{40}$", error="Write the 40 hexadecimal digits of the SHA-1 of the mailto: address."))

    @validates_schema
    def exactly_one_identifier(self, data: dict[str, object], **_: object) -> None:
        if ("account" in data) == ("mbox_sha1sum" in data):
            raise ValidationError("Give either account or mbox_sha1sum.", "account")


class Enrolment(Schema):
    id = fields.UUID()
    patron = fields.UUID()
    course = fields.UUID()
    enrolled_at = fields.AwareDateTime()
    completed = fields.Boolean()


OFFER_COURSE = Call(
    name="offer_course", service="learning", method="POST", path="/v1/courses", status=201, body=OfferCourse,
    answer=Course, summary="Offer a course", allows=("courses:write",))
LIST_COURSES = Call(
    name="list_courses", service="learning", method="GET", path="/v1/courses", query=IdPageQuery, answer=CourseList,
    summary="List the courses on offer", allows=("courses:read",))
GET_COURSE = Call(
    name="get_course", service="learning", method="GET", path="/v1/courses/<course>", answer=Course,
    summary="Read one course", allows=("courses:read",))
ENROL = Call(
    name="enrol", service="learning", method="POST", path="/v1/courses/<course>/enrolments", status=201, body=Enrol,
    other_statuses=(200,), answer=Enrolment, summary="Enrol a patron, with the account that names them at the platform",
    allows=("courses:write",))
STORE_STATEMENTS = Call(
    name="store_statements", service="learning", method="POST", path="/xAPI/statements", raw=True,
    summary="Store one xAPI statement or an array of them", allows=("statements:write",),
    description="xAPI 1.0.3. One invalid statement: nothing of that array is stored. At most 1,000 statements, each of "
                "at most 1 MiB as it is given back and naming at most 1,000 agents and groups.")
GET_STATEMENTS = Call(
    name="get_statements", service="learning", method="GET", path="/xAPI/statements", raw=True,
    summary="Read xAPI statements", allows=("statements:read",),
    description="At most 200 statements, fewer where they are large: more leads on.")

CALLS = (OFFER_COURSE, LIST_COURSES, GET_COURSE, ENROL, STORE_STATEMENTS, GET_STATEMENTS)
