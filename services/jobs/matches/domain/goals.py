"""Whether a posting's title is the work that somebody hopes for: it has all words of one of the goal's titles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.jobs.matches.domain.codes import Codes
from services.jobs.skills.domain.words import BREAKS, folded_words

MOST_TITLES = 16
"""Of a goal that are looked for: its own words first, then what else its occupation is called."""
KEPT_GOALS = 200


class TitleTable:
    """Every title that postings have, once, and in which of them each word stands."""

    def __init__(self) -> None:
        self._codes: Codes[tuple[str, ...]] = Codes()
        self._with_word: dict[str, set[int]] = {}
        self._answers: dict[tuple[str, ...], tuple[int, NDArray[np.bool_]]] = {}

    def code(self, title: str) -> int:
        words = tuple(word for word in folded_words(title) if word not in BREAKS)
        known = len(self._codes)
        code = self._codes.code(words)
        if code == known:
            for word in set(words):
                self._with_word.setdefault(word, set()).add(code)
        return code

    def fitting(self, titles: Sequence[str]) -> NDArray[np.bool_]:
        """For each code whether it fits one of these folded titles. Answers for the same goal are kept."""
        wanted = tuple(titles[:MOST_TITLES])
        size, answer = self._answers.get(wanted, (0, np.zeros(0, np.bool_)))
        if size != len(self._codes):
            answer = np.zeros(len(self._codes), np.bool_)
            for title in wanted:
                answer[list(self._with_all(title.split()))] = True
            if len(self._answers) >= KEPT_GOALS:
                self._answers.clear()
            self._answers[wanted] = len(self._codes), answer
        return answer

    def _with_all(self, words: list[str]) -> set[int]:
        places = sorted((self._with_word.get(word, set()) for word in words if word not in BREAKS), key=len)
        return set.intersection(*places) if places else set()
