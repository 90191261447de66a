"""Calls that the profiles service answers: patrons, consents, erasures, the org tree."""

from datetime import UTC, datetime

from marshmallow import Schema, fields, validate

from contracts.call import SELF, Call
from contracts.calls import org
from contracts.calls.people import PatronGoal, PatronSkill, Profile, matches_field
from contracts.calls.shapes import Strict, TrueOrFalse


class RegisterPatron(Profile):
    """The smallest profile: everything is optional. Of an age only the band is taken, never a birth date."""


class ReplaceProfile(Profile):
    """All of it: what is left out is taken away. Of skills these are the claims; what was taught or shown stays."""


class ChangeProfile(Profile):
    """Only what is sent changes; a list is replaced as a whole."""


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
    skills = fields.List(fields.Nested(PatronSkill))
    goal = fields.Nested(PatronGoal)
    languages = fields.List(fields.String())
    interests = fields.List(fields.String())
    age_band = fields.String()
    matches_url = fields.String()
    consents = fields.List(fields.Nested(ConsentState))


class RegisteredPatron(Patron):
    matches = matches_field()


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
DECIDE_CONSENT = Call(
    name="decide_consent", service="profiles", method="PUT", person="patron",
    path="/v1/patrons/<patron>/consents/<purpose>/<recipient>",
    summary="Give or withdraw a consent; the answer is the receipt", allows=("patrons:write", SELF),
    body=DecideConsent, answer=ConsentReceipt)

CALLS = (REGISTER_PATRON, GET_PATRON, REPLACE_PROFILE, CHANGE_PROFILE, ERASE_PATRON, GET_ERASURE, DECIDE_CONSENT,
         *org.CALLS)
