"""Calls about job postings that the jobs service answers."""

from marshmallow import Schema, fields, validate

from contracts.call import Call


class JobPlace(Schema):
    """`label` as the board writes it; the rest as far as the board tells it apart."""

    label = fields.String()
    country = fields.String()
    region = fields.String()
    locality = fields.String()
    postal_code = fields.String()
    latitude = fields.Float()
    longitude = fields.Float()


class JobPay(Schema):
    """Pay as stated; `text` is what the board wrote. Pay that a board only predicts is not shown."""

    text = fields.String()
    minimum = fields.Float()
    maximum = fields.Float()
    currency = fields.String()
    period = fields.String(validate=validate.OneOf(("hour", "day", "week", "month", "year")))


class JobSkill(Schema):
    """A skill that the posting asks for, with the words it was found by."""

    uri = fields.String()
    label = fields.String()
    required = fields.Boolean()
    words = fields.String()


class JobPosting(Schema):
    """Members that nothing is known of are absent. `description_html` holds harmless marks only."""

    id = fields.UUID()
    owner = fields.String()
    feed = fields.UUID()
    source_id = fields.String()
    requisition = fields.String()
    title = fields.String()
    employer = fields.String()
    description_html = fields.String()
    text = fields.String()
    url = fields.String()
    places = fields.List(fields.Nested(JobPlace))
    remote = fields.Boolean()
    posted_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    pay = fields.Nested(JobPay)
    employment_type = fields.String()
    language = fields.String()
    skills = fields.List(fields.Nested(JobSkill))
    state = fields.String(validate=validate.OneOf(("open", "expired")))


GET_JOB = Call(
    name="get_job", service="jobs", method="GET", path="/v1/jobs/<job>", answer=JobPosting,
    summary="Read a job posting", allows=("jobs:read",))

CALLS = (GET_JOB,)
