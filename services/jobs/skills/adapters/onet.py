"""O*NET's text files: technology skills and tools as skills, occupations with what people call them.

O*NET gives examples no id, so theirs are ours (`urn:libranet:onet:…`), made from the example's words.
"""

from collections.abc import Iterable, Iterator

from services.jobs.skills.adapters.everyday import slug
from services.jobs.skills.adapters.tables import Bundle, Row
from services.jobs.skills.domain.taxonomy import Occupation, Skill, Source
from services.jobs.skills.domain.words import fold

ATTRIBUTION = (
    "This page includes information from the O*NET Database by the U.S. Department of Labor, Employment and Training "
    "Administration (USDOL/ETA). Used under the CC BY 4.0 license. O*NET® is a trademark of USDOL/ETA. Its labels are "
    "selected and joined with other sources here; USDOL/ETA has not approved, endorsed or tested that.")
TECHNOLOGY, TOOLS = "technology skills.txt", "tools used.txt"
OCCUPATIONS, TITLES = "occupation data.txt", "alternate titles.txt"
TAB = "\t"
CODE = "O*NET-SOC Code"
TOO_COMMON = 150
"""A tool that this many of the thousand occupations use (desktop computers) tells nothing of a person."""


def is_onet(bundle: Bundle) -> bool:
    return bundle.has(TECHNOLOGY, TOOLS)


def read(bundle: Bundle, version: str) -> Source:
    """Technology skills and tools used, each example once; occupations where their files are there."""
    examples = (row for name in (TECHNOLOGY, TOOLS) for row in _rows(bundle, name))
    users: dict[str, set[str]] = {}
    spelling: dict[str, str] = {}
    for row in examples:
        folded = fold(row["Example"])
        if folded:
            users.setdefault(folded, set()).add(row[CODE])
            spelling.setdefault(folded, row["Example"].strip())
    skills = tuple(Skill(f"urn:libranet:onet:{slug(spelling[folded])}", spelling[folded], _short(spelling[folded]))
                   for folded, codes in users.items() if len(codes) < TOO_COMMON)
    unique = {skill.uri: skill for skill in skills}
    return Source("onet", version, tuple(unique.values()), tuple(_occupations(bundle)), ATTRIBUTION)


def _short(name: str) -> tuple[str, ...]:
    """"Structured query language SQL" and "Computer aided design CAD software" carry their own short form."""
    words = name.split()
    return tuple(word for word in words if len(words) > 2 and len(word) > 2 and word.isupper()
                 and word == "".join(other[0] for other in words if other != word).upper()[:len(word)])


def _occupations(bundle: Bundle) -> Iterator[Occupation]:
    titles: dict[str, list[str]] = {}
    for row in _rows(bundle, TITLES):
        titles.setdefault(row[CODE], []).append(row["Alternate Title"].strip())
    for row in _rows(bundle, OCCUPATIONS):
        yield Occupation(f"urn:libranet:onet:{row[CODE]}", row["Title"].strip(), tuple(titles.get(row[CODE], ())))


def _rows(bundle: Bundle, name: str) -> Iterable[Row]:
    return bundle.rows(name, delimiter=TAB) if bundle.has(name) else ()
