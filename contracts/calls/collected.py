"""Calls that the gateway answers itself, from what every service says: all that is held about a person, who looked.

EXPORT_OF_SERVICE and TOUCHES_OF_SERVICE are what it asks each service; no caller from outside reaches them.
"""

from marshmallow import Schema, fields

from contracts.call import SELF, Call
from contracts.calls.shapes import IdPageQuery, page_of


class Holding(Schema):
    """What one collection holds about a person."""

    collection = fields.String()
    what = fields.String(metadata={"description": "In words."})
    why = fields.String(metadata={"description": "Why it is kept, or what ends it."})
    days = fields.Integer(allow_none=True, metadata={"description": "For how long; null: no clock ends it."})
    records = fields.List(fields.Dict(keys=fields.String()))


class ServiceHoldings(Schema):
    """All that one service holds about a person."""

    service = fields.String()
    holdings = fields.List(fields.Nested(Holding))


class NotListed(Schema):
    """What is kept about a person and shown in words only."""

    what = fields.String()
    why = fields.String()
    days = fields.Integer(allow_none=True)


class PatronExport(Schema):
    """Everything that the platform holds about a patron, each service in its own words."""

    patron = fields.UUID()
    made_at = fields.AwareDateTime()
    services = fields.List(fields.Nested(ServiceHoldings))
    not_listed = fields.List(fields.Nested(NotListed))
    who_looked = fields.String(metadata={"description": "Where it says who looked at the record."})


class Touch(Schema):
    """Somebody read or changed the record."""

    id = fields.UUID()
    at = fields.AwareDateTime()
    services = fields.List(fields.String(), metadata={"description": "Whose records of the patron were touched."})
    action = fields.String(metadata={"description": "What was done, in words."})
    by = fields.String(metadata={
        "description": "The kind of actor: library, patron, app ...; `you` for the patron."})
    node = fields.String(metadata={"description": "Where the actor belongs to; for an app, whoever let it in."})
    actor = fields.String(metadata={"description": "The same for the same actor, and no name."})
    app = fields.String(metadata={
        "description": "The app that did it, or that was let in or shut out: its `client_id`."})
    app_name = fields.String(metadata={"description": "What the app calls itself, while it is registered."})
    app_uri = fields.String()


TouchList = page_of(Touch)


EXPORT_PATRON = Call(
    name="export_patron", service="gateway", method="GET", path="/v1/patrons/<patron>/export", person="patron",
    summary="Export everything held about a patron", allows=("patrons:read", SELF), answer=PatronExport,
    description="All or nothing: while a service is away, the answer is 503 and names it.")
LIST_TOUCHES = Call(
    name="list_touches", service="gateway", method="GET", path="/v1/patrons/<patron>/audit", person="patron",
    summary="See who looked at a patron's record", allows=("patrons:read", SELF), query=IdPageQuery, answer=TouchList,
    description="The newest first. All or nothing: while a service is away, the answer is 503 and names it.")
CALLS = (EXPORT_PATRON, LIST_TOUCHES)

EXPORT_OF_SERVICE = Call(
    name="export_of_service", service="each", method="GET", path="/internal/patrons/<patron>/export", person="patron",
    summary="Export everything held about a patron", allows=("patrons:read", SELF), answer=ServiceHoldings)
TOUCHES_OF_SERVICE = Call(
    name="touches_of_service", service="each", method="GET", path="/internal/patrons/<patron>/audit", person="patron",
    summary="See who looked at a patron's record", allows=("patrons:read", SELF), query=IdPageQuery, answer=TouchList)
APP_LET_IN, APP_SHUT_OUT = "app_let_in", "app_shut_out"
BESIDE_CALLS = {APP_LET_IN: "Let an app in", APP_SHUT_OUT: "End what an app was let do"}
"""What the audit names besides calls of services: what the gateway does by itself."""
OF_EACH = (EXPORT_OF_SERVICE, TOUCHES_OF_SERVICE)
"""Answered by every service; the gateway asks profiles first, which knows whose patron it is."""
