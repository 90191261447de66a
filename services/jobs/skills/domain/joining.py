"""Which URIs stand for one skill: told to those who keep people's skills under one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from libranet.cloudevent import Fact
from services.jobs.skills.domain.taxonomy import Taxonomy

NOBODYS = ""
"""The owner of what is the same at every node."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A skill with all its other URIs; `sequence` counts what was told of them."""

    uri: str
    label: str
    others: tuple[str, ...]
    sequence: int = 0


def changes(taxonomy: Taxonomy, told: Mapping[str, Joined]) -> list[Joined]:
    """What has to be told, after what was told last by URI: first of skills that have lost their other URIs, so that
    none of these is said to stand for two."""
    now = {uri: Joined(uri, taxonomy.skills[uri].label, tuple(sorted(others)))
           for uri, others in taxonomy.joined.items()}
    gone = [Joined(uri, before.label, ()) for uri, before in told.items() if uri not in now and before.others]
    news = [each for each in now.values() if _differs(each, told.get(each.uri))]
    return [_numbered(each, told) for each in (*gone, *news)]


def facts(joined: Iterable[Joined]) -> list[Fact]:
    return [Fact("org.libranet.jobs.skill-joined.v1", each.uri, NOBODYS,
                 {"uri": each.uri, "label": each.label, "others": list(each.others)}, each.sequence)
            for each in joined]


def _differs(joined: Joined, told: Joined | None) -> bool:
    return told is None or (joined.label, joined.others) != (told.label, told.others)


def _numbered(joined: Joined, told: Mapping[str, Joined]) -> Joined:
    before = told.get(joined.uri)
    return Joined(joined.uri, joined.label, joined.others, before.sequence + 1 if before else 1)
