"""Calls of the jobs service about skills and matches: what a label means, which jobs fit, what is missing for the rest.

None of them carries a person: who asks for somebody's matches sends the skills along, and jobs keeps nothing of them.
"""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import Call
from contracts.calls.jobs import CourseReference
from contracts.calls.shapes import PageQuery, Strict, absolute_uri, line, page_of, text

BASES = ("claimed", "taught", "demonstrated")
MAX_LABELS = 200
MAX_SKILLS = 200
MAX_MATCHES = 50


class ResolveSkills(Strict):
    labels = fields.List(line(300), required=True, validate=validate.Length(max=MAX_LABELS))


class ResolvedSkill(Schema):
    """`uri` and `label` are null where no skill is near enough; `score` is 1 for a label that is known as it is.
    `other_uris` stand for the same skill, in other taxonomies or before one was imported."""

    asked = fields.String()
    uri = fields.String(allow_none=True)
    label = fields.String(allow_none=True)
    score = fields.Float()
    other_uris = fields.List(fields.String())


class ResolvedSkillList(Schema):
    """In the order in which they were asked for."""

    items = fields.List(fields.Nested(ResolvedSkill))


class HeldSkill(Strict):
    """A skill that somebody has, and how one knows: said so, completed a course, holds a credential."""

    label = line(300, required=True)
    uri = absolute_uri()
    bases = fields.List(fields.String(validate=validate.OneOf(BASES)), load_default=list,
                        validate=validate.Length(max=len(BASES)))


class Goal(Strict):
    """The work that somebody hopes for; `occupation_uri` names it in a taxonomy."""

    label = line(300, required=True)
    occupation_uri = absolute_uri()


class MatchJobs(Strict):
    """`near` is a place (a ZIP code, a town with its state, or `latitude,longitude`)."""

    skills = fields.List(fields.Nested(HeldSkill), required=True, validate=validate.Length(max=MAX_SKILLS))
    goal = fields.Nested(Goal)
    near = line(200)
    limit = fields.Integer(load_default=20, strict=True, validate=validate.Range(1, MAX_MATCHES))


class JobCard(Schema):
    """What a list shows of a posting; members that nothing is known of are absent."""

    id = fields.UUID()
    title = fields.String()
    employer = fields.String()
    place = fields.String()
    remote = fields.Boolean()
    url = fields.String()
    closes_at = fields.AwareDateTime()


class MatchedSkill(Schema):
    uri = fields.String()
    label = fields.String()
    bases = fields.List(fields.String())
    required = fields.Boolean()


class MissingSkill(Schema):
    """With the courses on offer that teach it, as far as the caller's node shares them."""

    uri = fields.String()
    label = fields.String()
    required = fields.Boolean()
    courses = fields.List(fields.Nested(CourseReference))


class Match(Schema):
    """`score` is the share of what the job asks for that is there, rare skills weighing more: 0 to 1."""

    job = fields.Nested(JobCard)
    score = fields.Float()
    matched = fields.List(fields.Nested(MatchedSkill))
    missing = fields.List(fields.Nested(MissingSkill))
    why = fields.List(fields.String())


class Matches(Schema):
    """`ready`: nothing required is missing. `near`: a few required skills are."""

    ready = fields.List(fields.Nested(Match))
    near = fields.List(fields.Nested(Match))
    postings_considered = fields.Integer()


class JobQuery(PageQuery):
    """All conditions hold together. `skill` is a skill's URI or label; `near` as for matches."""

    q = text(200)
    skill = text(500)
    near = text(200)


JobList = page_of(JobCard, "JobList")


class CorrectSkills(Strict):
    """`add` and `block` say of a `label` whether it stands for the skill in postings of this node and below;
    `block` with a `posting` says that the posting does not ask for the skill."""

    action = fields.String(required=True, validate=validate.OneOf(("add", "block")))
    skill = text(500, required=True)
    label = line(300)
    posting = fields.UUID()

    @validates_schema
    def exactly_one_place(self, data: dict[str, object], **_: object) -> None:
        if ("label" in data) == ("posting" in data):
            raise ValidationError("Give either a label or a posting.", "label")
        if "posting" in data and data.get("action") == "add":
            raise ValidationError("A skill is added by a label of it; a posting can only have one blocked.", "action")


class SkillCorrection(Schema):
    id = fields.UUID()
    owner = fields.String()
    action = fields.String()
    skill = fields.String()
    label = fields.String()
    posting = fields.UUID()
    at = fields.AwareDateTime()


SkillCorrectionList = page_of(SkillCorrection)


RESOLVE_SKILLS = Call(
    name="resolve_skills", service="jobs", method="POST", path="/v1/skills/resolve", body=ResolveSkills,
    answer=ResolvedSkillList, summary="Find the skills that labels mean, misspelt ones too", allows=("jobs:read",),
    keyed=False)
MATCH_JOBS = Call(
    name="match_jobs", service="jobs", method="POST", path="/v1/matches", body=MatchJobs, answer=Matches,
    summary="Find the jobs that are ready for these skills and those nearly in reach", allows=("jobs:read",),
    keyed=False, description="Nothing that is sent is kept.")
SEARCH_JOBS = Call(
    name="search_jobs", service="jobs", method="GET", path="/v1/jobs", query=JobQuery, answer=JobList,
    summary="Search open jobs by words, skill and place", allows=("jobs:read",),
    description="Jobs with all words in their title come first, then the newest first.")
CORRECT_SKILLS = Call(
    name="correct_skills", service="jobs", method="PUT", path="/v1/skills/corrections", body=CorrectSkills,
    answer=SkillCorrection, summary="Correct which skills are found in postings", allows=("skills:write",), keyed=False)
LIST_SKILL_CORRECTIONS = Call(
    name="list_skill_corrections", service="jobs", method="GET", path="/v1/skills/corrections", query=PageQuery,
    answer=SkillCorrectionList, summary="List the corrections of this node and of nodes below it",
    allows=("skills:write",))
TAKE_BACK_SKILL_CORRECTION = Call(
    name="take_back_skill_correction", service="jobs", method="DELETE", path="/v1/skills/corrections/<correction>",
    status=204, summary="Take a correction back", allows=("skills:write",), keyed=False)

CALLS = (RESOLVE_SKILLS, MATCH_JOBS, SEARCH_JOBS, CORRECT_SKILLS, LIST_SKILL_CORRECTIONS, TAKE_BACK_SKILL_CORRECTION)
