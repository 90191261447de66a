"""Which names of skills may be looked for in texts, and how strictly.

A name that is right for a skill may be wrong as a needle: "communication" stands in every posting, "Go" in every second
one. Names written for people (`everyday`, curators') are trusted; a big taxonomy's are held to the rules below.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.fuzz import ratio

from services.jobs.skills.domain.taxonomy import QUALIFIER, Skill, Taxonomy, says
from services.jobs.skills.domain.words import fold, folded_words

STOPPED = frozenset(map(fold, """
communication; communications; packaging; database; electricity; protein; communicate; communicating; management;
manage; leadership; training; support; service; services; experience; skills; work; working; working conditions;
planning; organization; organisation; coordination; integrity; ethics; quality; safety; security; data; information;
technology; software; hardware; computer; computers; internet; system; systems; design; development; analysis;
research; education; health; business; office; finance; policy; law; team; teams; people; customers; products;
product; process; processes; operations; project; projects; reporting; report; reports; writing; reading; listening;
learning; teaching methods; motivation; creativity; flexibility; responsibility; reliability; attention; energy;
equipment; tools; materials; maintenance; transport; travel; hiring; drawing; animate; till; recruitment; assembly;
reporter; current; connectors; sounds; sands; terminology; warehouse; statistics department; hair; mail; phone;
telephone; music; art; history; english department; science; environment; ecosystem; community; culture; media;
networking; advertising; selling; planting; moving; framing; facials; massage; alterations; retail; store; library;
libraries; hospital; school; university; kitchen; vehicle; vehicles; drive; driving; clean; stock; benefits;
insurance; personal computers; desktop computers; laptop computers; notebook computers; web browser software; word;
access; outlook; project; teams; excel at; spark; slack; chef; ruby; dart; swift; rust; scratch; puppet; hack; sap;
oracle; epic; square; indeed; linkedin; facebook; instagram; twitter; youtube; google; apple; amazon; microsoft;
adobe; zoom; yelp; uber; multi-tasking; adapt to change; meet deadlines; make decisions; solve problems; problem
solving; critical thinking; physical demands; think creatively; act reliably; manage time; work independently; working
independently; best practices; occupational health; equal opportunity; human rights; labour law; employment law;
corporate social responsibility
""".replace("\n", " ").split(";")))
"""Never found by these alone. They still mean something where somebody writes them as a skill."""
MAX_WORDS = 8
SINGLE_WORD_LETTERS = 5
UNMISTAKABLE_LETTERS = 3
"""Of a name that needs no company: R&D is no R."""
NEAR_ITS_LABEL = 80
"""Per cent: a single-word alternative name that looks nothing like its skill's label is a slip or a stretch."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A name to look for. `spelling` is its exact form where case counts; `shy` wants company, or where it `may_stand`
    to be asked for as a thing of its own."""

    folded: tuple[str, ...]
    uri: str
    spelling: str | None = None
    shy: bool = False
    may_stand: bool = False


def needles(taxonomy: Taxonomy) -> Iterator[Needle]:
    """Every name to look for, each folded form once: the one that asks least of the text."""
    chosen: dict[tuple[str, ...], Needle] = {}
    for skill in taxonomy.skills.values():
        for needle in _of(skill, taxonomy):
            known = chosen.get(needle.folded)
            if known is None or (known.spelling and not needle.spelling and known.uri == needle.uri):
                chosen[needle.folded] = needle
    return iter(chosen.values())


def _of(skill: Skill, taxonomy: Taxonomy) -> Iterator[Needle]:
    for name in skill.names:
        plain, qualifier = _unqualified(name)
        words, full = folded_words(plain), fold(name)
        folded = " ".join(words)
        people = [taxonomy.skills[uri] for uri in taxonomy.trusted.get(full, ())]
        is_cased, is_shy = any(name in each.cased for each in people), any(name in each.shy for each in people)
        if not words or len(words) > MAX_WORDS or (folded in STOPPED and not (qualifier or is_cased or is_shy)):
            continue
        if any(taxonomy.holder(each) != skill.uri for each in {full, folded} if each in taxonomy.labels):
            continue
        if people:
            may_stand = is_cased and is_shy and len(plain) >= UNMISTAKABLE_LETTERS
            yield Needle(words, skill.uri, name if is_cased else None, is_shy, may_stand)
        elif _is_fit(plain, words, skill):
            cased = plain if len(words) == 1 and plain != plain.lower() else None
            yield Needle(words, skill.uri, cased, bool(qualifier) or len(plain) < UNMISTAKABLE_LETTERS)


def _unqualified(name: str) -> tuple[str, str | None]:
    found = QUALIFIER.search(name)
    return (name[:found.start()], found.group(1)) if found else (name, None)


def _is_fit(plain: str, words: tuple[str, ...], skill: Skill) -> bool:
    """Whether a big taxonomy's name is one that postings would use for this skill and for nothing else."""
    label, is_single = _unqualified(skill.label)[0], len(words) == 1
    if plain == label:
        return not is_single or len(plain) >= SINGLE_WORD_LETTERS or plain != plain.lower()
    if is_single and (len(plain) < SINGLE_WORD_LETTERS or ratio(words[0], fold(skill.label)) < NEAR_ITS_LABEL):
        return False
    return says(words, folded_words(label))
