"""Calls that the analytics service answers: totals, with small counts of people suppressed."""

from marshmallow import Schema, fields

from contracts.call import Call
from contracts.calls.shapes import Strict


class MeasuresQuery(Strict):
    """`node` narrows to a place below the caller's own."""

    node = fields.String()


class Measure(Schema):
    """`events` counts facts; `people` counts patrons, and is null while there are fewer than ten (`suppressed`)."""

    measure = fields.String()
    events = fields.Integer()
    people = fields.Integer(allow_none=True)
    suppressed = fields.Boolean()


class Measures(Schema):
    node = fields.String()
    items = fields.List(fields.Nested(Measure))
    next = fields.String(allow_none=True)


GET_MEASURES = Call(
    name="get_measures", service="analytics", method="GET", path="/v1/measures", query=MeasuresQuery,
    answer=Measures, summary="Totals of what happened at a library", allows=("measures:read",))

CALLS = (GET_MEASURES,)
