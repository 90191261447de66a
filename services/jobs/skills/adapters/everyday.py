"""The skills that come with the project (`data/everyday.txt`), so that a fresh machine finds some."""

import hashlib
import re
from functools import cache
from importlib.resources import files

from services.jobs.skills.domain.taxonomy import EVERYDAY, Skill, Source

NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


@cache
def everyday() -> Source:
    """The list as a source; its version changes with its content."""
    text = files("services.jobs.skills").joinpath("data", "everyday.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Source(EVERYDAY, version, tuple(_skill(line) for line in lines if line and not line.startswith("#")))


def _skill(line: str) -> Skill:
    label, _, rest = line.partition("|")
    marked = [_marked(each.strip()) for each in rest.split(";") if each.strip()]
    names = tuple(dict.fromkeys(name for name, _, _ in marked))
    return Skill(f"urn:libranet:skill:{slug(label)}", label.strip(), names,
                 frozenset(name for name, cased, _ in marked if cased),
                 frozenset(name for name, _, shy in marked if shy))


def _marked(name: str) -> tuple[str, bool, bool]:
    """The name, whether it is `=` cased, whether it is `&` shy."""
    shy = name.startswith("&")
    name = name.removeprefix("&").strip()
    return name.removeprefix("=").strip(), name.startswith("="), shy


def slug(label: str) -> str:
    """As the end of an id: `c-sharp`, `drivers-license`."""
    spelt = label.lower().replace("#", " sharp").replace("+", " plus").replace("'", "")
    return NOT_IN_A_SLUG.sub("-", spelt).strip("-")
