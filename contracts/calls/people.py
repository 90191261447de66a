"""What people say of themselves on their first visit and later: shapes that patrons and guests share."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from contracts.calls.matching import Matches
from contracts.calls.shapes import AGE_BANDS, Strict, absolute_uri, language_tag, line

MOST_CLAIMS = 100
AGES = ("age", "birth_date", "birth_year", "birthdate", "birthday", "date_of_birth", "dob")
PERSONAL = ("account", "address", "age_band", "card", "card_number", "email", "first_name", "interests", "last_name",
            "name", "phone", *AGES)


class SkillMention(Strict):
    """A skill in somebody's own words; `uri` names it in a taxonomy. Without one, it is looked up by its label."""

    label = line(300, required=True)
    uri = absolute_uri()
    known_as = line(300, metadata={"description": "Told by the taxonomy alone: whatever is sent is left out."})


class PatronGoal(Strict):
    """The work that somebody hopes for; `uri` names an occupation of a taxonomy."""

    label = line(300, required=True)
    uri = absolute_uri()


def skill_list() -> fields.List[Any]:
    return fields.List(fields.Nested(SkillMention), validate=validate.Length(max=MOST_CLAIMS))


def language_list() -> fields.List[Any]:
    return fields.List(fields.String(validate=language_tag), validate=validate.Length(max=20))


class Profile(Strict):
    """Everything is optional. Of an age only the band is taken, never a birth date."""

    name = line(200)
    skills = skill_list()
    goal = fields.Nested(PatronGoal)
    languages = language_list()
    interests = fields.List(line(100), validate=validate.Length(max=50))
    age_band = fields.String(validate=validate.OneOf(AGE_BANDS))

    @pre_load
    def no_age(self, said: Any, **_: Any) -> Any:
        refuse(said, AGES, f"How old somebody is is not kept here; send age_band, one of {', '.join(AGE_BANDS)}.")
        return said


class GuestProfile(Strict):
    """Nothing personal: skills, a goal, languages."""

    skills = skill_list()
    goal = fields.Nested(PatronGoal)
    languages = language_list()

    @pre_load
    def nothing_personal(self, said: Any, **_: Any) -> Any:
        refuse(said, PERSONAL, "Of a guest nothing personal is kept; leave this out, or register as a patron.")
        return said


def refuse(said: Any, members: tuple[str, ...], words: str) -> None:
    """Raises ValidationError that names each of these members and says why it is not taken."""
    found = [name for name in members if name in said] if isinstance(said, Mapping) else []
    if found:
        raise ValidationError({name: [words] for name in found})


class SkillBasis(Schema):
    """`basis` is claimed, taught or demonstrated; `source` the course or credential behind it."""

    basis = fields.String()
    source = fields.String(allow_none=True)
    since = fields.AwareDateTime()


class PatronSkill(Schema):
    """`label` is what the patron calls it, `known_as` what a taxonomy, a course or a credential does. `bases` lists
    each kind of basis once; `evidence` says where each comes from."""

    label = fields.String()
    uri = fields.String()
    known_as = fields.String()
    bases = fields.List(fields.String())
    evidence = fields.List(fields.Nested(SkillBasis))


class Session(Schema):
    """`token` is shown this once: `Authorization: Bearer <token>`. Unused, it ends after `idle_seconds`."""

    token = fields.String()
    expires_at = fields.AwareDateTime()
    idle_seconds = fields.Integer()


def matches_field() -> fields.Nested:
    return fields.Nested(Matches, allow_none=True, metadata={
        "description": "The jobs that are ready and those nearly in reach; null while matching is away: ask "
                       "`matches_url` later."})
