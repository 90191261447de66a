"""Calls about awarding an achievement to many patrons at once, from a list in CSV."""

from marshmallow import Schema, fields, validate

from contracts.call import Call
from contracts.calls.credentials import StatusReason
from contracts.calls.shapes import PageQuery, Strict, page_of

MAX_FILE_BYTES = 4 * 2**20
ROWS_SHOWN = 1000
STATES = ("waiting", "reading", "done", "failed", "undoing", "undone")
OUTCOMES = ("issued", "waiting", "already", "rejected", "undone", "kept")
SCOPES = ("credentials:write",)
CSV = "csv"


class AwardQuery(Strict):
    dry_run = fields.Boolean(load_default=False, metadata={
        "description": "Tells what would happen with each row, and does nothing."})


class RejectedRow(Schema):
    """A row that earned nobody anything; `position` is its line in the file, `field` the column to look at."""

    position = fields.Integer()
    field = fields.String()
    reason = fields.String()


class AwardReport(Schema):
    """`read` is the sum of issued, waiting (earned, and the patron has not consented yet), already (awarded before) and
    `rejected_count`. `rejected` names the first thousand."""

    read = fields.Integer()
    issued = fields.Integer()
    waiting = fields.Integer()
    already = fields.Integer()
    rejected_count = fields.Integer()
    rejected = fields.List(fields.Nested(RejectedRow))


class KeptAward(Schema):
    """A credential that cannot be undone any more: revoke it where it should not be."""

    position = fields.Integer()
    reason = fields.String()


class UndoReport(Schema):
    """`undone` were taken back; `kept_count` were not, and `kept` names the first thousand of them."""

    reason = fields.String()
    undone = fields.Integer()
    kept_count = fields.Integer()
    kept = fields.List(fields.Nested(KeptAward))


class AwardProgress(Schema):
    """Rows, of how many there are in the file."""

    read = fields.Integer()
    total = fields.Integer()


class AwardBatch(Schema):
    """A list of awards on its way. `state` goes from waiting over reading to done, or to failed, and from undoing to
    undone; `note` says why it failed. What was issued before it failed stays."""

    id = fields.UUID()
    owner = fields.String()
    achievement = fields.UUID()
    achievement_name = fields.String()
    achievement_version = fields.Integer()
    dry_run = fields.Boolean()
    state = fields.String(validate=validate.OneOf(STATES))
    created_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime()
    progress = fields.Nested(AwardProgress)
    report = fields.Nested(AwardReport)
    undo = fields.Nested(UndoReport)
    note = fields.String()


class AwardRow(Schema):
    """What became of a row, or would become of it. Of a rejected one nothing is kept but where it stands, and why."""

    position = fields.Integer()
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    patron = fields.UUID()
    awarded_at = fields.AwareDateTime()
    note = fields.String()
    credential = fields.UUID()
    field = fields.String()
    reason = fields.String()


AwardRowList = page_of(AwardRow)


class AwardRowQuery(PageQuery):
    cursor = fields.String(validate=validate.Regexp(
        r"^[0-9]{1,9}$", error="Take the cursor from `next` of the page before."))
    format = fields.String(load_default="json", validate=validate.OneOf(("json", CSV)))


AWARD_ACHIEVEMENT = Call(
    name="award_achievement", service="credentials", method="POST", path="/v1/achievements/<achievement>/awards",
    query=AwardQuery, answer=AwardBatch, status=202, other_statuses=(201,), raw=True, max_bytes=MAX_FILE_BYTES,
    keyed=False, summary="Award an achievement to a list of patrons", allows=SCOPES, description=(
        "The list is the body: CSV in UTF-8, with commas, semicolons or tabs. Its first line names the columns: "
        "`patron` (the patron's id), `awarded_at` (a date, or a time with its zone) and, if you like, `note`, which "
        "the learner sees. Answers 201 with the report when it is done within three seconds, else 202; `Location` says "
        "where to ask. A bad row is reported with its line and column and stops nothing. Patron and time earn one "
        "credential, however often the list is sent. Only for engagement: a competency takes evidence and an "
        "evaluator."))
GET_AWARDS = Call(
    name="get_awards", service="credentials", method="GET", path="/v1/awards/<batch>", answer=AwardBatch,
    summary="See how far a list of awards is, and its report", allows=SCOPES)
LIST_AWARD_ROWS = Call(
    name="list_award_rows", service="credentials", method="GET", path="/v1/awards/<batch>/rows", query=AwardRowQuery,
    answer=AwardRowList, summary="See what became of each row of a list of awards", allows=SCOPES,
    description="With `format=csv` all rows, as a table for spreadsheets.")
UNDO_AWARDS = Call(
    name="undo_awards", service="credentials", method="POST", path="/v1/awards/<batch>/undo", body=StatusReason,
    answer=AwardBatch, status=202, other_statuses=(200,), keyed=False, summary="Take back what a list of awards gave",
    allows=SCOPES, description=(
        "Every credential of the list that nobody shared or claimed is revoked and taken from its learner's list, and "
        "what waits for consent waits no more. `undo` tells which it could not take back. A list that is still being "
        "read stops there. The same list may be sent again afterwards."))

CALLS = (AWARD_ACHIEVEMENT, GET_AWARDS, LIST_AWARD_ROWS, UNDO_AWARDS)
