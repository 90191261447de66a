"""Erasures' rules: when one is complete."""

from datetime import UTC, datetime, timedelta

import pytest

from services.profiles.erasures.domain import erasures
from services.profiles.erasures.domain.certificates import certificate
from services.profiles.erasures.domain.erasures import Deleted
from services.profiles.erasures.domain.refusals import ErasureUnfinished, ErasureUnknown
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
RIVERSIDE = Node("demo.riverside", "library", "Riverside Library")
PATRON = Patron("p1", "demo.riverside", NOW)


def test_an_erasure_is_complete_when_every_service_has_answered_and_the_first_answer_counts() -> None:
    erasure = erasures.request(PATRON, ["learning", "credentials"], 2, NOW)
    erasure = erasures.answer(erasure, "p1", "learning", Deleted(NOW, 4))
    assert not erasure.complete
    assert erasure.completed_at is None
    erasure = erasures.answer(erasure, "p1", "learning", Deleted(LATER, 9))
    erasure = erasures.answer(erasure, "p1", "credentials", Deleted(LATER, 0))
    assert erasure.complete
    assert erasure.completed_at == LATER
    assert erasure.answers == {"learning": Deleted(NOW, 4), "credentials": Deleted(LATER, 0)}


def test_an_answer_about_another_patron_is_refused() -> None:
    with pytest.raises(ErasureUnknown):
        erasures.answer(erasures.request(PATRON, ["learning"], 1, NOW), "p2", "learning", Deleted(NOW, 1))


def test_a_certificate_waits_for_every_service() -> None:
    with pytest.raises(ErasureUnfinished, match="Still waiting for credentials, learning"):
        certificate(erasures.request(PATRON, ["learning", "credentials"], 1, NOW), RIVERSIDE, 35)


def test_a_certificate_lists_every_answer_and_what_may_rest_where_until_when() -> None:
    erasure = erasures.answer(erasures.request(PATRON, ["learning"], 2, NOW), "p1", "learning", Deleted(LATER, 4))
    made = certificate(erasure, RIVERSIDE, 35)
    assert made["services"] == [
        {"service": "learning", "erased_at": "2026-11-21T10:00:00.000Z", "documents": 4},
        {"service": "profiles", "erased_at": "2026-11-21T09:00:00.000Z", "documents": 2}]
    assert made["completed_at"] == "2026-11-21T10:00:00.000Z"
    assert made["backups"]["until"] == "2026-12-26T10:00:00.000Z"
    assert "journals on its own machines" in made["journal"]["note"]
    assert made["journal"]["until"].startswith("until newer changes take their place")
    assert all(set(each) == {"what", "why", "until"} for each in made["stays"])
    assert certificate(erasure, RIVERSIDE, 35) == made, "the same each time it is asked for"
