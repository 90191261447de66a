"""Calls that the analytics service answers: totals and tables, with small counts of people suppressed."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import Call
from contracts.calls.shapes import Strict

LONGEST_DAYS = 400
BY = ("measure", "day", "week", "month", "node", "skill")
CSV = "csv"
FORMATS = ("json", CSV)


class MeasuresQuery(Strict):
    """`node` narrows to a place below the caller's own. `from` and `to` are UTC days, both included."""

    node = fields.String()
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    by = fields.String(validate=validate.OneOf(BY, error="Ask by one of {choices}."))
    format = fields.String(validate=validate.OneOf(FORMATS, error="Ask for one of {choices}."))

    @validates_schema
    def _ends_after_it_begins(self, data: dict[str, Any], **_: Any) -> None:
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            raise ValidationError("The last day comes before the first.", "to")
        if since and until and (until - since).days >= LONGEST_DAYS:
            raise ValidationError(f"Ask for at most {LONGEST_DAYS} days at once.", "to")


class Measure(Schema):
    """`people` counts patrons, and is null while there are fewer than ten or where it would give a smaller count away
    (`suppressed`). `events` counts what they did, and is null with `people`, and where it would tell more of smaller
    counts than `people` does. What nobody does (courses that are offered, feeds that are imported) has `events` only.
    By skill, `wanted` counts postings, `held` people, and `gap` is what is wanted beyond what is held."""

    node = fields.String()
    period = fields.String()
    measure = fields.String()
    events = fields.Integer(allow_none=True)
    people = fields.Integer(allow_none=True)
    suppressed = fields.Boolean()
    uri = fields.String(allow_none=True)
    label = fields.String()
    wanted = fields.Integer()
    held = fields.Integer(allow_none=True)
    gap = fields.Integer(allow_none=True)


class Measures(Schema):
    """`by`, `from` and `to` (null: since ever, until now) say what a table was made of; plain totals have none."""

    node = fields.String()
    by = fields.String()
    since = fields.Date(data_key="from", allow_none=True)
    until = fields.Date(data_key="to", allow_none=True)
    time_zone = fields.String()
    items = fields.List(fields.Nested(Measure))
    next = fields.String(allow_none=True)


GET_MEASURES = Call(
    name="get_measures", service="analytics", method="GET", path="/v1/measures", query=MeasuresQuery,
    answer=Measures, other_media_types=("text/csv",),
    summary="Totals of what happened at a library, and tables of them", allows=("measures:read",),
    description="Without `by`, `from` and `to`: the totals of every kind of event since ever, those of what fewer "
    "than ten people did suppressed. With any of them: a table of the daily measures registered, "
    "enrolled, attended, completed, issued, claimed and shared, by `measure` unless you say otherwise. "
    "`to` is today where it is not given; `from` is then 30 days (by day), twelve weeks (by week), twelve"
    " months (by month) before, or since ever. Days are UTC. People are counted in whole periods: a day, "
    "a month, a quarter, a year, everything; another period is shown where it holds the same people. A "
    "row that would say that nothing happened is left out. By `skill` shows the present: `from` and `to` "
    "change nothing. As CSV with `Accept: text/csv` or `format=csv`.")

CALLS = (GET_MEASURES,)
