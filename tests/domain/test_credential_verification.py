"""Signature, dates, status and issuer are judged each by itself; `unknown` is never yes; nothing raises."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credentials.domain import didkeys, guard, proofs, status_lists
from services.credentials.domain.issuers import Book
from services.credentials.domain.reading import Unread
from services.credentials.domain.sources import Sources
from services.credentials.domain.verification import Verification, verify

KEY = proofs.SigningKey.of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = proofs.SigningKey.of(Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KNOWN = Book({KEY.did: "demo.riverside"}, {})
OWN_ID = "https://libranet.example.org/credentials/mfrggzdfmztwq2lkmfrggzdfmy"
CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]


def unsigned(**changes: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXTS, "id": "https://college.example/c/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": STRANGER.did, "type": ["Profile"], "name": "Lakeside"},
        "validFrom": "2026-11-20T09:00:00Z",
        "credentialSubject": {
            "id": "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH", "type": ["AchievementSubject"],
            "achievement": {"id": "urn:x:a", "type": ["Achievement"], "name": "Welding",
                            "description": "Welds.", "criteria": {"narrative": "Weld."}}},
        **changes}


def signed(key: proofs.SigningKey = STRANGER, **changes: Any) -> dict[str, Any]:
    return proofs.add_proofs(unsigned(**changes), key, "2026-11-20T09:00:00Z")


def judge(document: object, statuses: dict[str, str] | None = None,
          lists: dict[str, object] | None = None) -> Verification:
    def read_list(url: str) -> object:
        if url not in (lists or {}):
            raise Unread("nobody answers")
        return (lists or {})[url]

    return verify(document, Sources(NOW, KNOWN, (statuses or {}).get, read_list, lambda own_id: []))


def own() -> dict[str, Any]:
    return signed(KEY, id=OWN_ID, issuer={"id": KEY.did, "type": ["Profile"], "name": "Riverside"})


SAMPLE = signed()


def test_our_own_credential_is_valid_in_all_four() -> None:
    verdicts = judge(own(), {OWN_ID: "issued"}).as_dict()
    assert {name: each["verdict"] for name, each in verdicts.items()} == dict.fromkeys(
        ("signature", "dates", "status", "issuer", "schema"), "valid") | {"endorsement": "unknown"}


def test_a_strangers_credential_is_signed_well_and_its_issuer_unknown() -> None:
    found = judge(SAMPLE)
    assert (found.signature.verdict, found.dates.verdict, found.issuer.verdict) == ("valid", "valid", "unknown")
    assert found.status.verdict == "valid"
    assert "publishes no status" in found.status.reason


def test_a_proof_may_be_an_object_or_a_list() -> None:
    assert judge({**SAMPLE, "proof": SAMPLE["proof"][0]}).signature.verdict == "valid"


def test_an_issuer_that_is_only_an_address_is_read() -> None:
    assert judge(signed(issuer=STRANGER.did)).signature.verdict == "valid"


@pytest.mark.parametrize("change", [
    {"name": "Another"}, {"validFrom": "2026-11-19T09:00:00Z"}, {"issuer": KEY.did}, {"id": OWN_ID}])
def test_a_changed_credential_has_an_invalid_signature(change: dict[str, Any]) -> None:
    assert judge({**SAMPLE, **change}).signature.verdict == "invalid"


def test_a_member_that_no_context_defines_is_not_covered_by_the_signature() -> None:
    found = judge({**SAMPLE, "grade": "A"}).signature
    assert found.verdict == "invalid"
    assert "'grade'" in found.reason


def test_a_member_added_deep_down_is_not_covered_either() -> None:
    changed = copy.deepcopy(SAMPLE)
    changed["credentialSubject"]["achievement"]["criteria"]["passed"] = True
    assert "'passed'" in judge(changed).signature.reason


@pytest.mark.parametrize("words", [{"@language": "convicted of fraud"}, {"@value": None, "@language": "convicted"}])
def test_words_that_json_ld_leaves_out_do_not_slip_by(words: dict[str, Any]) -> None:
    [rdfc, _] = SAMPLE["proof"]
    changed = {**copy.deepcopy(SAMPLE), "proof": [rdfc]}
    changed["credentialSubject"]["narrative"] = words
    assert judge(changed).signature.verdict == "invalid"
    assert judge({**SAMPLE, "proof": [{**rdfc, "nonce": words}]}).signature.verdict == "invalid"


def test_a_subject_added_at_an_address_that_rdf_drops_does_not_slip_by() -> None:
    added = {**copy.deepcopy(SAMPLE["credentialSubject"]), "id": "https://x.example/\u3000"}
    assert judge({**SAMPLE, "credentialSubject": [SAMPLE["credentialSubject"], added]}).signature.verdict == "invalid"


def test_an_end_that_is_spelled_as_a_whole_address_does_not_slip_by() -> None:
    expired = signed(validUntil="2026-11-20T10:00:00Z")
    assert judge(expired).dates.verdict == "invalid"
    end = expired.pop("validUntil")
    expired["https://www.w3.org/2018/credentials#validUntil"] = {
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": end}
    assert judge(expired).signature.verdict == "unknown"


def test_a_valid_proof_by_another_key_does_not_speak_for_the_issuer() -> None:
    forged = signed(STRANGER, issuer=KEY.did)
    forged["proof"].append({"type": "Ed25519Signature2020", "verificationMethod": KEY.method})
    found = judge(forged)
    assert (found.signature.verdict, found.issuer.verdict) == ("valid", "invalid")


def test_one_bad_proof_among_good_ones_is_enough() -> None:
    bad = {**SAMPLE["proof"][0], "created": "2026-11-20T09:00:01Z"}
    assert judge({**SAMPLE, "proof": [SAMPLE["proof"][0], bad]}).signature.verdict == "invalid"


@pytest.mark.parametrize(("proof", "verdict", "named"), [
    ({"type": "Ed25519Signature2020"}, "unknown", "Ed25519Signature2020"),
    ({"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"}, "unknown", "ecdsa-sd-2023"),
    ({**SAMPLE["proof"][0], "verificationMethod": "did:web:college.example#key-1"}, "unknown", "did:web"),
    ({**SAMPLE["proof"][0], "verificationMethod": "https://college.example/keys/1"}, "unknown", "nothing is fetched"),
    ({**SAMPLE["proof"][0], "verificationMethod": "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"},
     "invalid", "not an Ed25519 key"),
    ({**SAMPLE["proof"][0], "verificationMethod": 7}, "invalid", "verificationMethod"),
    ({**SAMPLE["proof"][0], "proofValue": "uABC"}, "invalid", "base58btc"),
    ({**SAMPLE["proof"][0], "proofPurpose": "authentication"}, "invalid", "purpose"),
    ({**SAMPLE["proof"][0], "previousProof": "urn:x"}, "invalid", "not there"),
    ({**SAMPLE["proof"][0], "expires": "2026-11-20T10:00:00Z"}, "invalid", "expired"),
    ([], "invalid", "no proof"), (None, "invalid", "no proof"), ("x", "invalid", "no proof"),
    ([SAMPLE["proof"][0]] * 5, "unknown", "up to 4")])
def test_what_cannot_be_checked_is_unknown_and_what_is_broken_is_invalid(
        proof: object, verdict: str, named: str) -> None:
    found = judge({**SAMPLE, "proof": proof}).signature
    assert found.verdict == verdict
    assert named in found.reason


@pytest.mark.parametrize("contexts", [
    [CONTEXTS[0], "https://example.org/own/v1"], ["https://www.w3.org/2018/credentials/v1"],
    [CONTEXTS[0], {"extra": "https://example.org/extra"}], CONTEXTS * 5])
def test_a_context_that_is_not_kept_makes_the_signature_unknown(contexts: list[Any]) -> None:
    assert judge({**SAMPLE, "@context": contexts}).signature.verdict == "unknown"


@pytest.mark.parametrize(("changes", "verdict", "named"), [
    ({"validFrom": "2027-01-01T00:00:00Z"}, "invalid", "only from"),
    ({"validFrom": "2026-11-20T09:00:00"}, "invalid", "zone"),
    ({"validFrom": "2026-02-30T09:00:00Z"}, "invalid", "zone"),
    ({"validUntil": "2026-11-21T12:00:00Z"}, "invalid", "expired"),
    ({"validUntil": "2027-11-21T14:00:00+02:00"}, "valid", "until"),
    ({"validUntil": {"@value": "2027-11-21T14:00:00Z"}}, "invalid", "zone")])
def test_dates_are_judged_by_themselves(changes: dict[str, Any], verdict: str, named: str) -> None:
    found = judge({**SAMPLE, **changes}).dates
    assert found.verdict == verdict
    assert named in found.reason


def test_without_valid_from_the_dates_are_invalid() -> None:
    assert judge({key: value for key, value in SAMPLE.items() if key != "validFrom"}).dates.verdict == "invalid"


@pytest.mark.parametrize(("status", "verdict"), [
    ("issued", "valid"), ("revoked", "invalid"), ("suspended", "invalid"), ("erased", "unknown")])
def test_the_status_of_our_own_comes_from_our_record(status: str, verdict: str) -> None:
    assert judge(own(), {OWN_ID: status}).status.verdict == verdict


def test_a_credential_in_our_name_that_is_not_on_record_is_unknown() -> None:
    assert judge(own()).status.verdict == "unknown"


def test_a_status_list_that_is_not_read_is_unknown_and_never_not_revoked() -> None:
    entry = {"id": "https://college.example/s#1", "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
             "statusListIndex": "1", "statusListCredential": "https://college.example/s"}
    found = judge(signed(credentialStatus=entry))
    assert (found.signature.verdict, found.status.verdict) == ("valid", "unknown")


LIST = "https://college.example/s"


def entry(**changes: Any) -> dict[str, Any]:
    return {"id": f"{LIST}#7", "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": "7", "statusListCredential": LIST, **changes}


def status_list(bits: list[int], key: proofs.SigningKey = STRANGER, about: dict[str, Any] | None = None,
                **changes: Any) -> dict[str, Any]:
    unsigned_list = status_lists.list_credential(LIST, "revocation", bits, key.did, NOW, NOW)
    subject = {**unsigned_list["credentialSubject"], **(about or {})}
    return proofs.add_proofs({**unsigned_list, "credentialSubject": subject, **changes}, key, "2026-11-21T12:00:00Z")


@pytest.mark.parametrize(("bits", "verdict", "named"), [
    ([], "valid", "Not revoked, by its issuer's list"), ([6, 8], "valid", "Not revoked"), ([7], "invalid", "revoked")])
def test_a_strangers_list_is_read(bits: list[int], verdict: str, named: str) -> None:
    found = judge(signed(credentialStatus=entry()), lists={LIST: status_list(bits)}).status
    assert found.verdict == verdict
    assert named in found.reason


def test_of_two_lists_the_worse_counts() -> None:
    entries = [entry(), entry(id=f"{LIST}/2#7", statusListCredential=f"{LIST}/2", statusPurpose="suspension")]
    two = status_list([7], about={"id": f"{LIST}/2#list", "statusPurpose": "suspension"}, id=f"{LIST}/2")
    document = signed(credentialStatus=entries)
    assert "suspended" in judge(document, lists={LIST: status_list([]), f"{LIST}/2": two}).status.reason
    assert judge(document, lists={LIST: status_list([])}).status.verdict == "unknown"
    assert judge(document, lists={LIST: status_list([7])}).status.verdict == "invalid"


@pytest.mark.parametrize("found", [
    status_list([], KEY), status_list([], id="https://college.example/other"),
    status_list([], validUntil="2026-11-21T11:59:59Z"), {**status_list([]), "name": "changed"},
    {**status_list([7]), "credentialSubject": status_list([])["credentialSubject"]},
    {**status_list([]), "proof": []}, {key: each for key, each in status_list([]).items() if key != "proof"},
    {**status_list([], KEY), "issuer": STRANGER.did},
    status_list([], about={"statusPurpose": "suspension"}), status_list([], about={"encodedList": "uAAAA"}),
    status_list([], type=["VerifiableCredential"]), None, [], "x", {}, {"type": "BitstringStatusListCredential"}])
def test_a_list_that_is_not_to_be_believed_is_unknown(found: object) -> None:
    assert judge(signed(credentialStatus=entry()), lists={LIST: found}).status.verdict == "unknown"


@pytest.mark.parametrize(("change", "verdict"), [
    ({"type": "StatusList2021Entry"}, "unknown"), ({"statusPurpose": "message"}, "unknown"),
    ({"statusSize": 2}, "unknown"), ({"statusListIndex": "131072"}, "unknown"), ({"statusListIndex": 7}, "invalid"),
    ({"statusListIndex": "-7"}, "invalid"), ({"statusListCredential": None}, "invalid"),
    ({"statusPurpose": ["revocation"]}, "invalid")])
def test_an_entry_that_is_not_read_never_says_not_revoked(change: dict[str, Any], verdict: str) -> None:
    document = {**SAMPLE, "credentialStatus": {**entry(), **change}}
    assert judge(document, lists={LIST: status_list([])}).status.verdict == verdict


def test_an_erased_credential_that_was_revoked_stays_revoked() -> None:
    document = signed(KEY, id=OWN_ID, issuer=KEY.did, credentialStatus=entry())
    assert judge(document, {OWN_ID: "erased"}, {LIST: status_list([7], KEY)}).status.verdict == "invalid"
    assert judge(document, {OWN_ID: "erased"}, {LIST: status_list([], KEY)}).status.verdict == "unknown"


@pytest.mark.parametrize("document", [None, 1, "x", [], [{}], {}, {"proof": {}}, {"issuer": None}])
def test_what_is_no_credential_is_invalid_and_raises_nothing(document: object) -> None:
    assert judge(document).signature.verdict == "invalid"
    assert judge(document).issuer.verdict == "invalid"


def test_a_document_of_endless_depth_is_not_judged_and_ends_nothing() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert judge({**SAMPLE, "evidence": deep}).signature.verdict == "unknown"


def test_a_document_of_countless_members_is_not_judged() -> None:
    assert judge({**SAMPLE, "evidence": [{"id": f"urn:x:{n}"} for n in range(guard.LIMITS.members)]}
                 ).signature.verdict == "unknown"


def test_a_list_that_calls_itself_a_record_may_be_no_larger_for_it() -> None:
    large = {"type": ["VerifiableCredential", "BitstringStatusListCredential", guard.RECORD_TYPE],
             "evidence": [{"id": f"urn:x:{n}"} for n in range(guard.LIMITS.members)]}
    found = judge(signed(credentialStatus=entry()), lists={LIST: {**status_list([]), **large}}).status
    assert found.verdict == "unknown"
    assert f"{guard.LIMITS.members} members" in found.reason


def test_nodes_that_all_look_alike_do_not_keep_the_service_busy() -> None:
    same = [{"type": ["AchievementSubject"], "identifier": [{"type": "IdentityObject", "hashed": False}]}
            for _ in range(12)]
    assert judge({**SAMPLE, "credentialSubject": same}).signature.verdict == "unknown"


def test_nodes_that_look_alike_and_stand_alone_can_be_told_in_any_number() -> None:
    same = [{"type": ["Evidence"], "name": "the same"} for _ in range(12)]
    assert judge({**SAMPLE, "evidence": same}).signature.verdict == "invalid"


def test_a_did_key_is_written_as_the_method_has_it() -> None:
    raw = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    assert didkeys.did_of(raw) == "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"  # did:key, seed 0…0
    assert didkeys.public_key_of(didkeys.method_of(didkeys.did_of(raw))).public_bytes_raw() == raw


@given(st.binary(max_size=40))
def test_base58_gives_back_what_it_got(raw: bytes) -> None:
    assert didkeys.decode_base58(didkeys.encode_base58(raw)) == raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["_:b0", "did:key:z", "@id", "2026-11-21T00:00:00Z", "https://x.example/a b", KEY.method]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["id", "type", "@context", "@graph", "@value", "@id", "proof", "issuer"]),
        inner, max_size=4), max_leaves=12)


def places(node: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from places(value, (*path, index))


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.copy(document)
    changed[path[0]] = put(document[path[0]], path[1:], value)
    return changed


@settings(max_examples=250, deadline=None)
@given(place=st.sampled_from(list(places(SAMPLE))), value=JSON)
def test_no_mutation_raises_and_none_stays_valid_unless_it_says_the_same(place: tuple[Any, ...], value: Any) -> None:
    mutated = put(SAMPLE, place, value)
    found = judge(mutated)
    for verdict in found.as_dict().values():
        assert verdict["verdict"] in ("valid", "invalid", "unknown")
        json.dumps(verdict).encode()
    if found.signature.verdict == "valid":
        assert mutated == SAMPLE or place[:1] in (("proof",), ("@context",)) or value in (None, [], [[]])


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_no_json_at_all_raises(document: Any) -> None:
    judge(document)
