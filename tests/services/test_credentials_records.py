"""Learners' records as calls make, show and take them back; judged by a library that is not ours."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from openbadgeslib.ob3 import decode_encoded_list, set_indices
from openbadgeslib.ob3.clr import bundled_clr_contexts
from openbadgeslib.ob3.ldp import verify_data_integrity_proof
from openbadgeslib.ob3.verifier import OB3VerificationError

from contracts.calls import records as calls
from contracts.calls.verification import Verification
from libranet.testing import MemoryWork, a_principal, a_request, an_event
from services.credentials import verifications
from services.credentials.store import COLLECTIONS
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    OTHER_PATRON,
    PATRON,
    REGISTERED,
    WITHDRAWN,
    Platform,
    changed,
    completed,
    consent,
    erased,
    judged_by_others,
    platform,
    status_list,
)
from tests.services.endorsement_desk import COMMENT, LIBRARY, THE_COLLEGE, places
from tests.services.record_desk import found, learner, made, public, refusal

__all__ = ["platform"]


# making

def test_a_record_is_public_from_the_start_and_says_that_this_is_the_learners_own_sharing(platform: Platform) -> None:
    earned = learner(platform)
    answer = made(platform)
    record = answer.body
    assert (answer.status, record["status"], record["partial"]) == (None, "issued", False)
    assert calls.LearnerRecord().load(record)
    assert sorted(record["credentials"]) == sorted(each["id"] for each in earned)
    assert "the learner's own sharing" in record["sharing"]
    assert calls.SignedLearnerRecord().load(found(platform, record))
    shown = public(platform, record)
    assert json.loads(shown.body) == found(platform, record)["credential"]
    assert (shown.media_type, shown.headers["Libranet-Credential-Status"]) == ("application/vc+ld+json", "issued")


def pem_of(platform: Platform) -> bytes:
    key = platform.service.keys.signing_key("demo.riverside").public
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_record_holds_many_credentials_with_the_same_endorsements_in_each(platform: Platform) -> None:
    platform.hear("nodes", *places())
    for who in (THE_COLLEGE, a_principal("demo.mill", kind="college"), a_principal("demo.hill")):
        offer = platform.by(who, "offer_endorsement", {"kind": "issuer", "of": LIBRARY, "comment": COMMENT}).body
        platform.call("decide_endorsement", {"accepted": True}, endorsement=offer["id"])
    learner(platform, 12)
    document = json.loads(public(platform, made(platform).body).body)
    found = platform.verified(document)
    assert {found[name] for name in ("signature", "status", "issuer", "schema")} == {"valid"}
    verify_data_integrity_proof(document, pem_of(platform), extra_contexts=bundled_clr_contexts())
    inside = document["credentialSubject"]["verifiableCredential"]
    assert {len(each["issuer"]["endorsement"]) for each in inside} == {3}
    for each in (inside[0], inside[-1]):
        assert platform.verified(each)["endorsement"] == "valid"
        judged_by_others(platform, each)


def test_a_library_that_is_not_ours_judges_the_record_and_each_credential_in_it(platform: Platform) -> None:
    learner(platform, 9)
    document = json.loads(public(platform, made(platform).body).body)
    pem = pem_of(platform)
    verify_data_integrity_proof(document, pem, extra_contexts=bundled_clr_contexts())
    for each in document["credentialSubject"]["verifiableCredential"]:
        judged_by_others(platform, each)
    document["credentialSubject"]["verifiableCredential"][3]["name"] = "Something greater"
    with pytest.raises(OB3VerificationError):
        verify_data_integrity_proof(document, pem, extra_contexts=bundled_clr_contexts())


def test_a_chosen_part_says_so_and_all_by_name_does_not(platform: Platform) -> None:
    ids = [each["id"] for each in learner(platform)]
    part = made(platform, credentials=ids[:1]).body
    assert (part["partial"], part["credentials"]) == (True, ids[:1])
    assert found(platform, part)["credential"]["partial"] is True
    assert made(platform, credentials=ids).body["partial"] is False


def test_what_was_revoked_is_left_out_and_cannot_be_asked_for(platform: Platform) -> None:
    earned = learner(platform)
    changed(platform, earned[0], "revoke")
    assert made(platform).body["credentials"] == [earned[1]["id"]]
    refused = refusal(422, made, platform, credentials=[earned[0]["id"]])
    assert refused.errors[0]["field"] == "/credentials/0"


def test_a_record_of_nothing_is_refused(platform: Platform) -> None:
    learner(platform, 0)
    refusal(422, made, platform)


def test_without_consent_nothing_is_signed(platform: Platform) -> None:
    learner(platform)
    platform.hear("consents", consent(WITHDRAWN, 2))
    assert "issue-credentials/demo.riverside" in refusal(409, made, platform).detail
    assert platform.state["records"] == {}


def test_the_same_again_makes_no_twin_and_something_else_does(platform: Platform) -> None:
    ids = [each["id"] for each in learner(platform)]
    first = made(platform)
    again = made(platform, credentials=ids[::-1])
    assert (again.status, again.body) == (200, first.body)
    assert made(platform, name="For the college").body["id"] != first.body["id"]
    platform.hear("completions", completed(7))
    assert made(platform).body["id"] != first.body["id"]
    assert len(platform.state["records"]) == 3


def test_too_many_at_a_time_are_refused_until_one_is_taken_back(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.credentials.domain.clr.MOST_OPEN", 1)
    learner(platform)
    first = made(platform).body
    refusal(409, made, platform, name="Another")
    platform.call("withdraw_record", patron=PATRON, record=first["id"])
    assert made(platform, name="Another").body["status"] == "issued"


def test_a_name_with_control_characters_is_refused_by_its_place(platform: Platform) -> None:
    learner(platform)
    refused = refusal(422, platform.call, "make_record", {"name": "a\ufffeb"}, patron=PATRON)
    assert refused.errors[0]["field"] == "/name"


# who may

@pytest.mark.parametrize("node", ["demo.hillside", "demo.riverside.central", "elsewhere"])
def test_another_library_finds_neither_patron_nor_record(platform: Platform, node: str) -> None:
    learner(platform)
    record = made(platform).body
    refusal(404, made, platform, node)
    refusal(404, platform.call, "list_records", node=node, patron=PATRON)
    refusal(404, found, platform, record, node)
    refusal(404, platform.call, "withdraw_record", node=node, patron=PATRON, record=record["id"])
    assert public(platform, record).status == 200


def test_a_patrons_credentials_are_in_no_record_of_anybody_else(platform: Platform) -> None:
    earned, record = learner(platform), made(platform).body
    platform.hear("patrons", an_event(
        REGISTERED, {"patron": OTHER_PATRON, "registered_at": "2026-11-21T09:00:00.000Z"}, OTHER_PATRON))
    platform.hear("consents", consent(patron=OTHER_PATRON))
    refused = refusal(422, made, platform, patron=OTHER_PATRON, credentials=[earned[0]["id"]])
    assert refused.errors[0]["field"] == "/credentials/0"
    refusal(404, found, platform, record, patron=OTHER_PATRON)


def test_a_learner_makes_and_takes_back_a_record(platform: Platform) -> None:
    learner(platform)
    oneself = a_principal(actor=PATRON, kind="patron")
    record = platform._run("make_record", a_request({"name": "Mine"}, oneself, {"patron": PATRON})).body
    somebody = a_principal(actor=OTHER_PATRON, kind="patron")
    for method in ("get_record", "withdraw_record"):
        refusal(404, platform._run, method, a_request(None, somebody, {"patron": OTHER_PATRON, "record": record["id"]}))
    path = {"patron": PATRON, "record": record["id"]}
    assert platform._run("withdraw_record", a_request(None, oneself, path)).body["status"] == "withdrawn"


# verification

def judged(platform: Platform, document: Any) -> dict[str, Any]:
    body = platform.ask("verify_credential", {"credential": document}).body
    assert not Verification().validate(body)
    return dict(body)


def test_the_record_and_each_credential_in_it_are_judged_by_themselves(platform: Platform) -> None:
    earned = learner(platform, 3)
    document = found(platform, made(platform).body)["credential"]
    inside = document["credentialSubject"]["verifiableCredential"]
    changed(platform, earned[1], "revoke")
    verdicts = judged(platform, document)
    listed = verdicts.pop("contained")
    assert {name: each["verdict"] for name, each in verdicts.items()} == EVERYTHING_VALID
    assert [each["id"] for each in listed] == [each["id"] for each in inside]
    revoked = [each["status"]["verdict"] == "invalid" for each in listed]
    assert revoked == [each["id"] == earned[1]["credential"]["id"] for each in inside]
    token = public(platform, {"public_id": document["id"].rpartition("/")[2]}, form="jws").body.decode()
    assert platform.ask("verify_credential", {"jws": token}).body["contained"] == listed


def test_a_credential_that_was_changed_in_a_record_is_found(platform: Platform) -> None:
    learner(platform)
    document = found(platform, made(platform).body)["credential"]
    document["credentialSubject"]["verifiableCredential"][1]["name"] = "Something greater"
    verdicts = judged(platform, document)
    assert verdicts["signature"]["verdict"] == "invalid"
    assert [each["signature"]["verdict"] for each in verdicts["contained"]] == ["valid", "invalid"]


@pytest.mark.parametrize("inside", [{}, [], None, "text", ["text", None, {}, []], [{"id": 1, "name": []}]])
def test_what_is_no_credential_in_a_record_is_judged_and_raises_nothing(platform: Platform, inside: Any) -> None:
    learner(platform)
    document = found(platform, made(platform).body)["credential"]
    document["credentialSubject"]["verifiableCredential"] = inside
    verdicts = judged(platform, document)
    assert verdicts["signature"]["verdict"] == "invalid"
    assert all(each["signature"]["verdict"] == "invalid" for each in verdicts.get("contained", []))


def test_more_than_are_judged_at_a_time_are_refused(platform: Platform) -> None:
    learner(platform)
    document = found(platform, made(platform).body)["credential"]
    document["credentialSubject"]["verifiableCredential"] = [{"id": "urn:x:1"}] * 101
    assert "one by one" in refusal(422, judged, platform, document).detail


def test_few_records_are_judged_at_the_same_time(platform: Platform) -> None:
    learner(platform)
    document = found(platform, made(platform).body)["credential"]
    with verifications._place([document]), verifications._place([document]):
        assert refusal(503, judged, platform, document).headers["Retry-After"] == "1"
    assert judged(platform, document)["contained"]


# its address

def test_its_address_gives_json_jws_and_sends_people_to_the_page(platform: Platform) -> None:
    learner(platform)
    record = made(platform).body
    token = public(platform, record, form="jws")
    assert (token.media_type, token.body.count(b".")) == ("application/jwt", 2)
    verdicts = platform.ask("verify_credential", {"jws": token.body.decode()}).body
    assert {name: verdicts[name]["verdict"] for name in EVERYTHING_VALID} == EVERYTHING_VALID
    browser = public(platform, record, {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (browser.status, browser.headers["Location"]) == (303, record["page_url"])
    again = public(platform, record, {"If-None-Match": public(platform, record).headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_what_was_taken_back_is_gone_for_everybody_and_its_copies_are_told_apart(platform: Platform) -> None:
    learner(platform)
    record = made(platform).body
    document = found(platform, record)["credential"]
    withdrawn = platform.call("withdraw_record", patron=PATRON, record=record["id"]).body
    assert calls.LearnerRecord().load(withdrawn)
    assert platform.call("withdraw_record", patron=PATRON, record=record["id"]).body == withdrawn
    refusal(410, public, platform, record)
    assert "credential" not in found(platform, record)
    assert platform.state["records"][record["id"]]["document"] is None
    bits = json.loads(status_list(platform, document).body)["credentialSubject"]["encodedList"]
    assert set_indices(decode_encoded_list(bits)) == {int(document["credentialStatus"]["statusListIndex"])}
    assert judged(platform, document)["status"]["verdict"] == "invalid"
    for each in document["credentialSubject"]["verifiableCredential"]:
        assert platform.verified(each) == EVERYTHING_VALID
    assert made(platform).body["id"] != record["id"]


def test_an_address_that_there_is_not_is_not_found(platform: Platform) -> None:
    refusal(404, public, platform, {"public_id": "abc"})


def test_records_come_page_by_page_without_their_text(platform: Platform) -> None:
    learner(platform)
    ids = [made(platform, name=f"number {number}").body["id"] for number in range(3)]
    first = platform.call("list_records", query={"limit": 2}, patron=PATRON).body
    second = platform.call("list_records", query={"limit": 2, "cursor": first["next"]}, patron=PATRON).body
    assert [each["id"] for each in first["items"] + second["items"]] == ids
    assert second["next"] is None
    assert not any("credential" in each for each in first["items"])


# erasure, and what is held

def test_an_erasure_takes_records_and_leaves_what_answers_410(platform: Platform) -> None:
    learner(platform)
    record = made(platform).body
    taken_back = made(platform, name="Another").body
    platform.call("withdraw_record", patron=PATRON, record=taken_back["id"])
    document = found(platform, record)["credential"]
    platform.hear("patrons", erased())
    assert platform.state["records"] == {}
    refusal(410, public, platform, record)
    refusal(410, public, platform, taken_back)
    refusal(404, made, platform)
    found_status = platform.ask("verify_credential", {"credential": document}).body["status"]
    assert (found_status["verdict"], "erased" in found_status["reason"]) == ("unknown", True)


def test_what_is_held_shows_records(platform: Platform) -> None:
    learner(platform)
    record = made(platform).body
    work: Any = MemoryWork(COLLECTIONS, "credentials", platform.state)
    holdings = {each.collection.name: each for each in platform.service.held(PATRON, a_principal(), work)}
    assert [each["_id"] for each in holdings["records"].records] == [record["id"]]
    assert "records that you made" in holdings["records"].what
