"""Calls that the jobs service answers: which skills are taught here, and where."""

from marshmallow import Schema, fields

from contracts.call import Call
from contracts.calls.shapes import PageQuery, page_of


class CourseReference(Schema):
    course = fields.UUID()
    title = fields.String()


class TaughtSkill(Schema):
    """A skill and the courses on offer that teach it."""

    label = fields.String()
    uri = fields.String()
    courses = fields.List(fields.Nested(CourseReference))


TaughtSkillList = page_of(TaughtSkill)


LIST_TAUGHT_SKILLS = Call(
    name="list_taught_skills", service="jobs", method="GET", path="/v1/skills", query=PageQuery,
    answer=TaughtSkillList, summary="List the skills that courses on offer teach", allows=("courses:read",))

CALLS = (LIST_TAUGHT_SKILLS,)
