"""Consents' rules: what one means, for whom, and until when."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from services.profiles.consents.domain import consents, facts
from services.profiles.consents.domain.consents import PURPOSES, Consent
from services.profiles.consents.domain.refusals import (
    ConsentEndsBeforeItBegins,
    PurposeUnknown,
    RecipientUnsuitable,
    WithdrawalHasNoEnd,
)
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DEMO = Node("demo", "consortium", "Demo consortium")
RIVERSIDE = Node("demo.riverside", "library", "Riverside Library")
CENTRAL = Node("demo.riverside.central", "branch", "Central")
COLLEGE = Node("demo.lakeside-college", "partner", "Lakeside College")
PATRON = Patron("p1", RIVERSIDE.id, NOW)


def asked(granted: bool = True, **more: Any) -> Consent:
    return Consent("p1", RIVERSIDE.id, "share-credentials", COLLEGE.id, granted, NOW, 0, **more)


def test_a_patron_is_asked_about_their_own_library_and_every_partner() -> None:
    asked_about = [(purpose.name, node.id) for purpose, node in
                   consents.offers(PATRON, [DEMO, RIVERSIDE, Node("demo.hill", "library", "Hill"), COLLEGE])]
    assert asked_about == [("issue-credentials", "demo.riverside"), ("share-credentials", "demo.lakeside-college")]


def test_an_unknown_purpose_is_answered_with_the_known_ones_in_plain_words() -> None:
    with pytest.raises(PurposeUnknown, match=r"issue-credentials: The recipient may .* share-credentials: "):
        consents.purpose_named("sell-data")


@pytest.mark.parametrize(("purpose", "node"), [
    ("issue-credentials", COLLEGE), ("issue-credentials", Node("demo.hill", "library", "Hill")),
    ("share-credentials", CENTRAL), ("share-credentials", DEMO),
])
def test_a_recipient_that_a_purpose_does_not_concern_is_refused(purpose: str, node: Node) -> None:
    with pytest.raises(RecipientUnsuitable):
        consents.check_recipient(PURPOSES[purpose], PATRON, node)


def test_decisions_are_counted_and_the_same_one_again_changes_nothing() -> None:
    given = consents.decide(None, asked())
    assert given.sequence == 1
    assert consents.decide(given, asked()) is given
    assert consents.decide(given, asked(granted=False)).sequence == 2


def test_the_same_end_of_a_consent_in_another_zone_and_with_microseconds_is_the_same_decision() -> None:
    end = NOW + timedelta(days=1)
    given = consents.decide(None, asked(expires_at=end))
    elsewhere = (end + timedelta(microseconds=7)).astimezone(timezone(timedelta(hours=-5)))
    assert consents.decide(given, asked(expires_at=elsewhere)) is given


def test_a_consent_holds_until_it_expires() -> None:
    given = asked(expires_at=NOW + timedelta(days=1))
    assert given.holds(NOW)
    assert not given.holds(NOW + timedelta(days=1))


def test_a_consent_that_ends_in_the_past_and_a_withdrawal_with_an_end_are_refused() -> None:
    with pytest.raises(ConsentEndsBeforeItBegins):
        consents.decide(None, asked(expires_at=NOW))
    with pytest.raises(WithdrawalHasNoEnd):
        consents.decide(None, asked(granted=False, expires_at=NOW + timedelta(days=1)))


def test_facts_tell_what_changed_for_others() -> None:
    given = consents.decide(None, asked())
    withdrawn = consents.decide(given, asked(granted=False))
    assert [fact.type.split(".")[3] for fact in facts.consent_decided(None, given)] == ["consent-given"]
    assert [fact.sequence for fact in facts.consent_decided(given, withdrawn)] == [2]
    assert facts.consent_decided(given, given) == []
    assert facts.consent_decided(None, consents.decide(None, asked(granted=False))) == []
