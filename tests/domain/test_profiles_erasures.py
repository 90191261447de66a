"""Erasures' rules: when one is complete."""

from datetime import UTC, datetime, timedelta

import pytest

from services.profiles.erasures.domain import erasures
from services.profiles.erasures.domain.refusals import ErasureUnknown
from services.profiles.patrons.domain.patrons import Patron

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PATRON = Patron("p1", "demo.riverside", NOW)


def test_an_erasure_is_complete_when_every_service_has_answered_and_the_first_answer_counts() -> None:
    erasure = erasures.request(PATRON, ["learning", "credentials"], NOW)
    erasure = erasures.answer(erasure, "p1", "learning", NOW)
    assert not erasure.complete
    erasure = erasures.answer(erasure, "p1", "learning", NOW + timedelta(hours=1))
    erasure = erasures.answer(erasure, "p1", "credentials", NOW)
    assert erasure.complete
    assert erasure.answers == {"learning": NOW, "credentials": NOW}


def test_an_answer_about_another_patron_is_refused() -> None:
    with pytest.raises(ErasureUnknown):
        erasures.answer(erasures.request(PATRON, ["learning"], NOW), "p2", "learning", NOW)
