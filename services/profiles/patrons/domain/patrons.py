"""Patrons: people as their library knows them. The smallest profile holds nothing but an optional name.

Of an age only a band is ever known; a birth date is not kept anywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from libranet.ids import keyed_id
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.refusals import (
    OnlyLibrariesRegister,
    ProfileOfAnother,
    RegisteringNodeUnknown,
    TooManySkills,
)
from services.profiles.patrons.domain.skills import Basis, Mention, PublicName, Skills, add, claim, renamed, without

REGISTERING_KINDS = frozenset({"library", "branch"})
MOST_SKILLS = 500
"""Claims are at most 100 at a time; whoever took this many courses keeps the first of what they taught."""


@dataclass(frozen=True, slots=True)
class Goal:
    """The work that somebody hopes for; `uri` names an occupation of a taxonomy."""

    label: str
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether what a source shows counts, as of `sequence` of that source: not while it is suspended or has expired."""

    source: str
    sequence: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Patron:
    """`owner` is the node that registered the patron: their own library. `sequence` counts the profile's states;
    `withdrawn` are the sources that give no skill a basis any more, whenever they are heard of, `standings` those that
    do not always."""

    id: str
    owner: str
    registered_at: datetime
    name: str | None = None
    skills: Skills = ()
    goal: Goal | None = None
    languages: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    age_band: str | None = None
    sequence: int = 1
    withdrawn: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()

    @property
    def counting(self) -> Skills:
        """The skills without the bases that do not count at present."""
        skills = self.skills
        for each in self.standings:
            if not each.counts:
                skills = without(skills, each.source)
        return skills


def register(patron_id: str, name: str | None, owner: str, node: Node | None, at: datetime) -> Patron:
    """A new patron of `owner`; `node` is what the org tree knows under that id.

    Raises RegisteringNodeUnknown or OnlyLibrariesRegister.
    """
    return Patron(patron_id, registering_node(owner, node).id, at, name)


def registering_node(owner: str, node: Node | None) -> Node:
    """The node, if people may belong to it. Raises RegisteringNodeUnknown or OnlyLibrariesRegister."""
    if node is None:
        raise RegisteringNodeUnknown(f"Ask your operator to add {owner or 'your library'} with `libranet org add`.")
    if node.kind not in REGISTERING_KINDS:
        raise OnlyLibrariesRegister(f"{node.id} is a {node.kind}: use an API key of a library or of a branch.")
    return node


def subject_of(patron: Patron) -> str:
    """How credentials of the patron's library name the patron."""
    return f"urn:uuid:{keyed_id('subject', patron.owner, patron.id)}"


def check_subject(patron: Patron, named: str) -> None:
    """Raises ProfileOfAnother."""
    if named != subject_of(patron):
        raise ProfileOfAnother("Send the id that GET has; it cannot be changed.", "/id")


def tell(patron: Patron, said: Mapping[str, Any], at: datetime) -> Patron:
    """The profile with what was said in place of what it had; members not in `said` stay. The same object when that
    changes nothing. Raises TooManySkills."""
    changes: dict[str, Any] = {}
    for member in ("name", "age_band"):
        if member in said:
            changes[member] = said[member]
    for member in ("languages", "interests"):
        if member in said:
            changes[member] = tuple(dict.fromkeys(said[member]))
    if "goal" in said:
        changes["goal"] = goal_of(said["goal"])
    if "skills" in said:
        changes["skills"] = _bounded(claim(patron.skills, mentions_of(said["skills"]), at))
    told = replace(patron, **changes)
    return patron if told == patron else replace(told, sequence=patron.sequence + 1)


def first_told(patron: Patron, said: Mapping[str, Any], at: datetime) -> Patron:
    """A new patron with what was said at the first visit: all of it is their first state."""
    return replace(tell(patron, said, at), sequence=patron.sequence)


def learn(patron: Patron, mentions: Iterable[Mention], basis: Basis) -> Patron:
    """The profile once a course or a credential gave these skills a basis; the same object when all is known."""
    skills = patron.skills
    for mention in () if basis.source in patron.withdrawn else mentions:
        more = add(skills, mention, basis)
        skills = more if len(more) <= MOST_SKILLS else skills
    return patron if skills is patron.skills else replace(patron, skills=skills, sequence=patron.sequence + 1)


def unlearn(patron: Patron, source: str) -> Patron:
    """The profile once a source shows nothing any more; the same object when that is known already."""
    if source in patron.withdrawn:
        return patron
    left = without(patron.skills, source)
    return replace(patron, skills=left, withdrawn=(*patron.withdrawn, source), sequence=patron.sequence + 1)


def judge(patron: Patron, standing: Standing) -> Patron:
    """The profile once a source counts, or does not; the same object for what is not newer than is known."""
    before = next((each for each in patron.standings if each.source == standing.source), None)
    if before and before.sequence >= standing.sequence:
        return patron
    others = tuple(each for each in patron.standings if each is not before)
    return replace(patron, standings=(*others, standing), sequence=patron.sequence + 1)


def by_names_of_now(patron: Patron, names: Mapping[str, PublicName]) -> Patron:
    """The same state of the profile with skills by the names that taxonomies have for them now; the same object when
    none has another."""
    skills = renamed(patron.skills, names)
    return patron if skills is patron.skills else replace(patron, skills=skills)


def rename(patron: Patron, names: Mapping[str, PublicName]) -> Patron:
    """The next state of a profile some of whose skills have other names now; the same object when none has."""
    told = by_names_of_now(patron, names)
    return patron if told is patron else replace(told, sequence=patron.sequence + 1)


def goal_of(said: Mapping[str, Any] | None) -> Goal | None:
    return Goal(said["label"], said.get("uri")) if said else None


def mentions_of(said: Iterable[Mapping[str, Any]]) -> list[Mention]:
    """As the patron names them; `known_as` is what the taxonomy calls what the URI stands for."""
    return [Mention(each["label"], each.get("uri"),
                    PublicName(each["known_as"], each.get("uri")) if "known_as" in each else None) for each in said]


def _bounded(skills: Skills) -> Skills:
    if len(skills) > MOST_SKILLS:
        raise TooManySkills(f"A profile holds at most {MOST_SKILLS} skills; leave some claims out.", "/skills")
    return skills
