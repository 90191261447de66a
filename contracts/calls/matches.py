"""A person's matches, composed by the gateway: skills from profiles, jobs from jobs, which keeps no people."""

from marshmallow import Schema, fields, validate

from contracts.call import SELF, Call
from contracts.calls.people import matches_field
from contracts.calls.shapes import Strict, line


class MatchesQuery(Strict):
    """`near` is a place: a ZIP code, a town with its state, or `latitude,longitude`."""

    near = line(200)
    count = fields.Integer(load_default=20, validate=validate.Range(1, 50))


class PersonMatches(Schema):
    matches = matches_field()
    matches_url = fields.String()


GET_PATRON_MATCHES = Call(
    name="get_patron_matches", service="gateway", method="GET", path="/v1/patrons/<patron>/matches", person="patron",
    query=MatchesQuery, answer=PersonMatches, allows=("patrons:read", SELF),
    summary="Find the jobs that a patron is ready for, and those nearly in reach")
GET_GUEST_MATCHES = Call(
    name="get_guest_matches", service="gateway", method="GET", path="/v1/guests/<guest>/matches", person="guest",
    query=MatchesQuery, answer=PersonMatches, allows=("patrons:read", SELF),
    summary="Find the jobs that a guest is ready for, and those nearly in reach")

CALLS = (GET_PATRON_MATCHES, GET_GUEST_MATCHES)
