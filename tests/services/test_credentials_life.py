"""What an issuer decides later shows in its lists, and to everybody who looks."""

import json
from datetime import timedelta
from typing import Any

import pytest
from openbadgeslib.ob3 import decode_encoded_list, set_indices
from openbadgeslib.ob3.verifier import OB3VerificationError

from contracts.calls import credentials as calls
from libranet.clock import now
from libranet.problems import Refusal
from libranet.testing import MemoryWork
from services.credentials.adapters.expiry import tell
from services.credentials.store import COLLECTIONS
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    Platform,
    changed,
    completed,
    consent,
    erased,
    issued_and_shared,
    judged_by_others,
    platform,
    status_list,
)

__all__ = ["platform"]


# status lists

def test_a_credentials_list_is_there_signed_by_its_issuer(platform: Platform) -> None:
    document = issued_and_shared(platform)["credential"]
    answer = status_list(platform, document)
    listed = json.loads(answer.body)
    assert answer.media_type == "application/vc+ld+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert listed["id"] == document["credentialStatus"]["statusListCredential"]
    assert (listed["issuer"], listed["type"][1]) == (document["issuer"]["id"], "BitstringStatusListCredential")
    assert platform.verified(listed)["signature"] == "valid"
    assert [each["cryptosuite"] for each in listed["proof"]] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
    assert set_indices(decode_encoded_list(listed["credentialSubject"]["encodedList"])) == set()


def test_an_unchanged_list_is_not_sent_again(platform: Platform) -> None:
    document = issued_and_shared(platform)["credential"]
    first = status_list(platform, document)
    again = status_list(platform, document, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(("list_id", "purpose"), [("mfrggzdfmztwq2lk", "revocation"), (None, "message")])
def test_a_list_that_there_is_not_is_not_found(platform: Platform, list_id: str | None, purpose: str) -> None:
    document = issued_and_shared(platform)["credential"]
    own = document["credentialStatus"]["statusListCredential"].split("/")[-2]
    with pytest.raises(Refusal) as refused:
        platform.call("get_status_list", status_list=list_id or own, status_purpose=purpose)
    assert refused.value.status == 404


def test_credentials_of_a_batch_have_places_of_their_own_and_nothing_tells_whose(platform: Platform) -> None:
    platform.defined()
    patrons = [f"0190b3a0-1111-7111-8111-{number:012d}" for number in range(80)]
    platform.hear("consents", *[consent(patron=patron) for patron in patrons])
    platform.hear("completions", *[completed(n, patron) for n, patron in enumerate(patrons)])
    issued = [json.loads(row["document"]) for row in platform.state["credentials"].values()]
    entries = [each["credentialStatus"] for each in issued]
    assert len({each["id"] for each in entries}) == 80
    kept = json.dumps([platform.state["status_lists"], platform.state["status_entries"]], default=str)
    assert not any(patron in kept for patron in patrons)
    assert not any(row["_id"] in kept for row in platform.state["credentials"].values())


# life

def bits(platform: Platform, document: dict[str, Any], purpose: str = "revocation") -> frozenset[int]:
    listed = json.loads(status_list(platform, document, purpose).body)
    return set_indices(decode_encoded_list(listed["credentialSubject"]["encodedList"]))


def test_a_revoked_credential_is_revoked_for_everybody_and_its_learner_reads_why(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    document, index = shared["credential"], int(shared["credential"]["credentialStatus"]["statusListIndex"])
    judged_by_others(platform, document)
    before = status_list(platform, document)
    after = changed(platform, shared, "revoke")
    assert calls.IssuedCredential().load(after)
    assert (after["status"], after["status_reason"]) == ("revoked", "We look into it.")
    assert platform.listed()["items"] == [after]
    fact = platform.events[-1]
    assert (fact.short_type, fact.sequence, fact.data["credential"]) == ("credential-revoked", 3, shared["id"])
    assert "We look into it." not in json.dumps(fact.data)
    assert bits(platform, document) == {index}
    assert bits(platform, document, "suspension") == set()
    assert status_list(platform, document).headers["ETag"] != before.headers["ETag"]
    assert platform.verified(document) == EVERYTHING_VALID | {
        "signature": "valid", "dates": "valid", "status": "invalid", "issuer": "valid"}
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(platform, document)
    public = platform.call("get_public_credential", public_id=shared["public_id"])
    assert public.headers["Libranet-Credential-Status"] == "revoked"
    assert json.loads(public.body) == document


def test_a_suspended_credential_is_refused_until_it_is_reinstated_and_the_same_copy_is_good_again(
        platform: Platform) -> None:
    shared = issued_and_shared(platform)
    document, index = shared["credential"], int(shared["credential"]["credentialStatus"]["statusListIndex"])
    assert changed(platform, shared, "suspend")["status"] == "suspended"
    assert (bits(platform, document), bits(platform, document, "suspension")) == ({index}, {index})
    assert platform.verified(document)["status"] == "invalid"
    with pytest.raises(OB3VerificationError):
        judged_by_others(platform, document)
    after = changed(platform, shared, "reinstate")
    assert after["status"] == "issued"
    assert "status_reason" not in after
    assert (bits(platform, document), bits(platform, document, "suspension")) == (set(), set())
    assert platform.verified(document)["status"] == "valid"
    judged_by_others(platform, document)
    told = [(each.short_type, each.sequence) for each in platform.events[-2:]]
    assert told == [("credential-suspended", 3), ("credential-reinstated", 4)]


def test_a_suspended_credential_can_be_revoked_and_a_revoked_one_is_never_reinstated(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    changed(platform, shared, "suspend")
    changed(platform, shared, "revoke")
    assert len(bits(platform, shared["credential"])) == 1
    assert bits(platform, shared["credential"], "suspension") == set()
    for what in ("suspend", "reinstate"):
        with pytest.raises(Refusal) as refused:
            changed(platform, shared, what)
        assert refused.value.status == 409


@pytest.mark.parametrize("what", ["revoke", "suspend"])
def test_the_same_again_changes_nothing_and_tells_nobody(platform: Platform, what: str) -> None:
    shared = issued_and_shared(platform)
    first, told = changed(platform, shared, what), len(platform.events)
    assert changed(platform, shared, what) == first
    assert len(platform.events) == told


def test_what_is_not_suspended_needs_no_reinstating(platform: Platform) -> None:
    shared, told = issued_and_shared(platform), len(platform.events)
    assert changed(platform, shared, "reinstate")["status"] == "issued"
    assert len(platform.events) == told


@pytest.mark.parametrize("what", ["revoke", "suspend", "reinstate"])
def test_another_library_changes_no_status(platform: Platform, what: str) -> None:
    shared = issued_and_shared(platform)
    with pytest.raises(Refusal) as refused:
        changed(platform, shared, what, "demo.hillside")
    assert refused.value.status == 404
    assert platform.listed()["items"] == [shared]


def test_a_credential_of_the_version_before_is_revoked_by_our_record_alone(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    [collection] = [each for each in COLLECTIONS if each.name == "credentials"]
    [row] = platform.state["credentials"].values()
    life = ("sequence", "status_since", "status_reason", "status_place", "valid_until", "due_at")
    old = {key: value for key, value in row.items() if key not in life} | {"schema_version": 1}
    platform.state["credentials"][row["_id"]] = collection.read(old)
    changed(platform, shared, "revoke")
    assert bits(platform, shared["credential"]) == set()
    assert platform.verified(shared["credential"])["status"] == "invalid"
    assert platform.events[-1].sequence == 3


def test_an_erasure_leaves_the_entry_as_it_was_and_its_place_is_never_given_again(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    document = shared["credential"]
    changed(platform, shared, "revoke")
    before = status_list(platform, document).body
    platform.hear("patrons", erased())
    assert status_list(platform, document).body == before
    assert platform.verified(document)["status"] == "invalid"
    others = [f"0190b3a0-1111-7111-8111-{number:012d}" for number in range(100)]
    platform.hear("consents", *[consent(patron=patron) for patron in others])
    platform.hear("completions", *[completed(number, patron) for number, patron in enumerate(others)])
    given = [json.loads(row["document"])["credentialStatus"]["id"] for row in platform.state["credentials"].values()]
    assert len(set(given)) == 100
    assert document["credentialStatus"]["id"] not in given


# one life

def lived(platform: Platform) -> list[tuple[str, str | None]]:
    [only] = platform.listed()["items"]
    assert calls.IssuedCredential().load(only)
    return [(each["what"], each.get("reason")) for each in only["life"]]


def test_all_that_became_of_a_credential_is_told_in_one_life(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    assert shared["state"] == "shared"
    for what in ("suspend", "reinstate", "revoke"):
        changed(platform, shared, what)
    assert lived(platform) == [("issued", None), ("shared", None), ("suspended", "We look into it."),
                               ("reinstated", None), ("revoked", "We look into it.")]
    assert platform.listed()["items"][0]["state"] == "revoked"


def test_a_life_from_before_lives_were_kept_is_told_by_its_times(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    [row] = platform.state["credentials"].values()
    del row["life"]
    assert lived(platform) == [("issued", None), ("shared", None)]
    changed(platform, shared, "suspend")
    assert [what for what, _ in lived(platform)] == ["issued", "shared", "suspended"]
    [row] = platform.state["credentials"].values()
    del row["life"]
    assert lived(platform)[-1] == ("suspended", "We look into it.")


@pytest.mark.parametrize(("days", "state"), [(60, "issued"), (20, "expiring"), (-1, "expired")])
def test_a_credential_says_how_far_it_is(platform: Platform, days: int, state: str) -> None:
    platform.defined(validity=365)
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    [row] = platform.state["credentials"].values()
    row |= {"issued_at": now() - timedelta(days=365 - days), "valid_until": now() + timedelta(days=days)}
    [only] = platform.listed()["items"]
    assert only["state"] == state


def test_that_it_will_expire_and_has_is_part_of_its_life(platform: Platform) -> None:
    platform.defined(validity=365)
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    [row] = platform.state["credentials"].values()
    for moment in (row["valid_until"] - timedelta(days=30), row["valid_until"]):
        tell(MemoryWork(COLLECTIONS, "credentials", platform.state), moment)  # type: ignore[arg-type]
    assert [what for what, _ in lived(platform)] == ["issued", "expiring", "expired"]
