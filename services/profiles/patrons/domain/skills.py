"""Skills as a patron holds them, each with how it is known: said so, taught by a course, shown by a credential.

Profiles alone turns signals into skills. A basis names its source, so that what a course taught stays known as that
course's, whatever the patron says about the skill.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

CLAIMED, TAUGHT, DEMONSTRATED = "claimed", "taught", "demonstrated"
BASES = (CLAIMED, TAUGHT, DEMONSTRATED)


@dataclass(frozen=True, slots=True)
class PublicName:
    """What a taxonomy, a course or a credential calls a skill."""

    label: str
    uri: str | None = None


@dataclass(frozen=True)
class Mention:
    """A skill as somebody names it; `uri` is its place in a taxonomy.

    Both may be the patron's own words; `known` is the public name, None as long as nobody else has named it.
    """

    label: str
    uri: str | None = None
    known: PublicName | None = None

    @cached_property
    def folded(self) -> str:
        """The same for labels that differ only in case, blanks, or the form of their characters. Worked out once: each
        mention is compared with many, and a label may fold to eighteen times its length."""
        return " ".join(unicodedata.normalize("NFKC", self.label).casefold().split())

    def means(self, other: "Mention") -> bool:
        """Whether both name one skill: the same URI, or the same folded label."""
        return (self.uri is not None and self.uri == other.uri) or self.folded == other.folded


@dataclass(frozen=True, slots=True)
class Basis:
    """How a skill is known: `kind` is one of BASES, `source` the course or credential, None for a claim."""

    kind: str
    source: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class HeldSkill:
    """A skill with at least one basis, in the order in which they came."""

    mention: Mention
    bases: tuple[Basis, ...]

    @property
    def kinds(self) -> list[str]:
        """How it is known, each kind once, in the order of BASES."""
        return [kind for kind in BASES if any(basis.kind == kind for basis in self.bases)]


Skills = tuple[HeldSkill, ...]


def claim(skills: Skills, mentions: Iterable[Mention], at: datetime) -> Skills:
    """The skills once these, and only these, are claimed: claims left out go, what was taught or shown stays.

    A claim that was there before keeps its time; a skill without a basis is held no more.
    """
    earlier = [(each.mention, basis.since) for each in skills for basis in each.bases if basis.kind == CLAIMED]
    left = tuple(filter(lambda each: each.bases, map(_unclaimed, skills)))
    for mention in mentions:
        since = next((moment for known, moment in earlier if known.means(mention)), at)
        left = add(left, mention, Basis(CLAIMED, None, since))
    return left


def add(skills: Skills, mention: Mention, basis: Basis) -> Skills:
    """The skills with one more basis; the same object when it is known already.

    Two mentions of one skill merge: the first keeps its label, and learns the URI and the public name that it lacks.
    """
    for position, held in enumerate(skills):
        if held.mention.means(mention):
            merged = _merged(held, mention, basis)
            return skills if merged == held else (*skills[:position], merged, *skills[position + 1:])
    return (*skills, HeldSkill(mention, (basis,)))


def without(skills: Skills, source: str) -> Skills:
    """The skills once this source gives none of them a basis; a skill without a basis is held no more."""
    left = (replace(held, bases=tuple(basis for basis in held.bases if basis.source != source)) for held in skills)
    return tuple(each for each in left if each.bases)


def renamed(skills: Skills, names: Mapping[str, PublicName]) -> Skills:
    """The skills by the names that taxonomies have for them now, by the URI before; what is one skill now merges. The
    same object when nothing has another name."""
    if not any(each.mention.known and each.mention.known.uri in names for each in skills):
        return skills
    found: Skills = ()
    for held in skills:
        mention = _renamed(held.mention, names)
        for basis in held.bases:
            found = add(found, mention, basis)
    return found


def _renamed(mention: Mention, names: Mapping[str, PublicName]) -> Mention:
    """A URI that the patron alone gave stays."""
    before = mention.known
    name = names.get(before.uri) if before and before.uri else None
    if name is None or before is None:
        return mention
    return Mention(mention.label, name.uri if mention.uri == before.uri else mention.uri, name)


def _unclaimed(held: HeldSkill) -> HeldSkill:
    return replace(held, bases=tuple(basis for basis in held.bases if basis.kind != CLAIMED))


def _merged(held: HeldSkill, mention: Mention, basis: Basis) -> HeldSkill:
    known = any((each.kind, each.source) == (basis.kind, basis.source) for each in held.bases)
    names = [each for each in (held.mention.known, mention.known) if each]
    name = next((each for each in names if each.uri), names[0] if names else None)
    merged = Mention(held.mention.label, held.mention.uri or mention.uri, name)
    return HeldSkill(merged, held.bases if known else (*held.bases, basis))


def said_by_others(label: str, uri: str | None = None) -> Mention:
    """A skill as a course or a credential names it."""
    return Mention(label, uri, PublicName(label, uri))
