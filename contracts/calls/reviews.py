"""Calls of evaluators: what waits to be judged, and what they find."""

from marshmallow import Schema, fields, validate

from contracts.call import Call
from contracts.calls.achievements import Criterion
from contracts.calls.shapes import IdPageQuery, Strict, line, page_of, text
from contracts.calls.submissions import FILE_TYPES, STATES, ShownEvidence

ALLOWS = ("reviews:write",)
PLACE = "/v1/reviews/<submission>"
ONLY = "For whoever holds the role evaluator at the achievement's node or above it, and is not the learner."


class QueuedReview(Schema):
    """What waits, without what was submitted: whoever reads that is on record."""

    id = fields.UUID()
    achievement = fields.UUID()
    achievement_name = fields.String()
    achievement_version = fields.Integer()
    state = fields.String(validate=validate.OneOf(STATES))
    is_yours = fields.Boolean(metadata={"description": "Whether you have claimed it."})
    submitted_at = fields.AwareDateTime()


class Review(QueuedReview):
    """A submission as evaluators see it: without whose it is, and without what another one has found."""

    criteria = fields.String()
    rubric = fields.List(fields.Nested(Criterion))
    evidence = fields.List(fields.Nested(ShownEvidence))


ReviewList = page_of(QueuedReview, "ReviewList")


class JudgedCriterion(Strict):
    criterion = line(200, required=True)
    level = line(100, required=True, metadata={"description": "The highest level that was reached."})
    comment = text(2000)


class Judge(Strict):
    """Every criterion of the rubric, once."""

    judgements = fields.List(fields.Nested(JudgedCriterion), required=True, validate=validate.Length(1, 12))
    comment = text(2000, metadata={"description": "For the learner."})


class AskForMore(Strict):
    comment = text(2000, required=True, metadata={"description": "What the learner is to add."})


LIST_REVIEWS = Call(
    name="list_reviews", service="credentials", method="GET", path="/v1/reviews", query=IdPageQuery, answer=ReviewList,
    summary="List what you may judge, the oldest first", allows=ALLOWS, description=ONLY)
GET_REVIEW = Call(
    name="get_review", service="credentials", method="GET", path=PLACE, answer=Review,
    summary="Read a submission to be judged", allows=ALLOWS, description=ONLY)
GET_REVIEW_FILE = Call(
    name="get_review_file", service="credentials", method="GET", path=f"{PLACE}/files/<file>",
    summary="Get a file of a submission to be judged", allows=ALLOWS, media_type="application/octet-stream",
    other_media_types=FILE_TYPES,
    description=ONLY)
CLAIM = Call(
    name="claim_review", service="credentials", method="POST", path=f"{PLACE}/claim", answer=Review,
    summary="Take a submission into your hands", allows=ALLOWS,
    description="Nobody else judges it then. A claim of more than a week ago can be taken over.")
GIVE_BACK = Call(
    name="give_back_review", service="credentials", method="POST", path=f"{PLACE}/give-back", answer=Review,
    summary="Give a submission back to the others", allows=ALLOWS)
JUDGE = Call(
    name="judge_review", service="credentials", method="POST", path=f"{PLACE}/judge", body=Judge, answer=Review,
    summary="Judge a submission by the rubric", allows=ALLOWS,
    description="Some are then read by a second evaluator, whom nobody chooses; where the two disagree about whether "
                "the required levels are reached, a third decides.")
ASK_FOR_MORE = Call(
    name="ask_for_more", service="credentials", method="POST", path=f"{PLACE}/ask-for-more", body=AskForMore,
    answer=Review, summary="Return a submission to its learner, for more evidence", allows=ALLOWS)

CALLS = (LIST_REVIEWS, GET_REVIEW, GET_REVIEW_FILE, CLAIM, GIVE_BACK, JUDGE, ASK_FOR_MORE)
