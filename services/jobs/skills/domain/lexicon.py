"""All that one replica knows about skills at a time: never changed, replaced whole."""

from dataclasses import dataclass

from services.jobs.postings.domain.posting import FoundSkill
from services.jobs.skills.domain.corrections import ADD, Corrections
from services.jobs.skills.domain.finding import SkillFinder
from services.jobs.skills.domain.resolving import Resolved, Resolver
from services.jobs.skills.domain.taxonomy import Source, Taxonomy, joined
from services.jobs.skills.domain.words import folded_words


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`stamp` names the taxonomies and corrections that it was made of, their revision first; `digest` the taxonomies
    alone."""

    stamp: str
    digest: str
    taxonomy: Taxonomy
    finder: SkillFinder
    resolver: Resolver
    corrections: Corrections

    @property
    def revision(self) -> int:
        """Of the database's taxonomies and corrections."""
        return int(self.stamp.partition(":")[0])

    def extract(self, title: str, text: str, owner: str = "", posting: str = "") -> tuple[FoundSkill, ...]:
        """The skills that a posting asks for, corrected for its owner. About a millisecond; safe in any thread."""
        return self.corrections.applied(self.finder.find(title, text), title, text, owner, posting)

    def resolve(self, label: str, node: str = "") -> Resolved | None:
        """What somebody at a node means by a label: curators' own words first."""
        said = self.corrections.meaning(label, node)
        if said and said.skill in self.taxonomy.skills and said.action == ADD:
            return Resolved(self.taxonomy.skills[said.skill], 1.0)
        found = self.resolver.resolve(label)
        return None if found and said and found.skill.uri == said.skill else found

    def names_of(self, uri: str) -> list[str]:
        """The URI that stands for this one, and the others that it stands for."""
        canonical = self.taxonomy.canonical(uri)
        return [canonical, *self.taxonomy.joined.get(canonical, ())]


def lexicon_of(sources: list[Source], corrections: Corrections, stamp: str, digest: str) -> Lexicon:
    """Takes some seconds of CPU for big taxonomies."""
    taxonomy = joined(sources)
    made = Lexicon(stamp, digest, taxonomy, SkillFinder(taxonomy), Resolver(taxonomy), corrections)
    folded_words.cache_clear()  # of use while the same names are folded again and again, and big
    return made
