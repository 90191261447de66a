"""Calls about evidence: a learner, or who helps them, submits it for a competency; the learner accepts what follows."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import SELF, Call
from contracts.calls.shapes import IdPageQuery, Strict, http_url, line, no_control_characters, page_of, text

MOST_EVIDENCE = 10
MAX_FILE_BYTES = 10 * 2**20
FILE_TYPES = (
    "application/pdf", "application/json", "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip", "audio/mpeg",
    "image/jpeg", "image/png", "image/webp", "text/csv", "text/markdown", "text/plain", "video/mp4")
STATES = ("waiting", "claimed", "returned", "passed", "not-reached", "accepted")
ALLOWS = ("submissions:write", SELF)
PLACE = "/v1/patrons/<patron>/submissions"
FILE_NAME = (no_control_characters, validate.Regexp(
    r"^[^/\\]{1,200}$", error="Write the name of a file, without its folder."))


class FileQuery(Strict):
    name = fields.String(load_default="evidence", validate=FILE_NAME, metadata={
        "description": "What the file is called."})


class EvidenceFile(Schema):
    """A file that was handed in; `sha256` is of all its bytes."""

    id = fields.UUID()
    name = fields.String()
    media_type = fields.String()
    bytes = fields.Integer()
    sha256 = fields.String()


class Evidence(Strict):
    """One piece: what was done in words, where it is to be seen, a file, or several of these."""

    name = line(200, required=True)
    narrative = text(5000, metadata={"description": "In Markdown."})
    url = http_url()
    file = fields.UUID(metadata={"description": "The id of a file that was sent before."})

    @validates_schema
    def shows_something(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data.keys() & {"narrative", "url", "file"}:
            raise ValidationError({"narrative": ["Give a narrative, a url or a file."]})


class Resubmit(Strict):
    evidence = fields.List(fields.Nested(Evidence), required=True, validate=validate.Length(1, MOST_EVIDENCE))


class Submit(Resubmit):
    achievement = fields.UUID(required=True, metadata={"description": "A competency."})


class ShownEvidence(Schema):
    """Where evidence of an assessment is kept secret, there is `sha256` alone: of what evaluators see."""

    name = fields.String()
    narrative = fields.String()
    url = fields.String()
    file = fields.Nested(EvidenceFile)
    sha256 = fields.String()


class Judgement(Schema):
    """What evaluators found by one criterion."""

    criterion = fields.String()
    level = fields.String()
    required_level = fields.String()
    comments = fields.List(fields.String())


class Submission(Schema):
    """`preview` is there once it has passed: the credential as it would be signed if it was accepted now, without its
    dates, its place in a status list, and its proofs."""

    id = fields.UUID()
    patron = fields.UUID()
    achievement = fields.UUID()
    achievement_name = fields.String()
    achievement_version = fields.Integer()
    state = fields.String(validate=validate.OneOf(STATES))
    submitted_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    evidence = fields.List(fields.Nested(ShownEvidence))
    secret_evidence = fields.Boolean()
    comments = fields.List(fields.String(), metadata={"description": "Of evaluators, as a whole."})
    judgements = fields.List(fields.Nested(Judgement))
    preview = fields.Dict(keys=fields.String())


SubmissionList = page_of(Submission)

ADD_EVIDENCE_FILE = Call(
    name="add_evidence_file", service="credentials", method="POST", path="/v1/patrons/<patron>/evidence-files",
    person="patron", query=FileQuery, answer=EvidenceFile, status=201, raw=True, max_bytes=MAX_FILE_BYTES,
    refused=(415,), keyed=False, summary="Send a file that is to be evidence", allows=ALLOWS,
    description="The file is the body, Content-Type says what it is. It is kept for a week unless it is submitted.")
SUBMIT = Call(
    name="submit_evidence", service="credentials", method="POST", path=PLACE, person="patron", body=Submit,
    answer=Submission, status=201, summary="Submit evidence of a competency", allows=ALLOWS)
LIST_SUBMISSIONS = Call(
    name="list_submissions", service="credentials", method="GET", path=PLACE, person="patron", query=IdPageQuery,
    answer=SubmissionList, summary="List what a patron has submitted", allows=ALLOWS)
GET_SUBMISSION = Call(
    name="get_submission", service="credentials", method="GET", path=f"{PLACE}/<submission>", person="patron",
    answer=Submission, summary="See how far a submission is, and what would become public", allows=ALLOWS)
RESUBMIT = Call(
    name="resubmit_evidence", service="credentials", method="PUT", path=f"{PLACE}/<submission>", person="patron",
    body=Resubmit, answer=Submission, summary="Submit other evidence, while nobody reads it or more was asked for",
    allows=ALLOWS, keyed=False)
WITHDRAW = Call(
    name="withdraw_submission", service="credentials", method="DELETE", path=f"{PLACE}/<submission>",
    person="patron", status=204, keyed=False, summary="Take a submission back; its evidence is deleted",
    allows=ALLOWS, description="Also the way to decline what it would become. Not after it was accepted.")
GET_FILE = Call(
    name="get_evidence_file", service="credentials", method="GET", path=f"{PLACE}/<submission>/files/<file>",
    person="patron", summary="Get a file that was submitted", allows=ALLOWS, media_type="application/octet-stream",
    other_media_types=FILE_TYPES,
    description="One of an assessment is for evaluators alone.")
ACCEPT = Call(
    name="accept_submission", service="credentials", method="POST", path=f"{PLACE}/<submission>/accept",
    person="patron", answer=Submission, summary="Accept that a submission becomes a credential",
    allows=("patrons:write", SELF),
    description="What it would say is in `preview`. It is issued at once where the patron's consent to "
                "issue-credentials is given, else with that.")

CALLS = (ADD_EVIDENCE_FILE, SUBMIT, LIST_SUBMISSIONS, GET_SUBMISSION, RESUBMIT, WITHDRAW, GET_FILE, ACCEPT)
