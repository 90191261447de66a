"""A newer credential for the same achievement supersedes the earlier one: shown everywhere, and nothing is revoked."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.calls import credentials as calls
from libranet.clock import now
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    PATRON,
    Platform,
    changed,
    completed,
    consent,
    erased,
    issued_and_shared,
    judged_by_others,
    platform,
)
from tests.services.review_stage import changed as done
from tests.services.review_stage import competency, judged, submitted
from tests.services.test_credentials_expiry import told as due
from tests.services.test_credentials_life import bits

__all__ = ["platform"]


def by_version(platform: Platform) -> list[dict[str, Any]]:
    listed = platform.listed()
    assert calls.IssuedCredentialList().load(listed)
    return sorted(listed["items"], key=lambda each: (each["because"]["achievement_version"], each["issued_at"]))


def told(platform: Platform) -> list[str]:
    return [each.short_type for each in platform.events if each.short_type in (
        "credential-superseded", "credential-restored")]


def superseded(platform: Platform) -> tuple[dict[str, Any], dict[str, Any]]:
    """A shared credential of the first version, and one of the second."""
    shared = issued_and_shared(platform)
    platform.replaced(shared["achievement"], description="All of it, with the new exercises.")
    platform.hear("completions", completed(6))
    old, new = by_version(platform)
    return old, new


def test_a_newer_version_that_is_awarded_supersedes_the_earlier_one(platform: Platform) -> None:
    old, new = superseded(platform)
    assert (old["status"], old["state"], old["superseded_by"]) == ("superseded", "superseded", new["id"])
    assert (new["status"], new["state"]) == ("issued", "issued")
    assert "superseded_by" not in new
    assert [each["what"] for each in old["life"]] == ["issued", "shared", "superseded"]
    fact = platform.events[-1]
    assert (fact.short_type, fact.subject, fact.sequence) == ("credential-superseded", old["id"], 3)
    assert (fact.data["superseded_by"], fact.data["superseded_at"]) == (new["id"], old["superseded_at"])


def test_what_is_superseded_holds_for_everybody_and_says_so_here(platform: Platform) -> None:
    old, _ = superseded(platform)
    document = old["credential"]
    assert bits(platform, document) == set()
    assert platform.verified(document) == EVERYTHING_VALID
    judged_by_others(platform, document)
    found = platform.ask("verify_credential", {"credential": document}).body["status"]
    assert "superseded" in found["reason"]
    public = platform.call("get_public_credential", public_id=old["public_id"])
    assert public.headers["Libranet-Credential-Status"] == "superseded"


def test_a_record_shows_it_as_superseded(platform: Platform) -> None:
    superseded(platform)
    record = platform.call("make_record", {"name": "All of it"}, patron=PATRON).body
    page = platform.ask("get_record_page", public_record=record["public_id"]).body
    assert b'"status":"superseded"' in bytes(page)
    assert b"holds; there is a newer one" in bytes(page)


def test_taking_part_twice_by_one_version_is_two_things(platform: Platform) -> None:
    issued_and_shared(platform)
    platform.hear("completions", completed(6))
    assert [each["status"] for each in by_version(platform)] == ["issued", "issued"]
    assert told(platform) == []


@pytest.mark.parametrize("what", ["revoke", "suspend"])
def test_it_is_superseded_no_more_once_the_newer_one_does_not_hold(platform: Platform, what: str) -> None:
    old, new = superseded(platform)
    changed(platform, new, what)
    restored = by_version(platform)[0]
    assert restored["status"] == "issued"
    assert not {"superseded_by", "superseded_at"} & set(restored)
    assert [each["what"] for each in restored["life"]][-2:] == ["superseded", "restored"]
    assert told(platform) == ["credential-superseded", "credential-restored"]
    if what == "suspend":
        changed(platform, new, "reinstate")
        assert by_version(platform)[0]["superseded_by"] == new["id"]
    assert by_version(platform)[0]["id"] == old["id"]


def ends_first(platform: Platform) -> dict[str, Any]:
    """A credential without end that one with an end replaces; gives the stored one that ends."""
    shared = issued_and_shared(platform)
    platform.replaced(shared["achievement"], validity=30)
    platform.hear("completions", completed(6))
    old, new = by_version(platform)
    assert old["superseded_by"] == new["id"]
    return dict(platform.state["credentials"][new["id"]])


def test_it_is_superseded_no_more_once_the_newer_one_has_expired(platform: Platform) -> None:
    until = ends_first(platform)["valid_until"]
    assert [each.short_type for each in due(platform, until - timedelta(seconds=1))] == ["credential-expiring"]
    assert [each.short_type for each in due(platform, until)] == ["credential-expired", "credential-restored"]
    restored = by_version(platform)[0]
    assert restored["status"] == "issued"
    assert [each["what"] for each in restored["life"]][-2:] == ["superseded", "restored"]


def test_one_that_has_expired_replaces_nothing_and_does_again_once_it_is_renewed(platform: Platform) -> None:
    newer = ends_first(platform)
    platform.state["credentials"][newer["_id"]]["valid_until"] = now() - timedelta(days=1)
    changed(platform, by_version(platform)[0], "suspend")
    changed(platform, by_version(platform)[0], "reinstate")
    assert [each["status"] for each in by_version(platform)] == ["issued", "expired"]
    platform.call("revalidate_credential", {"extend": True}, credential=newer["_id"])
    assert by_version(platform)[0]["superseded_by"] == newer["_id"]


def test_a_revoked_one_is_not_superseded_and_a_suspended_one_is_shown_as_suspended(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    changed(platform, shared, "suspend")
    platform.replaced(shared["achievement"], description="All of it, with the new exercises.")
    platform.hear("completions", completed(6))
    old, new = by_version(platform)
    assert (old["status"], old["superseded_by"]) == ("suspended", new["id"])
    after = changed(platform, old, "reinstate")
    assert (after["status"], after["superseded_by"]) == ("superseded", new["id"])
    assert changed(platform, old, "revoke")["status"] == "revoked"
    assert told(platform) == ["credential-superseded"]


def test_an_earlier_version_that_is_issued_late_is_superseded_at_once(platform: Platform) -> None:
    made = platform.defined()
    platform.hear("completions", completed())
    platform.replaced(made["id"], description="All of it, with the new exercises.")
    platform.hear("completions", completed(6))
    platform.hear("consents", consent())
    assert [each["status"] for each in by_version(platform)] == ["superseded", "issued"]


def test_the_same_told_again_supersedes_nothing_again(platform: Platform) -> None:
    superseded(platform)
    before = len(platform.events)
    platform.hear("completions", completed(), completed(6))
    assert len(platform.events) == before


def test_somebody_elses_credential_supersedes_nothing(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    other = "0190b3a0-1111-7111-8111-222222222222"
    platform.replaced(shared["achievement"], description="All of it, with the new exercises.")
    platform.hear("consents", consent(patron=other))
    platform.hear("completions", completed(6, other))
    assert [each["status"] for each in by_version(platform)] == ["issued"]


def test_what_is_superseded_may_still_be_claimed(platform: Platform) -> None:
    old, _ = superseded(platform)
    offer = platform.call("make_offer", {"valid_minutes": 10}, patron=PATRON, credential=old["id"])
    assert offer.body["tx_code"]


def test_an_erasure_takes_both(platform: Platform) -> None:
    superseded(platform)
    platform.hear("patrons", erased())
    assert platform.state["credentials"] == {}


# competencies

def shown_again(platform: Platform, achievement: dict[str, Any], **levels: str) -> list[dict[str, Any]]:
    """The competency is suspended, and shown once more: a second credential, the older one reinstated."""
    first = platform.listed()["items"][0]
    changed(platform, first, "suspend")
    submission = submitted(platform, achievement)
    judged(platform, submission, **levels)
    done(platform, submission, "accept_submission")
    changed(platform, first, "reinstate")
    return sorted(platform.listed()["items"], key=lambda each: str(each["issued_at"]))


@pytest.mark.parametrize(("before", "after", "states"), [
    ("proficient", "teaching others", ["superseded", "issued"]), ("proficient", "proficient", ["superseded", "issued"]),
    ("teaching others", "proficient", ["issued", "issued"])])
def test_a_competency_shown_again_supersedes_what_tells_of_no_higher_level(
        platform: Platform, before: str, after: str, states: list[str]) -> None:
    platform.hear("consents", consent())
    achievement = competency(platform)
    submission = submitted(platform, achievement)
    judged(platform, submission, formulas=before)
    done(platform, submission, "accept_submission")
    assert [each["status"] for each in shown_again(platform, achievement, formulas=after)] == states
