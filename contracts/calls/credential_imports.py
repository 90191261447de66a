"""Calls about credentials that a patron earned elsewhere: verified, kept as they are, never issued anew."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import SELF, Call
from contracts.calls.shapes import Base64, IdPageQuery, Strict, http_url, line, page_of
from contracts.calls.verification import Verification

STANDARDS = ("open-badges-3.0", "open-badges-2.0")
FORMS = ("credential", "jws", "image", "url")
MOST_IMAGE_BYTES = 512 * 1024
BINDINGS = ("matched", "claimed")
WRITES = ("credentials:write", SELF)
READS = ("credentials:read", SELF)
PLACE = "/v1/patrons/<patron>/imports"


class ImportCredential(Strict):
    """Open Badges 3.0 as JSON with proofs or as compact JWS; Open Badges 2.0 as hosted assertion (JSON) or as JWS;
    either in a PNG or SVG, or at an address."""

    credential = fields.Dict()
    jws = fields.String(validate=validate.Length(1, 100_000))
    image = Base64(MOST_IMAGE_BYTES, metadata={"description": "A PNG or SVG that carries it, as base64."})
    url = http_url(metadata={"description": "Where its JSON is, like the address of a hosted assertion."})
    identity = line(320, metadata={"description": (
        "The email address, or whatever else the credential was issued to: it is compared and not kept. Left out, the "
        "credential is the patron's by their word alone.")})

    @validates_schema
    def one_form(self, data: dict[str, Any], **kwargs: Any) -> None:
        given = [name for name in FORMS if name in data]
        if len(given) != 1:
            raise ValidationError({name: [f"Give one of {', '.join(FORMS)}."] for name in given or FORMS[:1]})


class ImportedCredential(Schema):
    """A credential as its issuer gave it. `binding` says whether the patron named whom it was issued to (`matched`), or
    it is theirs by their word (`claimed`). `verification` is as old as `verified_at`."""

    id = fields.UUID()
    patron = fields.UUID()
    standard = fields.String(validate=validate.OneOf(STANDARDS))
    issuer = fields.String()
    issuer_name = fields.String()
    credential_id = fields.String()
    name = fields.String()
    description = fields.String()
    awarded_at = fields.AwareDateTime()
    valid_until = fields.AwareDateTime()
    binding = fields.String(validate=validate.OneOf(BINDINGS))
    verification = fields.Nested(Verification)
    verified_at = fields.AwareDateTime()
    imported_at = fields.AwareDateTime()


class WholeImportedCredential(ImportedCredential):
    """With the credential itself, in the form in which it was handed in."""

    credential = fields.Dict()
    jws = fields.String()


ImportedCredentialList = page_of(ImportedCredential)

IMPORT_CREDENTIAL = Call(
    name="import_credential", service="credentials", method="POST", path=PLACE, person="patron", keyed=False,
    body=ImportCredential, answer=WholeImportedCredential, status=201, other_statuses=(200,),
    summary="Keep a credential that was earned elsewhere", allows=WRITES, description=(
        "It is verified first. One that is not well signed, was revoked, or has expired is refused with the reasons; "
        "an issuer that is not known here, and a status that cannot be told, are kept as `unknown`. Handed in again it "
        "is verified again (200); a later one of the same id takes its place. It is nobody's skill by itself."))
LIST_IMPORTS = Call(
    name="list_imports", service="credentials", method="GET", path=PLACE, person="patron", query=IdPageQuery,
    answer=ImportedCredentialList, summary="List what a patron earned elsewhere", allows=READS,
    description="What was verified more than a day ago is verified again, as far as the time allows.")
GET_IMPORT = Call(
    name="get_import", service="credentials", method="GET", path=f"{PLACE}/<imported>", person="patron",
    answer=WholeImportedCredential, summary="Read a credential that was earned elsewhere", allows=READS,
    description="It is verified again where that was last done more than a day ago.")
VERIFY_IMPORT = Call(
    name="verify_import", service="credentials", method="POST", path=f"{PLACE}/<imported>/verification",
    person="patron", keyed=False, answer=WholeImportedCredential, summary="Verify a credential from elsewhere again",
    allows=WRITES)
REMOVE_IMPORT = Call(
    name="remove_import", service="credentials", method="DELETE", path=f"{PLACE}/<imported>", person="patron",
    status=204, keyed=False, summary="Remove a credential that was earned elsewhere", allows=WRITES)

CALLS = (IMPORT_CREDENTIAL, LIST_IMPORTS, GET_IMPORT, VERIFY_IMPORT, REMOVE_IMPORT)
