"""Consents' rules: what one means, for whom, of which data, and until when."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from services.profiles.consents.domain import consents, facts, guardians, purposes
from services.profiles.consents.domain.consents import Consent
from services.profiles.consents.domain.guardians import Guardian
from services.profiles.consents.domain.purposes import DATA_CLASSES, OWN_DUTY, PURPOSES
from services.profiles.consents.domain.receipts import pairwise_id, receipt
from services.profiles.consents.domain.refusals import (
    ConsentEndsBeforeItBegins,
    ConsentLastsTooLong,
    DataClassUnsuitable,
    GuardianNeeded,
    GuardianNotConfirmed,
    NothingEnds,
    PurposeUnknown,
    RecipientUnsuitable,
    WithdrawalHasNoEnd,
)
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = timedelta(days=1)
DEMO = Node("demo", "consortium", "Demo consortium")
RIVERSIDE = Node("demo.riverside", "library", "Riverside Library")
CENTRAL = Node("demo.riverside.central", "branch", "Central")
COLLEGE = Node("demo.lakeside-college", "partner", "Lakeside College")
PATRON = Patron("p1", RIVERSIDE.id, NOW)
SHARE, ISSUE, ANALYTICS = (PURPOSES[name] for name in ("share-credentials", "issue-credentials", "analytics"))
_VOWELS = re.compile("[aeiouy]+")
PARENT = Guardian("parent", NOW, "client-1")


def asked(granted: bool = True, **more: Any) -> Consent:
    return Consent("p1", RIVERSIDE.id, "share-credentials", COLLEGE.id, granted, NOW, 0,
                   **{"data_classes": ("credentials",), **more})


def decide(current: Consent | None, wanted: Consent) -> Consent:
    return consents.decide(current, wanted, SHARE)


def test_a_patron_is_asked_about_their_own_library_and_every_partner() -> None:
    asked_about = [(purpose.name, node.id) for purpose, node in
                   purposes.offers(PATRON, [DEMO, RIVERSIDE, Node("demo.hill", "library", "Hill"), COLLEGE])]
    assert asked_about == [("issue-credentials", "demo.riverside"), ("share-credentials", "demo.lakeside-college"),
                           ("analytics", "demo.riverside")]


def test_an_unknown_purpose_is_answered_with_the_known_ones_in_plain_words() -> None:
    with pytest.raises(PurposeUnknown, match=r"issue-credentials: The recipient may .* share-credentials: "):
        purposes.purpose_named("sell-data")


@pytest.mark.parametrize(("purpose", "node"), [
    ("issue-credentials", COLLEGE), ("issue-credentials", Node("demo.hill", "library", "Hill")),
    ("share-credentials", CENTRAL), ("share-credentials", DEMO), ("award-credentials", RIVERSIDE),
])
def test_a_recipient_that_a_purpose_does_not_concern_is_refused(purpose: str, node: Node) -> None:
    with pytest.raises(RecipientUnsuitable):
        purposes.check_recipient(PURPOSES[purpose], PATRON, node)


def test_decisions_are_counted_and_the_same_one_again_changes_nothing() -> None:
    given = decide(None, asked())
    assert given.sequence == 1
    assert decide(given, asked()) is given
    assert decide(given, asked(granted=False)).sequence == 2


def test_the_same_end_of_a_consent_in_another_zone_and_with_microseconds_is_the_same_decision() -> None:
    end = NOW + DAY
    given = decide(None, asked(expires_at=end))
    elsewhere = (end + timedelta(microseconds=7)).astimezone(timezone(timedelta(hours=-5)))
    assert decide(given, asked(expires_at=elsewhere)) is given


def test_a_consent_holds_until_it_expires() -> None:
    given = asked(expires_at=NOW + timedelta(days=1))
    assert given.holds(NOW)
    assert not given.holds(NOW + timedelta(days=1))


def test_a_consent_that_ends_in_the_past_and_a_withdrawal_with_an_end_are_refused() -> None:
    with pytest.raises(ConsentEndsBeforeItBegins):
        decide(None, asked(expires_at=NOW))
    with pytest.raises(WithdrawalHasNoEnd):
        decide(None, asked(granted=False, expires_at=NOW + timedelta(days=1)))


def test_facts_tell_what_changed_for_others() -> None:
    given = decide(None, asked())
    withdrawn = decide(given, asked(granted=False))
    assert [fact.type.split(".")[3] for fact in facts.consent_decided(None, given, SHARE)] == ["consent-given"]
    assert [fact.sequence for fact in facts.consent_decided(given, withdrawn, SHARE)] == [2]
    assert facts.consent_decided(given, given, SHARE) == []
    assert facts.consent_decided(None, decide(None, asked(granted=False)), SHARE) == []


def test_a_consent_without_an_end_gets_the_purposes_usual_one_and_keeps_the_end_it_has() -> None:
    given = decide(None, asked())
    assert given.expires_at == NOW + timedelta(days=730)
    later = replace(asked(), decided_at=NOW + DAY)
    assert decide(given, later) is given, "asking again renews nothing"
    ended = replace(given, expires_at=NOW + DAY)
    renewed = decide(ended, replace(asked(), decided_at=NOW + 2 * DAY))
    assert renewed.expires_at == NOW + 732 * DAY
    own = consents.decide(None, asked(), ISSUE)
    assert own.expires_at is None, "what stays in the library lasts until it is withdrawn"


def test_a_consent_may_not_outlast_its_purpose() -> None:
    with pytest.raises(ConsentLastsTooLong, match="at most 1825 days") as refused:
        decide(None, asked(expires_at=NOW + timedelta(days=1826)))
    assert refused.value.errors[0]["field"] == "/expires_at"
    assert decide(None, asked(expires_at=NOW + timedelta(days=1825))).granted


def test_a_consent_covers_the_kinds_of_data_that_were_chosen() -> None:
    introduction = PURPOSES["employer-introduction"]
    assert purposes.chosen_classes(introduction, None) == introduction.data_classes
    assert purposes.chosen_classes(introduction, ["goal", "skills", "goal"]) == ("skills", "goal")
    for wrong in ([], ["skills", "birth-date"]):
        with pytest.raises(DataClassUnsuitable, match="name, skills, goal, credentials"):
            purposes.chosen_classes(introduction, wrong)


def test_another_choice_of_data_is_another_decision() -> None:
    given = decide(None, asked(data_classes=("credentials",)))
    assert decide(given, asked(data_classes=("credentials", "name"))).sequence == 2


def test_counting_is_on_until_the_patron_objects_and_both_are_told() -> None:
    objection = consents.decide(None, asked(granted=False), ANALYTICS)
    assert [fact.type.split(".")[3] for fact in facts.consent_decided(None, objection, ANALYTICS)] == [
        "consent-withdrawn"]
    again = consents.decide(objection, asked(), ANALYTICS)
    assert [fact.type.split(".")[3] for fact in facts.consent_decided(objection, again, ANALYTICS)] == [
        "consent-given"]
    unasked = consents.decide(None, asked(), ANALYTICS)
    assert facts.consent_decided(None, unasked, ANALYTICS) == [], "it was on before"


def test_what_goes_on_until_an_objection_has_no_end_to_set() -> None:
    with pytest.raises(NothingEnds):
        consents.decide(None, asked(expires_at=NOW + DAY), ANALYTICS)


@pytest.mark.parametrize(("band", "below", "needed"), [
    ("under-13", "13-15", True), ("13-15", "13-15", False), ("13-15", "16-17", True), ("16-17", "16-17", False),
    ("16-17", "18-24", True), ("18-24", "18-24", False), ("65-plus", "16-17", False), (None, "18-24", False)])
def test_a_guardian_is_needed_below_the_age_that_the_library_sets(band: str | None, below: str, needed: bool) -> None:
    assert guardians.is_needed(band, below) == needed
    guardians.check(PARENT, band, below, NOW)
    if needed:
        with pytest.raises(GuardianNeeded, match=f"younger than {below}") as refused:
            guardians.check(None, band, below, NOW)
        assert refused.value.errors[0]["field"] == "/guardian"
    else:
        guardians.check(None, band, below, NOW)


def test_a_guardian_did_not_agree_in_the_future() -> None:
    with pytest.raises(GuardianNotConfirmed):
        guardians.check(Guardian("parent", NOW + DAY, "client-1"), "13-15", "16-17", NOW)


def test_who_agreed_stands_until_the_consent_is_withdrawn() -> None:
    given = decide(None, asked(guardian=PARENT))
    assert decide(given, asked()) is given
    withdrawn = decide(given, asked(granted=False))
    assert withdrawn.guardian is None


def test_a_receipt_says_by_the_standards_terms_what_was_decided() -> None:
    given = decide(None, asked(guardian=PARENT))
    made = receipt(given, SHARE, RIVERSIDE, COLLEGE, "https://libranet.example.org", "US-MA")
    assert set(made) == {"schema_version", "record_id", "pii_principal_id", "privacy_notice", "language", "purposes",
                         "events", "party_identification"}
    [purpose], [event] = made["purposes"], made["events"]
    assert purpose["purpose"] == "share-credentials"
    assert purpose["pii_information"] == [
        {"pii_type": "credentials", "pii_description": DATA_CLASSES["credentials"]}]
    assert (purpose["pii_controllers"], purpose["recipient_third_parties"]) == ([RIVERSIDE.id], [COLLEGE.id])
    assert purpose["jurisdictions"] == ["US-MA"]
    assert purpose["withdrawal_method"].startswith("DELETE https://libranet.example.org/v1/patrons/p1/consents/")
    assert event == {
        "event_type": "https://w3id.org/dpv#ConsentGiven", "event_state": "given", "entity_id": "guardian",
        "event_time": "2026-11-21T09:00:00.000Z",
        "validity_duration": "2026-11-21T09:00:00.000Z/2028-11-20T09:00:00.000Z"}
    assert [each["party_role"].rpartition("#")[2] for each in made["party_identification"]] == [
        "DataController", "Recipient", "GuardianOfDataSubject"]
    assert receipt(given, SHARE, RIVERSIDE, COLLEGE, "https://libranet.example.org", "US-MA") == made
    withdrawn = receipt(decide(given, asked(granted=False)), SHARE, RIVERSIDE, COLLEGE, "https://libranet.example.org")
    assert withdrawn["record_id"] != made["record_id"]
    assert withdrawn["events"][0]["event_type"] == "https://w3id.org/dpv#ConsentWithdrawn"


def test_a_receipt_names_the_patron_by_an_id_of_this_library_only() -> None:
    assert pairwise_id("p1", "demo.riverside") != pairwise_id("p1", "demo.hill")


@pytest.mark.parametrize("purpose", PURPOSES.values(), ids=lambda each: each.name)
def test_every_purpose_is_explained_in_short_plain_sentences(purpose: purposes.Purpose) -> None:
    texts = [purpose.explained("The library"), *(DATA_CLASSES[each] for each in purpose.data_classes)]
    for text in texts:
        assert grade_of(text) < 7, f"{grade_of(text):.1f}: {text}"
    assert (purpose.basis == OWN_DUTY) or purpose.guardian
    assert purpose.longest_days is None or (purpose.default_days or 0) <= purpose.longest_days


def grade_of(text: str) -> float:
    """Flesch and Kincaid's school grade; the words of this platform that everybody here learns count as short."""
    words = [each.strip(".,;:").lower() for each in text.split()]
    sentences = sum(text.count(end) for end in ".?!")
    familiar = {"credential": 2, "credentials": 2, "library": 2}
    syllables = sum(familiar.get(word, max(1, len(_VOWELS.findall(word.removesuffix("e"))))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
