"""Calls about job feeds that the jobs service answers: boards that are read, files that are sent, what came of them."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import Call
from contracts.calls.shapes import PageQuery, Strict, http_url, line, page_of

FORMATS = ("greenhouse", "lever", "neogov", "usajobs-hrxml", "job-page")
MAX_FILE_BYTES = 200 * 2**20
REJECTED_SHOWN = 1000
SCOPES = ("feeds:write",)


class SaveJobFeed(Strict):
    """`format` is told from each file where it is not given; where it is, a file of another fails. With
    `url` and `every_hours` the feed is fetched. `date_order` says what 03/04/2026 means at this board, `country` (two
    letters) where places lie that name none."""

    name = line(200, required=True)
    format = fields.String(validate=validate.OneOf(FORMATS))
    url = http_url()
    every_hours = fields.Integer(strict=True, validate=validate.Range(1, 24 * 14))
    date_order = fields.String(validate=validate.OneOf(("mdy", "dmy")))
    country = fields.String(validate=validate.Regexp(r"^[A-Z]{2}$", error="Two capital letters, like US."))

    @validates_schema
    def a_schedule_has_an_address(self, data: dict[str, Any], **_: Any) -> None:
        if "every_hours" in data and "url" not in data:
            raise ValidationError("Give the feed a url, or leave this out and send its files.", "every_hours")


class JobFeedFetch(Schema):
    """What came of asking the address: `imported`, `unchanged` (the board said so) or `failed`."""

    at = fields.AwareDateTime()
    outcome = fields.String(validate=validate.OneOf(("imported", "unchanged", "failed")))
    detail = fields.String()
    failures = fields.Integer()


class JobFeed(Schema):
    id = fields.UUID()
    owner = fields.String()
    name = fields.String()
    created_at = fields.AwareDateTime()
    format = fields.String()
    url = fields.String()
    every_hours = fields.Integer()
    date_order = fields.String()
    country = fields.String()
    next_fetch_at = fields.AwareDateTime()
    last_fetch = fields.Nested(JobFeedFetch)
    last_import = fields.UUID()


JobFeedList = page_of(JobFeed)


class ImportQuery(Strict):
    """`whole=false`: the file is a part of the feed, and nothing expires that is not in it. `whole=true`: it is all of
    the feed, however much is gone, even where it holds none. Left out, a file is taken for the whole
    unless far too much is missing."""

    whole = fields.Boolean()
    url = http_url()


class RejectedItem(Schema):
    """An item of the file that was not imported; `position` counts from 1."""

    position = fields.Integer()
    reason = fields.String()


class ImportReport(Schema):
    """`read` is the sum of added, updated, unchanged and `rejected_count`. `expired` are postings that ended by this
    import: vanished, or past their closing date. `rejected` names the first thousand."""

    read = fields.Integer()
    added = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    expired = fields.Integer()
    rejected = fields.List(fields.Nested(RejectedItem))
    rejected_count = fields.Integer()


class ImportProgress(Schema):
    bytes_read = fields.Integer()
    bytes_total = fields.Integer()
    read = fields.Integer()


class JobImport(Schema):
    """`state` goes from waiting over reading and expiring to done, or to failed; `notes` say why, and where a
    closing time cannot be read. What an import added, updated or expired before it failed stays so, and the report
    counts it."""

    id = fields.UUID()
    feed = fields.UUID()
    state = fields.String(validate=validate.OneOf(("waiting", "reading", "expiring", "done", "failed")))
    format = fields.String()
    created_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime()
    progress = fields.Nested(ImportProgress)
    report = fields.Nested(ImportReport)
    notes = fields.List(fields.String())


ADD_JOB_FEED = Call(
    name="add_job_feed", service="jobs", method="POST", path="/v1/job-feeds", body=SaveJobFeed, answer=JobFeed,
    status=201, summary="Add a job feed", allows=SCOPES)
LIST_JOB_FEEDS = Call(
    name="list_job_feeds", service="jobs", method="GET", path="/v1/job-feeds", query=PageQuery, answer=JobFeedList,
    summary="List the job feeds of your node and below", allows=SCOPES)
GET_JOB_FEED = Call(
    name="get_job_feed", service="jobs", method="GET", path="/v1/job-feeds/<feed>", answer=JobFeed,
    summary="Read a job feed", allows=SCOPES)
CHANGE_JOB_FEED = Call(
    name="change_job_feed", service="jobs", method="PUT", path="/v1/job-feeds/<feed>", body=SaveJobFeed,
    answer=JobFeed, summary="Change a job feed", allows=SCOPES,
    description="Replaces all settings. With a schedule the address is asked again at once.")
REMOVE_JOB_FEED = Call(
    name="remove_job_feed", service="jobs", method="DELETE", path="/v1/job-feeds/<feed>", status=204,
    keyed=False, summary="Remove a job feed", allows=SCOPES, description="Its postings expire.")
IMPORT_JOBS = Call(
    name="import_jobs", service="jobs", method="POST", path="/v1/job-feeds/<feed>/imports", query=ImportQuery,
    answer=JobImport, status=202, other_statuses=(201,), raw=True, max_bytes=MAX_FILE_BYTES, keyed=False,
    summary="Import a file of job postings", allows=SCOPES, description=(
        "The file is the body, unpacked, of any media type: it is known by its content. Answers 201 with the report "
        "when it is done within two seconds, else 202; `Location` says where to ask. Files of one feed are imported "
        "in the order they came. A bad item is reported with its position and stops nothing. Postings of the feed "
        "that are not in the file expire, but never when the file broke off. A job page stands for itself only."))
GET_JOB_IMPORT = Call(
    name="get_job_import", service="jobs", method="GET", path="/v1/job-imports/<job_import>", answer=JobImport,
    summary="See how far an import is, and its report", allows=SCOPES)

CALLS = (ADD_JOB_FEED, LIST_JOB_FEEDS, GET_JOB_FEED, CHANGE_JOB_FEED, REMOVE_JOB_FEED, IMPORT_JOBS, GET_JOB_IMPORT)
