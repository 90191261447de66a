"""Calls by which a learner takes a credential into a wallet (OpenID for Verifiable Credential Issuance 1.0) or as a
file. What wallets ask is that standard's, so its requests are raw: read, and refused, as it says."""

from marshmallow import Schema, fields, validate

from contracts.call import PUBLIC, SELF, Call
from contracts.calls.credentials import FORMS, PICTURES
from contracts.calls.shapes import JWT_TYPE, Strict

LDP_VC, JWT_VC_JSON = FORMATS = ("ldp_vc", "jwt_vc_json")
SHORTEST_MINUTES, USUAL_MINUTES, LONGEST_MINUTES = 10, 60, 7 * 24 * 60


class MakeOffer(Strict):
    """How long it may be taken, and in which format if the wallet reads but one."""

    valid_minutes = fields.Integer(
        strict=True, load_default=USUAL_MINUTES, validate=validate.Range(SHORTEST_MINUTES, LONGEST_MINUTES))
    format = fields.String(validate=validate.OneOf(FORMATS), metadata={
        "description": "`ldp_vc` (JSON with proofs) or `jwt_vc_json` (ES256); without it the wallet chooses."})


class CredentialOffer(Schema):
    """Shown this once: nothing of it can be read again. Show `tx_code` to the learner apart from link and QR code."""

    credential_offer_uri = fields.Url(require_tld=False)
    link = fields.String(metadata={"description": "Opens a wallet: `openid-credential-offer://…`"})
    qr_svg = fields.String(metadata={"description": "The link as a QR code, an SVG."})
    tx_code = fields.String(metadata={"description": "The wallet asks for these six digits; they are in no link."})
    formats = fields.List(fields.String(validate=validate.OneOf(FORMATS)))
    expires_at = fields.AwareDateTime()


class Claim(Schema):
    """One copy that a wallet took, and what the wallet said became of it."""

    id = fields.UUID()
    format = fields.String(validate=validate.OneOf(FORMATS))
    claimed_at = fields.AwareDateTime()
    notified = fields.String(validate=validate.OneOf(
        ["credential_accepted", "credential_deleted", "credential_failure"]))
    notified_at = fields.AwareDateTime()


class OpenOffer(Schema):
    """An offer that was not taken yet."""

    formats = fields.List(fields.String(validate=validate.OneOf(FORMATS)))
    expires_at = fields.AwareDateTime()


class ClaimList(Schema):
    """`offer` is there while it may be taken."""

    items = fields.List(fields.Nested(Claim))
    offer = fields.Nested(OpenOffer)


class FileQuery(Strict):
    form = fields.String(load_default=FORMS[0], validate=validate.OneOf(FORMS))


OWN = "/v1/patrons/<patron>/credentials/<credential>"
MAKE_OFFER = Call(
    name="make_offer", service="credentials", method="POST", path=f"{OWN}/offers", person="patron", status=201,
    body=MakeOffer, answer=CredentialOffer, allows=("credentials:write", SELF), keyed=False,
    summary="Offer a credential to the learner's wallet: link, QR code and transaction code",
    description="By OpenID for Verifiable Credential Issuance 1.0, pre-authorized code: the wallet finds the rest in "
                "the issuer's metadata. A new offer ends the one before; five wrong transaction codes end an offer.")
END_OFFER = Call(
    name="end_offer", service="credentials", method="DELETE", path=f"{OWN}/offers", person="patron", status=204,
    allows=("credentials:write", SELF), summary="Take an offer back", keyed=False)
LIST_CLAIMS = Call(
    name="list_claims", service="credentials", method="GET", path=f"{OWN}/claims", person="patron", answer=ClaimList,
    allows=("credentials:read", SELF),
    summary="See which copies of a credential wallets have taken, and whether it is on offer")
GET_CREDENTIAL_FILE = Call(
    name="get_credential_file", service="credentials", method="GET", path=f"{OWN}/file", person="patron",
    query=FileQuery, media_type="application/vc+ld+json", other_media_types=(JWT_TYPE, *PICTURES),
    allows=("credentials:read", SELF),
    summary="Download a credential, shared or not",
    description="The signed document as it was issued, or a JWS of it; the header Libranet-Credential-Status says "
                "issued, suspended, revoked or expired.")
CALLS = (MAKE_OFFER, END_OFFER, LIST_CLAIMS, GET_CREDENTIAL_FILE)

ISSUER = "/issuers/<node>"
"""The Credential Issuer Identifier, below the public address."""
ISSUER_METADATA = "/.well-known/openid-credential-issuer"
SERVER_METADATA = "/.well-known/oauth-authorization-server"
"""These stand between host and path of the identifier (12.2.2; RFC 8414, 3)."""

GET_ISSUER_METADATA = Call(
    name="get_issuer_metadata", service="credentials", method="GET", path=f"{ISSUER_METADATA}{ISSUER}",
    allows=(PUBLIC,), summary="What an issuer offers to wallets, and where")
GET_SERVER_METADATA = Call(
    name="get_server_metadata", service="credentials", method="GET", path=f"{SERVER_METADATA}{ISSUER}",
    allows=(PUBLIC,), summary="Where wallets get access tokens of an issuer")
GET_OFFER = Call(
    name="get_offer", service="credentials", method="GET", path=f"{ISSUER}/offers/<offer>", allows=(PUBLIC,),
    summary="The Credential Offer that a link or QR code names")
REQUEST_TOKEN = Call(
    name="request_token", service="credentials", method="POST", path=f"{ISSUER}/token", allows=(PUBLIC,), raw=True,
    summary="The Token Endpoint: an access token for a pre-authorized code")
REQUEST_NONCE = Call(
    name="request_nonce", service="credentials", method="POST", path=f"{ISSUER}/nonce", allows=(PUBLIC,), raw=True,
    summary="The Nonce Endpoint: a c_nonce for a key proof")
REQUEST_CREDENTIAL = Call(
    name="request_credential", service="credentials", method="POST", path=f"{ISSUER}/credential", allows=(PUBLIC,),
    raw=True, summary="The Credential Endpoint: the credential for an access token and a key proof")
NOTIFY_ISSUER = Call(
    name="notify_issuer", service="credentials", method="POST", path=f"{ISSUER}/notification", allows=(PUBLIC,),
    raw=True, status=204, summary="The Notification Endpoint: what became of a credential in the wallet")
WALLET = (GET_ISSUER_METADATA, GET_SERVER_METADATA, GET_OFFER, REQUEST_TOKEN, REQUEST_NONCE, REQUEST_CREDENTIAL,
          NOTIFY_ISSUER)
"""Asked by wallets, which the issuer's metadata tells all of it, so no part of the description for programs."""
