"""Calls about co-issuing: a library names a second node that issues an achievement together with it."""

from marshmallow import Schema, fields, validate

from contracts.call import Call
from contracts.calls.achievements import DEFINES
from contracts.calls.endorsements import DECIDES, ENDORSES, READS, node
from contracts.calls.shapes import IdPageQuery, Strict, page_of

PROPOSED, AGREED, ENDED = "proposed", "agreed", "ended"


class ProposeCoIssuer(Strict):
    node = node(description="The node that would issue it, too.")


class AgreeToCoIssue(Strict):
    """The version that was read: nobody agrees to what was changed meanwhile."""

    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31))


class CoIssuing(Schema):
    """`version` is the one that was agreed to; while the achievement has another one, its owner issues alone.
    `definition` is the achievement as it is now."""

    id = fields.UUID()
    achievement = fields.UUID()
    owner = fields.String()
    node = fields.String()
    node_name = fields.String()
    state = fields.String(validate=validate.OneOf([PROPOSED, AGREED, ENDED]))
    version = fields.Integer()
    changed_at = fields.AwareDateTime()
    definition = fields.Nested("Achievement")
    next_step = fields.String()


CoIssuingList = page_of(CoIssuing)


class CoIssuer(Schema):
    """Who issues this version together with its owner."""

    node = fields.String()
    name = fields.String()


PROPOSE_CO_ISSUER = Call(
    name="propose_co_issuer", service="credentials", method="PUT", path="/v1/achievements/<achievement>/co-issuer",
    body=ProposeCoIssuer, answer=CoIssuing, allows=DEFINES, keyed=False,
    summary="Propose a node that issues an achievement, too",
    description="Once that node agrees, each credential of this version carries its signed endorsement of that very "
                "credential.")
LIST_CO_ISSUINGS = Call(
    name="list_co_issuings", service="credentials", method="GET", path="/v1/co-issuings", query=IdPageQuery,
    answer=CoIssuingList, allows=READS, summary="List what your node issues together with others")
GET_CO_ISSUING = Call(
    name="get_co_issuing", service="credentials", method="GET", path="/v1/co-issuings/<co_issuing>",
    answer=CoIssuing, allows=READS, summary="Read one co-issuing, with the achievement as it is now")
AGREE_TO_CO_ISSUE = Call(
    name="agree_to_co_issue", service="credentials", method="POST", path="/v1/co-issuings/<co_issuing>/agree",
    body=AgreeToCoIssue, answer=CoIssuing, allows=ENDORSES, keyed=False,
    summary="Agree to issue a version of an achievement, too")
END_CO_ISSUING = Call(
    name="end_co_issuing", service="credentials", method="DELETE", path="/v1/co-issuings/<co_issuing>",
    answer=CoIssuing, allows=DECIDES, keyed=False, summary="End a co-issuing, for what is issued from now on",
    description="Either side may. What was issued together stays so; the co-issuer may take back what it said of one "
                "credential, which is an endorsement of its own.")

CALLS = (PROPOSE_CO_ISSUER, LIST_CO_ISSUINGS, GET_CO_ISSUING, AGREE_TO_CO_ISSUE, END_CO_ISSUING)
