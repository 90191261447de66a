"""Calls about consents: what there is to decide, deciding it, and the signed receipt."""

from marshmallow import Schema, fields, validate

from contracts.call import PUBLIC, SELF, Call
from contracts.calls.shapes import Strict, TrueOrFalse, line, moment

RELATIONS = ("parent", "legal-guardian", "foster-parent", "court-appointed", "other")


class DataClass(Schema):
    """A kind of data, in plain words."""

    name = fields.String()
    explanation = fields.String()


class Purpose(Schema):
    """What somebody may be allowed, in plain words."""

    name = fields.String()
    explanation = fields.String()
    recipients = fields.List(fields.String(), metadata={
        "description": "Kinds of nodes that may be the recipient; own-library is the patron's own."})
    data_classes = fields.List(fields.Nested(DataClass))
    basis = fields.String(metadata={
        "description": "consent: off until given. own-duty: the library does it unless the patron objects."})
    usual_days = fields.Integer(allow_none=True, metadata={
        "description": "How long it is given when no end is sent; null: until it is withdrawn."})
    longest_days = fields.Integer(allow_none=True)
    guardian_for_minors = fields.Boolean()


class PurposeList(Schema):
    items = fields.List(fields.Nested(Purpose))


class Guardian(Strict):
    """Somebody who agreed for a minor; no name."""

    relation = fields.String(required=True, validate=validate.OneOf(RELATIONS))
    confirmed_at = moment(required=True)


class Decision(Schema):
    """What a patron decided about one purpose and one recipient."""

    purpose = fields.String()
    recipient = fields.String()
    granted = fields.Boolean()
    explanation = fields.String()
    data_classes = fields.List(fields.String())
    decided_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()


class ConsentState(Decision):
    """One consent of a patron, and where to change it."""

    basis = fields.String()
    href = fields.String()


class DecideConsent(Strict):
    """`granted` false withdraws."""

    granted = TrueOrFalse(required=True)
    data_classes = fields.List(line(100), validate=validate.Length(1, 20), metadata={
        "description": "What it covers; all that the purpose concerns where it is left out."})
    expires_at = moment()
    guardian = fields.Nested(Guardian, metadata={"description": "Who agreed for a minor; stated by the library."})


class ConsentReceipt(Decision):
    """What was decided, by whom, for what: to print or keep."""

    id = fields.UUID()
    patron = fields.UUID()
    guardian = fields.Dict(keys=fields.String(), values=fields.String())
    sequence = fields.Integer()
    withdraw = fields.String(metadata={"description": "How to withdraw it."})
    receipt = fields.String(metadata={"description": "Where the signed receipt is."})


class SignedReceipt(Schema):
    """The receipt by the terms of ISO/IEC TS 27560, and the same signed."""

    receipt = fields.Dict(keys=fields.String())
    jws = fields.String(metadata={"description": "The receipt as a compact JWS, to be checked with /v1/receipt-keys."})


class KeySet(Schema):
    """A JWK set (RFC 7517)."""

    keys = fields.List(fields.Dict(keys=fields.String()))


PLACE = "/v1/patrons/<patron>/consents/<purpose>/<recipient>"
LIST_PURPOSES = Call(
    name="list_consent_purposes", service="profiles", method="GET", path="/v1/consent-purposes", allows=(PUBLIC,),
    summary="See what a patron may be asked to allow, in plain words", answer=PurposeList)
DECIDE_CONSENT = Call(
    name="decide_consent", service="profiles", method="PUT", person="patron", path=PLACE,
    summary="Give or withdraw a consent; the answer is the receipt", allows=("patrons:write", SELF),
    body=DecideConsent, answer=ConsentReceipt)
WITHDRAW_CONSENT = Call(
    name="withdraw_consent", service="profiles", method="DELETE", person="patron", path=PLACE, keyed=False,
    summary="Withdraw a consent, or object", allows=("patrons:write", SELF), answer=ConsentReceipt,
    description="The same as PUT with granted false. The decision itself is kept.")
GET_CONSENT_RECEIPT = Call(
    name="get_consent_receipt", service="profiles", method="GET", person="patron", path=f"{PLACE}/receipt",
    summary="Get the signed receipt of the last decision", allows=("patrons:read", SELF), answer=SignedReceipt,
    other_media_types=("text/html",),
    description="With Accept: text/html it is a page to print.")
GET_RECEIPT_KEYS = Call(
    name="get_receipt_keys", service="profiles", method="GET", path="/v1/receipt-keys", allows=(PUBLIC,),
    summary="Get the public keys that receipts and certificates are checked with", answer=KeySet)

CALLS = (LIST_PURPOSES, DECIDE_CONSENT, WITHDRAW_CONSENT, GET_CONSENT_RECEIPT, GET_RECEIPT_KEYS)
