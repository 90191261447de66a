"""Calls of staff about credentials whose completion was withdrawn at the source: what hangs on them, and a decision."""

from marshmallow import Schema, fields, validate

from contracts.call import Call
from contracts.calls.shapes import IdPageQuery, Strict, line, page_of

STATES = ("open", "closed")
DECISIONS = ("keep", "suspend", "revoke")
READS, WRITES = ("credentials:read",), ("reconsiderations:write",)
PLACE = "/v1/reconsiderations/<reconsideration>"


class ReconsiderationQuery(IdPageQuery):
    state = fields.String(load_default="open", validate=validate.OneOf(STATES))


class Lack(Schema):
    """A condition of an achievement that the completion of its course does not meet."""

    condition = fields.String(validate=validate.OneOf(["minimum_score", "proctored", "minimum_hours"]))
    reason = fields.String()


class HangingCredential(Schema):
    id = fields.UUID()
    achievement = fields.UUID()
    achievement_name = fields.String()
    state = fields.String()


class HangingRecognition(Schema):
    """That a college takes it; `state` is reached, lost, granted or refused."""

    recognition = fields.UUID()
    college = fields.String()
    title = fields.String()
    state = fields.String()
    college_was_told = fields.Boolean()


class HangingRecord(Schema):
    id = fields.UUID()
    name = fields.String()
    public_url = fields.Url(require_tld=False)


class Hanging(Schema):
    """`credentials` were earned by it, and by those in turn; `recognitions` count it; `records` show it in public."""

    credentials = fields.List(fields.Nested(HangingCredential))
    recognitions = fields.List(fields.Nested(HangingRecognition))
    records = fields.List(fields.Nested(HangingRecord))


class QueuedReconsideration(Schema):
    """`why` is `completion-withdrawn`, or `conditions-unmet` where something is told that would not earn it; `because`
    says it for people."""

    id = fields.UUID()
    credential = fields.UUID()
    issuer = fields.String()
    achievement = fields.UUID()
    achievement_name = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    why = fields.String(validate=validate.OneOf(["completion-withdrawn", "conditions-unmet"]))
    because = fields.String()
    withdrawn_at = fields.AwareDateTime()
    opened_at = fields.AwareDateTime()
    outcome = fields.String(validate=validate.OneOf(["kept", "revoked", "told-again"]))
    reason = fields.String(metadata={"description": "Why it was closed so; its learner reads it too."})
    closed_at = fields.AwareDateTime()


class Reconsideration(QueuedReconsideration):
    """With whose it is, and with all that others rely on."""

    patron = fields.UUID()
    completion = fields.UUID()
    course = fields.UUID()
    statement = fields.String(metadata={"description": "The id of the statement that took the completion back."})
    lacks = fields.List(fields.Nested(Lack))
    credential_state = fields.String()
    is_shared = fields.Boolean()
    is_claimed = fields.Boolean()
    hangs_on_it = fields.Nested(Hanging)


ReconsiderationList = page_of(QueuedReconsideration, "ReconsiderationList")


class Decide(Strict):
    """Keep: the credential stands. Suspend: others do not accept it, and it stays in the queue. Revoke: for good."""

    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = line(500, required=True, metadata={"description": "Told to the learner and to nobody else."})


LIST_RECONSIDERATIONS = Call(
    name="list_reconsiderations", service="credentials", method="GET", path="/v1/reconsiderations",
    query=ReconsiderationQuery, answer=ReconsiderationList, allows=READS,
    summary="List the credentials whose completion was withdrawn, the oldest first",
    description="Nothing is done to them until somebody decides. What is told again closes the question by itself.")
GET_RECONSIDERATION = Call(
    name="get_reconsideration", service="credentials", method="GET", path=PLACE, answer=Reconsideration, allows=READS,
    summary="Read why a credential is looked at again, and what hangs on it")
DECIDE_RECONSIDERATION = Call(
    name="decide_reconsideration", service="credentials", method="POST", path=f"{PLACE}/decide", body=Decide,
    answer=Reconsideration, allows=WRITES, summary="Keep, suspend or revoke a credential that is looked at again",
    description="A suspension that is decided here is taken back by keeping it, and when the completion is told again.")

CALLS = (LIST_RECONSIDERATIONS, GET_RECONSIDERATION, DECIDE_RECONSIDERATION)
