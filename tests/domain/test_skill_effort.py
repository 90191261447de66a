"""Finding skills in a text without a stop costs no more for each of its mentions: counted, not timed."""

import re
from typing import Any

import pytest

from services.jobs.skills.domain import cues
from services.jobs.skills.domain.cues import Cues, Need

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
