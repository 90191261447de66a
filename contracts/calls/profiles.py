"""Calls that the profiles service answers: patrons, consents, erasures, the org tree."""

from datetime import UTC, datetime

from marshmallow import Schema, fields, validate

from contracts.call import SELF, Call
from contracts.calls.shapes import PageQuery, Strict, TrueOrFalse, line

KINDS = ("consortium", "library", "branch", "partner")
NODE_ID = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$",
                          error="A node is a path of slugs, like demo.riverside: a-z, 0-9, dashes, dots between.")


class RegisterPatron(Strict):
    """The smallest profile: everything is optional."""

    name = line(200)


class ConsentState(Schema):
    """One consent of a patron, and where to change it."""

    purpose = fields.String()
    recipient = fields.String()
    granted = fields.Boolean()
    explanation = fields.String()
    decided_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    href = fields.String()


class Patron(Schema):
    id = fields.UUID()
    name = fields.String()
    owner = fields.String()
    registered_at = fields.AwareDateTime()
    consents = fields.List(fields.Nested(ConsentState))


class DecideConsent(Strict):
    """`granted` false withdraws."""

    granted = TrueOrFalse(required=True)
    expires_at = fields.AwareDateTime(validate=validate.Range(
        datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC),
        error="Write a time of this century or the next."))


class ConsentReceipt(Schema):
    """What was decided, by whom, for what: to print or keep."""

    id = fields.UUID()
    patron = fields.UUID()
    purpose = fields.String()
    recipient = fields.String()
    granted = fields.Boolean()
    explanation = fields.String()
    decided_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    sequence = fields.Integer()
    withdraw = fields.String(metadata={"description": "How to withdraw it."})


class Erasure(Schema):
    """An erasure under way: what each service has answered."""

    id = fields.UUID()
    patron = fields.UUID()
    requested_at = fields.AwareDateTime()
    complete = fields.Boolean()
    answers = fields.Dict(keys=fields.String(), values=fields.String())
    href = fields.String()


class AddNode(Strict):
    """A place in the org tree; its parent is the path before the last dot."""

    id = fields.String(required=True, validate=[validate.Length(1, 200), NODE_ID])
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = line(200, required=True)


class Node(Schema):
    id = fields.String()
    kind = fields.String()
    name = fields.String()


class NodeList(Schema):
    items = fields.List(fields.Nested(Node))
    next = fields.String(allow_none=True)


REGISTER_PATRON = Call(
    name="register_patron", service="profiles", method="POST", path="/v1/patrons", status=201,
    summary="Register a patron with the smallest profile", allows=("patrons:write",), body=RegisterPatron,
    answer=Patron)
GET_PATRON = Call(
    name="get_patron", service="profiles", method="GET", path="/v1/patrons/<patron>", person="patron",
    summary="Read a patron's profile and consents", allows=("patrons:read", SELF), answer=Patron)
ERASE_PATRON = Call(
    name="erase_patron", service="profiles", method="DELETE", path="/v1/patrons/<patron>", person="patron",
    status=202, summary="Erase a patron in every service", allows=("patrons:write", SELF), answer=Erasure, keyed=False,
    description="Asked again, it answers with the same erasure.")
GET_ERASURE = Call(
    name="get_erasure", service="profiles", method="GET", path="/v1/erasures/<erasure>",
    summary="See which services have erased a patron", allows=("patrons:read",), answer=Erasure)
DECIDE_CONSENT = Call(
    name="decide_consent", service="profiles", method="PUT", person="patron",
    path="/v1/patrons/<patron>/consents/<purpose>/<recipient>",
    summary="Give or withdraw a consent; the answer is the receipt", allows=("patrons:write", SELF),
    body=DecideConsent, answer=ConsentReceipt)
LIST_NODES = Call(
    name="list_nodes", service="profiles", method="GET", path="/v1/nodes", query=PageQuery, answer=NodeList,
    summary="List the consortium's libraries and partners", allows=("nodes:read",))
ADD_NODE = Call(
    name="add_node", service="profiles", method="POST", path="/v1/nodes", status=201, body=AddNode, answer=Node,
    summary="Add a library, branch or partner (operators)", allows=("nodes:write",))

CALLS = (REGISTER_PATRON, GET_PATRON, ERASE_PATRON, GET_ERASURE, DECIDE_CONSENT, LIST_NODES, ADD_NODE)
