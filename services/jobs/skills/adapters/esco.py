"""The official ESCO CSV bundle, versions 1.0 to 1.2: skills, occupations, and which skills an occupation needs.

File names carry the language from 1.1 (`skills_en.csv`) and relations do from 1.2 (`occupationSkillRelations_en.csv`);
columns that came or went (`skillType`, `hiddenLabels`) are read where they are.
"""

from collections.abc import Iterable

from services.jobs.skills.adapters.tables import Bundle, Row
from services.jobs.skills.domain.taxonomy import Occupation, Skill, Source

ATTRIBUTION = "This service uses the ESCO classification of the European Commission."
SKILLS = ("skills_en.csv", "skills.csv")
GROUPS = ("skillgroups_en.csv",)
OCCUPATIONS = ("occupations_en.csv", "occupations.csv")
RELATIONS = ("occupationskillrelations_en.csv", "occupationskillrelations.csv")
RELEASED = ("", "released")


def is_esco(bundle: Bundle) -> bool:
    return bundle.has(*SKILLS)


def read(bundle: Bundle, version: str, with_groups: bool = False) -> Source:
    """Everything that is released. Occupations and relations may be absent; skill groups only when asked for."""
    rows = list(map(_skill, _released(bundle.rows(*SKILLS))))
    if with_groups and bundle.has(*GROUPS):
        rows += map(_skill, _released(bundle.rows(*GROUPS)))
    essential: dict[str, list[str]] = {}
    if bundle.has(*RELATIONS):
        for row in bundle.rows(*RELATIONS):
            if row["relationType"] == "essential":
                essential.setdefault(row["occupationUri"], []).append(row["skillUri"])
    occupations = _released(bundle.rows(*OCCUPATIONS)) if bundle.has(*OCCUPATIONS) else ()
    return Source("esco", version, tuple(rows), tuple(_occupation(row, essential) for row in occupations), ATTRIBUTION)


def _released(rows: Iterable[Row]) -> Iterable[Row]:
    return (row for row in rows if (row.get("status") or "") in RELEASED)


def _skill(row: Row) -> Skill:
    return Skill(row["conceptUri"], row["preferredLabel"].strip(), _names(row))


def _occupation(row: Row, essential: dict[str, list[str]]) -> Occupation:
    uri = row["conceptUri"]
    return Occupation(uri, row["preferredLabel"].strip(), _names(row), tuple(essential.get(uri, ())))


def _names(row: Row) -> tuple[str, ...]:
    """Alternative and hidden labels: one a line, or in some exports one behind the other with `|`."""
    cells = "\n".join((row.get(column) or "") for column in ("altLabels", "hiddenLabels")).replace("|", "\n")
    names = (each.strip() for each in cells.splitlines())
    return tuple(dict.fromkeys(each for each in names if each and each != row["preferredLabel"].strip()))
