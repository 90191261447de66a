"""Curators' corrections: data that is applied last, over whatever was found.

A correction counts for postings of its owner and of nodes below; where two disagree, the one of the nearer node wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.places import is_within
from services.jobs.postings.domain.posting import FoundSkill
from services.jobs.skills.domain.cues import Cues, Need
from services.jobs.skills.domain.words import SNIPPET_CHARACTERS, fold, folded_words, snippet, words_of

ADD, BLOCK = "add", "block"


@dataclass(frozen=True, slots=True)
class Correction:
    """`add` or `block` a `label` for a `skill` (its URI), or block the skill in one `posting`."""

    id: str
    owner: str
    action: str
    skill: str
    skill_label: str
    label: str | None
    posting: str | None
    at: datetime

    @property
    def place(self) -> tuple[str, str | None, str | None]:
        """What it is about: a second one about the same replaces it."""
        return self.skill, fold(self.label) if self.label else None, self.posting

    def counts_for(self, owner: str) -> bool:
        return is_within(owner, self.owner)


class Corrections:
    """All corrections, asked for one posting at a time. Pure and safe to share."""

    def __init__(self, corrections: Iterable[Correction]) -> None:
        self._all = tuple(sorted(corrections, key=lambda each: each.owner.count(".")))
        self._of: dict[str, dict[tuple[str, str | None, str | None], Correction]] = {}

    def __bool__(self) -> bool:
        return bool(self._all)

    def applied(self, found: tuple[FoundSkill, ...], title: str, text: str, owner: str,
                posting: str) -> tuple[FoundSkill, ...]:
        """What is left of the found skills, and what curators' own labels add to them."""
        corrections = self._for(owner)
        if not corrections:
            return found
        blocked = {each.skill for each in corrections if each.posting == posting}
        unnamed = {(each.skill, fold(each.label)) for each in corrections if each.label and each.action == BLOCK}
        kept = [each for each in found if each.uri not in blocked and not _is_only(each, unnamed)]
        known = {each.uri for each in kept} | blocked
        for each in corrections:
            if each.label and each.action == ADD and each.skill not in known:
                added = _mentioned(each, title, text)
                if added:
                    kept.append(added)
                    known.add(each.skill)
        return tuple(kept)

    def meaning(self, label: str, node: str) -> Correction | None:
        """What curators of the node, or of one above it, say of the label."""
        folded = fold(label)
        return next((each for each in reversed(self._for(node)) if each.label and fold(each.label) == folded), None)

    def _for(self, owner: str) -> list[Correction]:
        """Those that count for the owner; of two about the same, the nearer node's."""
        if owner not in self._of:
            self._of[owner] = {each.place: each for each in self._all if each.counts_for(owner)}
        return list(self._of[owner].values())


def _is_only(found: FoundSkill, unnamed: set[tuple[str, str]]) -> bool:
    """Whether the words that it was found by hold a blocked label of it."""
    if not any(uri == found.uri for uri, _ in unnamed):
        return False
    words = [word.folded for word in words_of(found.words)]
    return any(uri == found.uri and _place(label.split(), words) is not None for uri, label in unnamed)


def _mentioned(correction: Correction, title: str, text: str) -> FoundSkill | None:
    wanted = list(folded_words(correction.label or ""))
    in_title = words_of(title)
    if _place(wanted, [word.folded for word in in_title]) is not None:
        return FoundSkill(correction.skill, correction.skill_label, True, title[:SNIPPET_CHARACTERS])
    words = words_of(text)
    at = _place(wanted, [word.folded for word in words])
    if at is None:
        return None
    start, end = words[at].start, words[at + len(wanted) - 1].end
    need = Cues(text).need_at(start, end)
    if need is Need.NONE:
        return None
    return FoundSkill(correction.skill, correction.skill_label, need is Need.REQUIRED, snippet(text, start, end))


def _place(wanted: list[str], words: list[str]) -> int | None:
    """Where the words stand in a row."""
    length = len(wanted)
    starts = range(len(words) - length + 1) if wanted else ()
    return next((at for at in starts if words[at:at + length] == wanted), None)
