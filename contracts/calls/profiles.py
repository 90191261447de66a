"""Calls that the profiles service answers: patrons, erasures, the org tree (consents: consents.py)."""

from marshmallow import Schema, fields

from contracts.call import PUBLIC, SELF, Call
from contracts.calls import org
from contracts.calls.consents import ConsentState
from contracts.calls.people import PatronGoal, PatronSkill, Profile, matches_field


class RegisterPatron(Profile):
    """The smallest profile: everything is optional. Of an age only the band is taken, never a birth date."""


class ReplaceProfile(Profile):
    """All of it: what is left out is taken away. Of skills these are the claims; what was taught or shown stays."""


class ChangeProfile(Profile):
    """Only what is sent changes; a list is replaced as a whole."""


class Patron(Schema):
    id = fields.UUID()
    name = fields.String()
    owner = fields.String()
    registered_at = fields.AwareDateTime()
    skills = fields.List(fields.Nested(PatronSkill))
    goal = fields.Nested(PatronGoal)
    languages = fields.List(fields.String())
    interests = fields.List(fields.String())
    age_band = fields.String()
    matches_url = fields.String()
    consents = fields.List(fields.Nested(ConsentState))


class RegisteredPatron(Patron):
    matches = matches_field()


class Erasure(Schema):
    """An erasure under way: what each service has answered."""

    id = fields.UUID()
    patron = fields.UUID()
    requested_at = fields.AwareDateTime()
    complete = fields.Boolean()
    answers = fields.Dict(keys=fields.String(), values=fields.String())
    href = fields.String()
    proof = fields.String(metadata={"description": "Where the certificate will be for whoever has this address: for "
                                                   "the person who was erased, who can sign in no more."})


class ErasureCertificate(Schema):
    """What every service answered, what may rest in backups and in the database's journal, what stays by design; and
    the same signed."""

    certificate = fields.Dict(keys=fields.String())
    jws = fields.String(metadata={"description": "The certificate as a compact JWS, to be checked with "
                                                 "/v1/receipt-keys."})


REGISTER_PATRON = Call(
    name="register_patron", service="profiles", method="POST", path="/v1/patrons", status=201,
    summary="Register a patron with the smallest profile", allows=("patrons:write",), body=RegisterPatron,
    answer=RegisteredPatron)
GET_PATRON = Call(
    name="get_patron", service="profiles", method="GET", path="/v1/patrons/<patron>", person="patron",
    summary="Read a patron's profile and consents", allows=("patrons:read", SELF), answer=Patron)
REPLACE_PROFILE = Call(
    name="replace_profile", service="profiles", method="PUT", path="/v1/patrons/<patron>", person="patron",
    body=ReplaceProfile, answer=Patron, allows=("patrons:write", SELF), summary="Replace a patron's profile",
    keyed=False)
CHANGE_PROFILE = Call(
    name="change_profile", service="profiles", method="PATCH", path="/v1/patrons/<patron>", person="patron",
    body=ChangeProfile, answer=Patron, allows=("patrons:write", SELF), summary="Change parts of a patron's profile",
    keyed=False)
ERASE_PATRON = Call(
    name="erase_patron", service="profiles", method="DELETE", path="/v1/patrons/<patron>", person="patron",
    status=202, summary="Erase a patron in every service", allows=("patrons:write", SELF), answer=Erasure, keyed=False,
    description="Asked again, it answers with the same erasure.")
GET_ERASURE = Call(
    name="get_erasure", service="profiles", method="GET", path="/v1/erasures/<erasure>",
    summary="See which services have erased a patron", allows=("patrons:read",), answer=Erasure)
GET_ERASURE_CERTIFICATE = Call(
    name="get_erasure_certificate", service="profiles", method="GET", path="/v1/erasures/<erasure>/certificate",
    summary="Get the signed proof that a patron was erased", allows=("patrons:read",), answer=ErasureCertificate,
    other_media_types=("text/html",),
    description="There once every service has answered. With Accept: text/html it is a page to print.")
GET_ERASURE_PROOF = Call(
    name="get_erasure_proof", service="profiles", method="GET", path="/v1/erasure-proofs/<proof>",
    summary="Get the signed proof of one's own erasure", allows=(PUBLIC,), answer=ErasureCertificate,
    other_media_types=("text/html",),
    description="The address is told in the answer to the erasure, and nobody can guess it. With Accept: text/html it "
                "is a page to print.")

CALLS = (REGISTER_PATRON, GET_PATRON, REPLACE_PROFILE, CHANGE_PROFILE, ERASE_PATRON, GET_ERASURE,
         GET_ERASURE_CERTIFICATE, GET_ERASURE_PROOF, *org.CALLS)
