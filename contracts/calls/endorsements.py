"""Calls about endorsements: who vouches for an achievement, an issuer or a credential, and whether those agree."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from contracts.call import PUBLIC, SELF, Call
from contracts.calls.shapes import (
    JWT_TYPE,
    IdPageQuery,
    Strict,
    TrueOrFalse,
    line,
    no_control_characters,
    page_of,
    text,
)

ACHIEVEMENT, ISSUER, CREDENTIAL = "achievement", "issuer", "credential"
KINDS = (ACHIEVEMENT, ISSUER, CREDENTIAL)
ASKED, OFFERED, ACCEPTED, DECLINED, TAKEN_BACK = "asked", "offered", "accepted", "declined", "taken-back"
STATES = (ASKED, OFFERED, ACCEPTED, DECLINED, TAKEN_BACK)
READS, ENDORSES, DECIDES = (
    ("endorsements:read",), ("endorsements:write",), ("endorsements:write", "credentials:write"))
SIGNED_FORMS = ("json", "jws", "jwt_vc_json")


def node(**metadata: Any) -> fields.String:
    return fields.String(required=True, validate=[validate.Length(1, 200), no_control_characters], metadata=metadata)


class OfferEndorsement(Strict):
    """In the name of one's own node. The comment is signed, and public once it is accepted."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    of = node(description="The achievement's id, the issuer's node, or the last part of the credential's public "
                          "address: one that is shared, or whose learner lets you know of it.")
    comment = text(1000, required=True)


class AskForEndorsement(Strict):
    """Of an achievement or issuer of one's own. The endorser answers by offering one; nothing is signed before that is
    accepted."""

    kind = fields.String(required=True, validate=validate.OneOf((ACHIEVEMENT, ISSUER)))
    of = node(description="The achievement's id, or the issuer's node.")
    endorser = node(description="The node that is asked.")
    note = line(500, metadata={"description": "For whoever is asked."})


class DecideEndorsement(Strict):
    """True accepts what is offered. False declines it, ends one's asking, or shows no more what was accepted."""

    accepted = TrueOrFalse(required=True)


class TakeBackEndorsement(Strict):
    """Told to whoever was endorsed."""

    reason = line(500, required=True)


class Endorsement(Schema):
    """`name` is that of what is endorsed. What is accepted has a public address, where the signed document stays."""

    id = fields.UUID()
    endorser = fields.String()
    endorser_name = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    of = fields.String()
    owner = fields.String(metadata={"description": "The node that is endorsed, or whose achievement it is."})
    name = fields.String()
    version = fields.Integer(metadata={
        "description": "Of the achievement; later versions have to be endorsed anew."})
    state = fields.String(validate=validate.OneOf(STATES))
    comment = fields.String()
    note = fields.String()
    reason = fields.String(metadata={"description": "Why it was taken back."})
    co_issued = fields.Boolean(metadata={"description": "Made by the co-issuer when the credential was issued."})
    changed_at = fields.AwareDateTime()
    public_url = fields.Url(require_tld=False)
    next_step = fields.String()


EndorsementList = page_of(Endorsement)


class EndorsementQuery(IdPageQuery):
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "Those in this state only."})


class PublicEndorsementQuery(Schema):
    """Addresses that people pass on collect other parameters on their way; those are passed over."""

    class Meta:
        unknown = EXCLUDE

    form = fields.String(validate=validate.OneOf(SIGNED_FORMS), metadata={
        "description": "`json` (the default), `jws` (RS256) or `jwt_vc_json` (ES256)."})


class ShownEndorsement(Schema):
    """An endorsement that is accepted and holds, beside what it is of."""

    endorser = fields.String()
    endorser_name = fields.String()
    comment = fields.String()
    co_issued = fields.Boolean()
    since = fields.AwareDateTime()
    public_url = fields.Url(require_tld=False)


OFFER_ENDORSEMENT = Call(
    name="offer_endorsement", service="credentials", method="POST", path="/v1/endorsements", status=201,
    other_statuses=(200,), body=OfferEndorsement, answer=Endorsement, allows=ENDORSES, keyed=False,
    summary="Offer to endorse an achievement, an issuer or a credential",
    description="Nothing is signed before those who are endorsed accept: the node whose achievement it is, or the "
                "learner. The same offer again changes nothing; another comment replaces one that is not accepted yet.")
ASK_FOR_ENDORSEMENT = Call(
    name="ask_for_endorsement", service="credentials", method="POST", path="/v1/endorsement-requests", status=201,
    other_statuses=(200,), body=AskForEndorsement, answer=Endorsement, allows=DECIDES, keyed=False,
    summary="Ask a college or an employer for an endorsement")
LIST_ENDORSEMENTS = Call(
    name="list_endorsements", service="credentials", method="GET", path="/v1/endorsements", query=EndorsementQuery,
    answer=EndorsementList, allows=READS, summary="List the endorsements that your node makes and gets",
    description="Of credentials only those that it makes, and of those that it co-issued the ones it may know of.")
GET_ENDORSEMENT = Call(
    name="get_endorsement", service="credentials", method="GET", path="/v1/endorsements/<endorsement>",
    answer=Endorsement, allows=READS, summary="Read one endorsement")
DECIDE_ENDORSEMENT = Call(
    name="decide_endorsement", service="credentials", method="PUT", path="/v1/endorsements/<endorsement>/decision",
    body=DecideEndorsement, answer=Endorsement, allows=DECIDES, keyed=False,
    summary="Accept an endorsement of what is yours, or decline it",
    description="Accepted, it is signed with its endorser's key, and part of what is issued from then on. Declined "
                "later, it is shown no more; credentials that have it keep it.")
TAKE_BACK_ENDORSEMENT = Call(
    name="take_back_endorsement", service="credentials", method="POST",
    path="/v1/endorsements/<endorsement>/take-back", body=TakeBackEndorsement, answer=Endorsement, allows=ENDORSES,
    keyed=False, summary="Take back an endorsement of yours, for good",
    description="A signed one is revoked: whoever looks at the status list sees it within five minutes.")
GET_PUBLIC_ENDORSEMENT = Call(
    name="get_public_endorsement", service="credentials", method="GET", path="/endorsements/<public_endorsement>",
    query=PublicEndorsementQuery, allows=(PUBLIC,), media_type="application/vc+ld+json", other_media_types=(JWT_TYPE,),
    summary="A signed endorsement, for anyone",
    description="An EndorsementCredential (Open Badges 3.0); Libranet-Credential-Status says issued or revoked.")
LIST_PATRON_ENDORSEMENTS = Call(
    name="list_patron_endorsements", service="credentials", method="GET", path="/v1/patrons/<patron>/endorsements",
    person="patron", query=IdPageQuery, answer=EndorsementList, allows=("credentials:read", SELF),
    summary="List the endorsements of a patron's credentials")
DECIDE_PATRON_ENDORSEMENT = Call(
    name="decide_patron_endorsement", service="credentials", method="PUT",
    path="/v1/patrons/<patron>/endorsements/<endorsement>", person="patron", body=DecideEndorsement,
    answer=Endorsement, allows=("credentials:write", SELF), keyed=False,
    summary="Accept an endorsement of one of the patron's credentials, or decline it",
    description="An accepted one is public at its address, and part of the credential when that is next signed.")

CALLS = (OFFER_ENDORSEMENT, ASK_FOR_ENDORSEMENT, LIST_ENDORSEMENTS, GET_ENDORSEMENT, DECIDE_ENDORSEMENT,
         TAKE_BACK_ENDORSEMENT, GET_PUBLIC_ENDORSEMENT, LIST_PATRON_ENDORSEMENTS, DECIDE_PATRON_ENDORSEMENT)
