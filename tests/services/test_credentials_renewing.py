"""A credential signed anew: the same id and the day on which it was earned, for longer or with another key."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.calls import credentials as calls
from libranet.clock import now
from libranet.problems import Refusal
from services.credentials.domain import keys
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    Platform,
    changed,
    completed,
    consent,
    issued_and_shared,
    judged_by_others,
    platform,
)
from tests.services.review_stage import changed as done
from tests.services.review_stage import competency, judged, seen, submitted
from tests.services.test_credentials_life import bits

__all__ = ["platform"]
STAYS = ("id", "awardedDate", "name", "credentialSubject", "credentialStatus", "issuer")


def revalidated(platform: Platform, credential: dict[str, Any], node: str = "demo.riverside",
                **body: bool) -> dict[str, Any]:
    given = calls.Revalidate().load(body)
    return dict(platform.call("revalidate_credential", given, node, credential=credential["id"]).body)


@pytest.fixture
def earned(platform: Platform) -> dict[str, Any]:
    """Valid for a year, from half a year ago."""
    platform.defined(validity=365)
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    [row] = platform.state["credentials"].values()
    row["valid_until"] = now() + timedelta(days=180)
    return dict(platform.listed()["items"][0])


def test_it_holds_for_longer_under_the_same_id_and_both_are_good(platform: Platform, earned: dict[str, Any]) -> None:
    after = revalidated(platform, earned)
    assert calls.IssuedCredential().load(after)
    old, new = earned["credential"], after["credential"]
    assert {name: new[name] for name in STAYS} == {name: old[name] for name in STAYS}
    assert new["validFrom"] > old["validFrom"]
    assert datetime.fromisoformat(new["validUntil"]) - datetime.fromisoformat(new["validFrom"]) == timedelta(days=365)
    assert (after["valid_until"], after["issued_at"]) == (new["validUntil"], earned["issued_at"])
    assert platform.verified(old) == platform.verified(new) == EVERYTHING_VALID
    judged_by_others(platform, new)
    fact = platform.events[-1]
    assert (fact.short_type, fact.sequence, fact.data["valid_until"]) == (
        "credential-revalidated", 2, after["valid_until"])
    [row] = platform.state["credentials"].values()
    assert row["due_at"] == row["valid_until"] - timedelta(days=30)


def test_one_that_has_expired_holds_again(platform: Platform, earned: dict[str, Any]) -> None:
    [row] = platform.state["credentials"].values()
    row["valid_until"] = now() - timedelta(days=1)
    assert platform.listed()["items"][0]["status"] == "expired"
    assert revalidated(platform, earned)["status"] == "issued"


def test_after_a_key_was_compromised_it_is_signed_anew_and_ends_when_it_did(
        platform: Platform, earned: dict[str, Any]) -> None:
    old = earned["credential"]
    key = platform.service.keys.signing_key("demo.riverside", keys.ED25519)
    platform.service.keys.mark_compromised("demo.riverside", key.id, now() - timedelta(days=1))
    assert platform.verified(old)["signature"] == "invalid"
    new = revalidated(platform, earned, extend=False)["credential"]
    assert (new["id"], new["awardedDate"]) == (old["id"], old["awardedDate"])
    assert platform.verified(new) == EVERYTHING_VALID
    assert datetime.fromisoformat(new["validUntil"]) == platform.state["credentials"][earned["id"]]["valid_until"]


def test_what_was_signed_before_a_leak_stays_good_after_it_was_signed_anew(
        platform: Platform, earned: dict[str, Any]) -> None:
    key = platform.service.keys.signing_key("demo.riverside", keys.ED25519)
    platform.service.keys.mark_compromised("demo.riverside", key.id, now() + timedelta(seconds=1))
    revalidated(platform, earned, extend=False)
    assert platform.verified(earned["credential"])["signature"] == "valid"


def test_under_another_name_of_the_issuer_it_has_another_place_and_the_old_copy_counts_no_more(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://libranet.example.org")
    shared = issued_and_shared(platform)
    old = shared["credential"]
    platform.service.keys.rotate("demo.riverside", keys.ED25519)
    new = revalidated(platform, shared)["credential"]
    assert old["issuer"]["id"] != new["issuer"]["id"]
    assert platform.verified(old)["status"] == "invalid"
    assert platform.verified(new) == EVERYTHING_VALID
    changed(platform, shared, "revoke")
    assert len(bits(platform, new)) == len(bits(platform, old)) == 1


@pytest.mark.parametrize("what", ["suspend", "revoke"])
def test_what_does_not_count_is_not_signed_anew(platform: Platform, what: str) -> None:
    shared = issued_and_shared(platform)
    changed(platform, shared, what)
    with pytest.raises(Refusal) as refused:
        revalidated(platform, shared)
    assert refused.value.status == 409


def test_another_librarys_credential_is_unknown(platform: Platform, earned: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        revalidated(platform, earned, "demo.hill")
    assert refused.value.status == 404


# competencies

def accepted(platform: Platform, achievement: dict[str, Any], formulas: str = "proficient") -> dict[str, Any]:
    """What its learner saw before they accepted."""
    submission = submitted(platform, achievement)
    judged(platform, submission, formulas=formulas)
    preview: dict[str, Any] = seen(platform, submission)["preview"]
    done(platform, submission, "accept_submission")
    return preview


def test_a_competency_is_extended_only_by_showing_it_again(platform: Platform) -> None:
    platform.hear("consents", consent())
    achievement = competency(platform, validity=365)
    accepted(platform, achievement)
    [first] = platform.listed()["items"]
    with pytest.raises(Refusal) as refused:
        revalidated(platform, first)
    assert refused.value.status == 409
    assert revalidated(platform, first, extend=False)["valid_until"] == first["valid_until"]
    preview = accepted(platform, achievement)
    [after] = platform.listed()["items"]
    assert (after["id"], after["credential"]["id"]) == (first["id"], first["credential"]["id"])
    assert after["credential"]["awardedDate"] == first["credential"]["awardedDate"]
    assert after["valid_until"] > first["valid_until"]
    assert {name: each for name, each in after["credential"].items()
            if name not in ("validFrom", "validUntil", "credentialStatus", "proof")} == preview
    assert after["because"]["event"] != first["because"]["event"]
    kept = platform.state["credentials"][first["id"]]["former"]
    assert kept[0]["because"]["event"] == first["because"]["event"]
    assert platform.events[-1].short_type == "credential-revalidated"
    judged_by_others(platform, after["credential"])


def test_without_consent_it_is_not_signed_anew_but_waits(platform: Platform) -> None:
    platform.hear("consents", consent())
    achievement = competency(platform)
    accepted(platform, achievement)
    platform.hear("consents", consent("org.libranet.profiles.consent-withdrawn.v1", 2))
    accepted(platform, achievement)
    assert len(platform.listed()["waiting"]) == 1
    assert [each.short_type for each in platform.events].count("credential-revalidated") == 0
