"""Calls about mappings: a college says to which competency of its own an achievement of a library corresponds."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import Call
from contracts.calls.achievements import DEFINES, Alignment, LeastLevel
from contracts.calls.endorsements import ENDORSES, READS
from contracts.calls.shapes import IdPageQuery, Strict, TrueOrFalse, page_of

STATED, ACCEPTED, DECLINED, ENDED = "stated", "accepted", "declined", "ended"


class StateMapping(Strict):
    """Of one version of an achievement; with `level`, whoever reached at least that level has the target."""

    achievement = fields.UUID(required=True)
    version = fields.Integer(strict=True, validate=validate.Range(1, 2**31), metadata={
        "description": "The newest one where it is left out."})
    level = fields.Nested(LeastLevel)
    target = fields.Nested(Alignment)
    own_achievement = fields.UUID(metadata={"description": "An achievement of one's own, in place of a target."})

    @validates_schema
    def names_one_target(self, data: dict[str, Any], **kwargs: Any) -> None:
        if ("target" in data) == ("own_achievement" in data):
            raise ValidationError({"target": ["Give either a target or an achievement of your own."]})


class Mapping(Schema):
    """`state` `accepted` is part of the credentials that are issued from then on; `stated` stands beside the
    achievement alone."""

    id = fields.UUID()
    college = fields.String()
    college_name = fields.String()
    achievement = fields.UUID()
    achievement_name = fields.String()
    version = fields.Integer()
    level = fields.Nested(LeastLevel)
    target = fields.Nested(Alignment)
    own_achievement = fields.UUID()
    state = fields.String(validate=validate.OneOf([STATED, ACCEPTED, DECLINED, ENDED]))
    changed_at = fields.AwareDateTime()


MappingList = page_of(Mapping)


class DecideMapping(Strict):
    """True has the mapping in what is issued from then on, false leaves it out and shows it no more."""

    accepted = TrueOrFalse(required=True)


class MappingQuery(IdPageQuery):
    achievement = fields.UUID(metadata={"description": "Those of this achievement only."})


class ShownMapping(Schema):
    """What a college says that it corresponds to."""

    college = fields.String()
    college_name = fields.String()
    level = fields.Nested(LeastLevel)
    target = fields.Nested(Alignment)
    accepted = fields.Boolean(metadata={"description": "Whether it is part of what is issued now."})


STATE_MAPPING = Call(
    name="state_mapping", service="credentials", method="POST", path="/v1/mappings", status=201, other_statuses=(200,),
    body=StateMapping, answer=Mapping, allows=ENDORSES, keyed=False,
    summary="State to which competency of yours a library's achievement corresponds",
    description="It stands beside the achievement as yours. The library's signed credentials have it only once the "
                "library accepts it.")
LIST_MAPPINGS = Call(
    name="list_mappings", service="credentials", method="GET", path="/v1/mappings", query=MappingQuery,
    answer=MappingList, allows=READS, summary="List the mappings that you state, and those of your achievements")
GET_MAPPING = Call(
    name="get_mapping", service="credentials", method="GET", path="/v1/mappings/<mapping>", answer=Mapping,
    allows=READS, summary="Read one mapping")
DECIDE_MAPPING = Call(
    name="decide_mapping", service="credentials", method="PUT", path="/v1/mappings/<mapping>/decision",
    body=DecideMapping, answer=Mapping, allows=DEFINES, keyed=False,
    summary="Accept a mapping into what you issue, or decline it")
END_MAPPING = Call(
    name="end_mapping", service="credentials", method="DELETE", path="/v1/mappings/<mapping>", answer=Mapping,
    allows=ENDORSES, keyed=False, summary="End a mapping of yours",
    description="Credentials that have it keep it until they are signed anew.")

CALLS = (STATE_MAPPING, LIST_MAPPINGS, GET_MAPPING, DECIDE_MAPPING, END_MAPPING)
