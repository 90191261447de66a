"""Calls by which anyone verifies a credential, and a consortium says which issuers it knows."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import PUBLIC, Call
from contracts.calls.shapes import Base64, IdPageQuery, Strict, line, no_control_characters, page_of

MOST_BAKED_BYTES = 750_000
"""As base64 it fits into a body of 1 MiB."""
VERIFY_PAGE = "/verify"
"""Where people check a credential in a browser."""


class VerifyCredential(Strict):
    """A credential, whoever issued it: as JSON with its proofs, as compact JWS, in a picture, or at an address."""

    credential = fields.Dict()
    jws = fields.String(validate=validate.Length(1, 500_000))
    image = Base64(MOST_BAKED_BYTES, metadata={
        "description": "A PNG or SVG with a credential in it, as base64. A file of JSON or a JWS is read as well."})
    url = fields.String(validate=validate.Length(1, 2000), metadata={
        "description": "Where the credential is, in any of these forms. It is fetched once, within limits, from public "
        "https addresses alone; redirects are not followed."})

    @validates_schema
    def one_of_them(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len(data) != 1:
            told = "Give one of 'credential', 'jws', 'image' and 'url'."
            raise ValidationError({name: [told] for name in data or ("credential",)})


class Verdict(Schema):
    verdict = fields.String(validate=validate.OneOf(["valid", "invalid", "unknown"]))
    reason = fields.String()


class Checks(Schema):
    """Each by itself: a credential can be signed well and be out of date. `schema` is whether it has the shape
    that Open Badges 3.0 asks for, `endorsement` whether the endorsements in it hold."""

    signature = fields.Nested(Verdict)
    dates = fields.Nested(Verdict)
    status = fields.Nested(Verdict)
    issuer = fields.Nested(Verdict)
    schema = fields.Nested(Verdict)
    endorsement = fields.Nested(Verdict)


class Contained(Checks):
    """A credential in a record; the record's own checks say nothing of these."""

    id = fields.String()
    name = fields.String()


class Verification(Checks):
    """`contained` has the credentials in a record (ClrCredential), in their order."""

    contained = fields.List(fields.Nested(Contained))
    credential = fields.Dict(metadata={"description": "What was found, where it was not given as JSON."})


class KnowIssuer(Strict):
    """`issuer` is its DID, or the https address that its credentials name."""

    issuer = fields.String(required=True, validate=[no_control_characters, validate.Regexp(
        r"^(did:(key|web):[A-Za-z0-9._:%-]{1,500}|https://[!-~]{1,500})$",
        error="Write a did:key, a did:web or an https address.")])
    name = line(200, required=True)


class KnownIssuer(Schema):
    id = fields.UUID()
    issuer = fields.String()
    name = fields.String()
    known_since = fields.AwareDateTime()


KnownIssuerList = page_of(KnownIssuer)

VERIFY_CREDENTIAL = Call(
    name="verify_credential", service="credentials", method="POST", path="/v1/verifications", body=VerifyCredential,
    answer=Verification, allows=(PUBLIC,), keyed=False,
    summary="Verify a credential: signature, schema, dates, status, issuer, endorsement, each by itself",
    description="A status list that cannot be had makes the status unknown; it is never taken for 'not revoked'.")
KNOW_ISSUER = Call(
    name="know_issuer", service="credentials", method="POST", path="/v1/known-issuers", body=KnowIssuer,
    answer=KnownIssuer, summary="Add an issuer that the consortium knows", allows=("nodes:write",), keyed=False,
    description="For the consortium itself. Verifications call its credentials' issuer valid from then on. Repeated, "
                "it changes the name.")
LIST_KNOWN_ISSUERS = Call(
    name="list_known_issuers", service="credentials", method="GET", path="/v1/known-issuers", query=IdPageQuery,
    answer=KnownIssuerList, summary="List the issuers that the consortium knows", allows=("nodes:read",))
FORGET_ISSUER = Call(
    name="forget_issuer", service="credentials", method="DELETE", path="/v1/known-issuers/<known_issuer>", status=204,
    summary="Take an issuer off the consortium's list", allows=("nodes:write",), keyed=False)

CALLS = (VERIFY_CREDENTIAL, KNOW_ISSUER, LIST_KNOWN_ISSUERS, FORGET_ISSUER)
