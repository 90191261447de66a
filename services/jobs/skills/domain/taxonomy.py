"""The taxonomy as one replica holds it: skills of several sources, joined where they mean the same.

A source further up the rank takes in the skills of one further down that have the same label; the taken-in URI stays
good as another name. Ours (`everyday`) is always there; ESCO and O*NET where they were imported.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.jobs.skills.domain.words import fold, stems

EVERYDAY = "everyday"
RANK = ("esco", EVERYDAY, "onet")
"""Whose URI a skill has that several sources know."""
FILLERS = stems((
    "use operate manage perform provide apply conduct software techniques tools employees surfaces texts a the in of "
    "business work").split())
"""Words that leave a skill what it is: use spreadsheets software."""
QUALIFIER = re.compile(r"\s*\(([^)]*)\)\s*$")
"""ESCO: "Java (computer programming)"."""


@dataclass(frozen=True, slots=True)
class Skill:
    """`labels` are its other names. Of its names, those in `cased` are found in texts only as they are written, and
    those in `shy` only beside another skill or a word that tells what they are (Go, R)."""

    uri: str
    label: str
    labels: tuple[str, ...] = ()
    cased: frozenset[str] = frozenset()
    shy: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.label, *self.labels)


@dataclass(frozen=True, slots=True)
class Occupation:
    """A kind of work and what it is called; `skills` are the URIs of those that it cannot do without."""

    uri: str
    label: str
    titles: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One taxonomy, as it was imported. `attribution` is the sentence that has to be shown with it."""

    name: str
    version: str
    skills: tuple[Skill, ...]
    occupations: tuple[Occupation, ...] = ()
    attribution: str = ""


@dataclass(slots=True)
class Taxonomy:
    """All skills by URI, what another URI stands for, the other URIs of each, and which skills a folded label may mean,
    the best first."""

    skills: dict[str, Skill] = field(default_factory=dict)
    other_uris: dict[str, str] = field(default_factory=dict)
    joined: dict[str, tuple[str, ...]] = field(default_factory=dict)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    preferred: dict[str, str] = field(default_factory=dict)
    occupations: dict[str, Occupation] = field(default_factory=dict)
    titles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trusted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Folded names that were written for people, not for a classification, and the skills that they were given to."""

    def canonical(self, uri: str) -> str:
        """The URI that stands for this one here; itself where nothing is known of it."""
        return self.other_uris.get(uri, uri)

    def get(self, uri: str) -> Skill | None:
        return self.skills.get(self.canonical(uri))

    def holder(self, folded: str) -> str | None:
        """The one skill that a name stands for: whose label it is, else the only one that has it from people, else
        the only one that has it."""
        uri = self.preferred.get(folded)
        if uri:
            return uri
        return next((uris[0] for uris in (self.trusted.get(folded, ()), self.labels.get(folded, ()))
                     if len(uris) == 1), None)

    def meant_by(self, label: str) -> Skill | None:
        """The one skill that is called so, case, hyphens and plural aside; None where none is, or several are."""
        uri = self.holder(fold(label))
        return self.skills[uri] if uri else None

    def known(self, uri: str | None, label: str) -> Skill | None:
        """The skill of a URI, else of a label."""
        return (self.get(uri) if uri else None) or self.meant_by(label)

    def goal_titles(self, label: str, occupation_uri: str | None = None) -> tuple[str, ...]:
        """What work of this kind is called, folded: the label itself and the titles of its occupation."""
        folded = fold(label)
        uris = (occupation_uri,) if occupation_uri in self.occupations else self.titles.get(folded, ())
        titles = [each for uri in uris if uri for each in (self.occupations[uri].label, *self.occupations[uri].titles)]
        return tuple(dict.fromkeys(each for each in (folded, *map(fold, titles)) if each))


def joined(sources: Iterable[Source]) -> Taxonomy:
    """One taxonomy of all sources. Pure: the same sources give the same."""
    taxonomy = Taxonomy()
    by_name = {source.name: source for source in sources}
    for name in (*RANK, *sorted(set(by_name) - set(RANK))):
        if name in by_name:
            _add(taxonomy, by_name[name])
    return taxonomy


def _add(taxonomy: Taxonomy, source: Source) -> None:
    before = dict(taxonomy.preferred), dict(taxonomy.labels)
    for skill in source.skills:
        host = _host(skill, taxonomy, *before)
        if host is None:
            taxonomy.skills[skill.uri] = skill
        else:
            taxonomy.other_uris[skill.uri] = host
            _append(taxonomy.joined, host, skill.uri)
            taxonomy.skills[host] = _with_names_of(taxonomy.skills[host], skill)
        _index(taxonomy, host or skill.uri, skill)
        if source.name == EVERYDAY:
            for name in skill.names:
                _append(taxonomy.trusted, fold(name), host or skill.uri)
    for occupation in source.occupations:
        taxonomy.occupations[occupation.uri] = occupation
        for title in (occupation.label, *occupation.titles):
            _append(taxonomy.titles, fold(title), occupation.uri)


def _host(skill: Skill, taxonomy: Taxonomy, preferred: Mapping[str, str],
          labels: Mapping[str, tuple[str, ...]]) -> str | None:
    """The skill of a source further up that means the same.

    Labels that are equal, qualifiers aside, or ours that names it: the same. Another name in common is not enough
    ("Linux" is also a name of operating systems): then the labels have to be of the same words, too.
    """
    first = fold(skill.label)
    if first in preferred:
        return preferred[first]
    if first in taxonomy.trusted and len(labels.get(first, ())) == 1:
        return labels[first][0]
    for folded in map(fold, skill.names):
        uris = (preferred[folded],) if folded in preferred else labels.get(folded, ())
        if len(uris) == 1 and _is_within(first, fold(taxonomy.skills[uris[0]].label)):
            return uris[0]
    return None


def _is_within(label: str, other: str) -> bool:
    """Whether each word of the label begins like a word of the other, which adds none that narrows it."""
    own, there = stems(label.split()), stems(other.split())
    return own <= there and there - own <= FILLERS


def says(words: Iterable[str], label: Iterable[str]) -> bool:
    """Whether a name of these folded words says what the label says: each word of it that matters, in some form."""
    wanted = stems(label) - FILLERS
    return bool(wanted) and wanted <= stems(words)


def _with_names_of(host: Skill, guest: Skill) -> Skill:
    labels = tuple(dict.fromkeys((*host.labels, *guest.names)))
    return replace(host, labels=labels, cased=host.cased | guest.cased, shy=host.shy | guest.shy)


def _index(taxonomy: Taxonomy, uri: str, skill: Skill) -> None:
    for name in (skill.label, QUALIFIER.sub("", skill.label)):
        taxonomy.preferred.setdefault(fold(name), uri)
    for name in skill.names:
        _append(taxonomy.labels, fold(name), uri)


def _append(index: dict[str, tuple[str, ...]], key: str, uri: str) -> None:
    uris = index.get(key, ())
    if key and uri not in uris:
        index[key] = (*uris, uri)
