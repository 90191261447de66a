"""Calls that the profiles service answers about guests: people at a library's computer who have no account.

A guest has a code to come back with, which is shown once. Nothing personal is taken, and all is gone after some weeks.
"""

from marshmallow import Schema, fields

from contracts.call import PUBLIC, SELF, Call
from contracts.calls.org import node_id
from contracts.calls.people import GuestProfile, PatronGoal, PatronSkill, Session, matches_field
from contracts.calls.profiles import Patron
from contracts.calls.shapes import Strict, line, text


class StartGuest(GuestProfile):
    """`node` is the library or branch whose computer it is."""

    node = node_id()


class TellGuest(GuestProfile):
    """All of it: what is left out is taken away."""


class ResumeGuest(Strict):
    """The code in any case, with or without its dashes."""

    code = text(100, required=True)


class RegisterGuest(Strict):
    """Keeps the skills and the goal of the guest, who is a patron from now on."""

    name = line(200)


class Guest(Schema):
    id = fields.UUID()
    owner = fields.String()
    started_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    skills = fields.List(fields.Nested(PatronSkill))
    goal = fields.Nested(PatronGoal)
    languages = fields.List(fields.String())
    matches_url = fields.String()


class StartedGuest(Guest):
    """`resume_code` is shown this once; with it the guest comes back at any computer of the consortium."""

    resume_code = fields.String()
    session = fields.Nested(Session)
    matches = matches_field()


class ResumedGuest(Guest):
    session = fields.Nested(Session)
    matches = matches_field()


class RegisteredGuest(Patron):
    """`session` only where the guest did it themselves: they go on as the patron."""

    session = fields.Nested(Session)


START_GUEST = Call(
    name="start_guest", service="profiles", method="POST", path="/v1/guests", status=201, body=StartGuest,
    answer=StartedGuest, allows=(PUBLIC,), refused=(404,), summary="Start without an account, at a library's computer",
    description="Nothing personal is taken. Show the guest the `resume_code`: it is not kept and not shown again.")
RESUME_GUEST = Call(
    name="resume_guest", service="profiles", method="POST", path="/v1/guests/resume", body=ResumeGuest,
    answer=ResumedGuest, allows=(PUBLIC,), refused=(404,), summary="Come back with a resume code",
    description="A wrong code and one that has run out are answered alike: 404, and 429 where one network sends many. "
                "A right code is let in there all the same.")
GET_GUEST = Call(
    name="get_guest", service="profiles", method="GET", path="/v1/guests/<guest>", person="guest", answer=Guest,
    allows=("patrons:read", SELF), summary="Read what a guest has said")
TELL_GUEST = Call(
    name="tell_guest", service="profiles", method="PUT", path="/v1/guests/<guest>", person="guest", body=TellGuest,
    answer=Guest, allows=("patrons:write", SELF), summary="Replace what a guest has said", keyed=False)
END_GUEST = Call(
    name="end_guest", service="profiles", method="DELETE", path="/v1/guests/<guest>", person="guest", status=204,
    allows=("patrons:write", SELF), summary="Delete a guest and sign them out", keyed=False)
REGISTER_GUEST = Call(
    name="register_guest", service="profiles", method="POST", path="/v1/guests/<guest>/registration", person="guest",
    status=201, body=RegisterGuest, answer=RegisteredGuest, allows=("patrons:write", SELF),
    summary="Make a guest a patron")

CALLS = (START_GUEST, RESUME_GUEST, GET_GUEST, TELL_GUEST, END_GUEST, REGISTER_GUEST)
