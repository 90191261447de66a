"""Finding skills in a text without a stop costs no more for each of its mentions: counted, not timed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.jobs.skills.domain import cues
from services.jobs.skills.domain.company import Mention, _is_joined, has_company
from services.jobs.skills.domain.cues import Cues, Need
from services.jobs.skills.domain.findable import Needle
from services.jobs.skills.domain.words import words_of

MENTIONS = 500
TEXTS = ("must sql " * MENTIONS, "preferred sql " * MENTIONS, "Requirements: " + "must sql, " * MENTIONS,
         "must sql preferred " * MENTIONS)


class Counted:
    """A pattern that counts the characters of the texts in which it is searched."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.characters, self._pattern = 0, pattern

    def search(self, text: str, start: int = 0, end: int | None = None) -> Any:
        end = len(text) if end is None else min(end, len(text))
        self.characters += end - start
        return self._pattern.search(text, start, end)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)


@pytest.mark.parametrize("text", TEXTS)
def test_a_mention_is_weighed_against_the_cues_beside_it_only(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weighed: list[int] = []
    distance = cues._distance
    monkeypatch.setattr(cues, "_distance", lambda *given: (weighed.append(1), distance(*given))[1])
    read = Cues(text)
    needs = {read.need_at(each.start(), each.end()) for each in re.finditer("sql", text)}
    assert Need.NONE not in needs
    assert len(weighed) <= 4 * MENTIONS


def test_a_sentence_is_searched_once_for_words_that_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "some sql " * MENTIONS + "is taught"
    patterns = [Counted(getattr(cues, name)) for name in ("WISHED", "REQUIRED", "ASKING")]
    for name, pattern in zip(("WISHED", "REQUIRED", "ASKING"), patterns, strict=True):
        monkeypatch.setattr(cues, name, pattern)
    read = Cues(text)
    assert not any([read.asks_at(each.start(), each.end()) for each in re.finditer("sql", text)])
    assert max(each.characters for each in patterns) <= 3 * len(text)


@pytest.mark.parametrize(("text", "needs"), [
    ("sql must x preferred sql", "RW"), ("preferred sql must", "W"), ("must sql preferred", "W"),
    ("must have some more sql preferred", "W"), ("must sql or else preferred", "R"),
    ("Requirements: sql, sql, preferred sql", "RRW")])
def test_the_nearest_cue_decides_and_of_two_as_near_the_one_that_wishes(text: str, needs: str) -> None:
    read = Cues(text)
    assert "".join(read.need_at(*each.span()).name[0] for each in re.finditer("sql", text)) == needs


class Unwalked(list[Mention]):
    """Mentions of which single ones may be looked up."""

    def __iter__(self) -> Iterator[Mention]:
        raise AssertionError("all mentions were gone through")


def test_for_its_company_a_mention_looks_only_at_those_beside_it() -> None:
    access, word = (Needle((name,), name, name.title(), True, True) for name in ("access", "word"))
    words = words_of("Access and Word, then Access; Access or more of it and then some more")
    spelt = Unwalked((Mention(access, 0, 1), Mention(word, 2, 3), Mention(access, 5, 6), Mention(access, 7, 8)))
    told = [(_is_joined(spelt[n], words, spelt), has_company(spelt[n], words, spelt)) for n in range(4)]
    assert told == [(True, True), (True, True), (False, True), (False, False)]
