"""Names and keys of issuers as strangers find them, and credentials as JWS."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from jwt import PyJWK
from marshmallow import ValidationError
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from contracts.calls import credentials as calls
from contracts.calls.verification import VerifyCredential
from libranet.clock import now, parse_rfc3339
from libranet.problems import Refusal
from services.credentials.domain import issuers, keys, proofs
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    ISSUER,
    Platform,
    changed,
    completed,
    issued_and_shared,
    judged_by_others,
    platform,
    status_list,
    verdicts,
)

__all__ = ["platform"]


# keys

def test_behind_a_public_https_address_an_issuer_is_a_did_web_whose_document_others_resolve(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    assert credential["issuer"]["id"] == ISSUER
    document = json.loads(platform.ask("get_issuer_did", node="demo.riverside").body)
    assert document["id"] == ISSUER
    assert credential["proof"][0]["verificationMethod"] in document["assertionMethod"]
    judged_by_others(platform, credential)
    assert platform.verified(credential) == EVERYTHING_VALID


def test_without_one_it_is_a_did_key_and_stays_known_when_there_is_one(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8080")
    credential = issued_and_shared(platform)["credential"]
    assert credential["issuer"]["id"].startswith("did:key:z6Mk")
    OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"]).verify(credential)
    document = json.loads(platform.ask("get_issuer_did", node="demo.riverside").body)
    assert (document["id"], document["assertionMethod"]) == (
        credential["issuer"]["id"], [credential["proof"][0]["verificationMethod"]])
    monkeypatch.setenv("PUBLIC_URL", "https://libranet.example.org")
    found = platform.verified(credential)
    assert (found["signature"], found["issuer"]) == ("valid", "valid")


def test_what_a_retired_key_signed_holds_for_others_and_for_us(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    platform.service.keys.rotate("demo.riverside", keys.ED25519)
    judged_by_others(platform, credential)
    assert platform.verified(credential) == EVERYTHING_VALID
    platform.defined(name="Another")
    platform.hear("completions", completed(6))
    newer = next(each["credential"] for each in platform.listed()["items"] if each["credential"] != credential)
    assert newer["issuer"]["id"] == ISSUER
    assert newer["proof"][0]["verificationMethod"] != credential["proof"][0]["verificationMethod"]
    judged_by_others(platform, newer)


def test_without_https_a_new_key_is_a_new_issuer_and_each_signs_the_list_of_what_it_issued(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8080")
    first = issued_and_shared(platform)
    platform.service.keys.rotate("demo.riverside", keys.ED25519)
    platform.hear("completions", completed(6))
    second = next(each for each in platform.listed()["items"] if each["id"] != first["id"])
    changed(platform, first, "revoke")
    for each in (first, second):
        document = each["credential"]
        listed = json.loads(status_list(platform, document).body)
        assert listed["issuer"] == document["issuer"]["id"]
        assert [proof["verificationMethod"] for proof in listed["proof"]] == [
            proof["verificationMethod"] for proof in document["proof"]]
    assert first["credential"]["issuer"] != second["credential"]["issuer"]
    assert platform.verified(second["credential"]) == EVERYTHING_VALID
    judged_by_others(platform, second["credential"])
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(platform, first["credential"])


def test_of_a_compromised_key_only_what_is_on_record_from_before_is_valid(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    [key] = platform.service.keys.keys_of("demo.riverside")
    forged = proofs.add_proofs(
        {name: each for name, each in credential.items() if name != "proof"} | {"name": "Forged"},
        key.controlled_by(ISSUER), credential["proof"][0]["created"])
    platform.service.keys.mark_compromised("demo.riverside", key.id, now() + timedelta(seconds=1))
    assert platform.verified(credential) == EVERYTHING_VALID
    assert platform.verified(forged)["signature"] == "unknown"
    later = proofs.add_proofs({name: each for name, each in credential.items() if name != "proof"},
                              key.controlled_by(ISSUER), "2099-01-01T00:00:00Z")
    assert platform.verified(later)["signature"] == "invalid"
    document = json.loads(platform.ask("get_issuer_did", node="demo.riverside").body)
    assert [("revoked" in each) for each in document["verificationMethod"]] == [False, True]


def test_another_nodes_key_does_not_speak_for_an_issuer(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    other = issuers.issuer_of("demo.hillside", "Hillside", platform.service.keys.signing_key("demo.hillside"),
                              "https://libranet.example.org")
    unsigned = {name: each for name, each in credential.items() if name != "proof"}
    found = platform.verified(proofs.add_proofs(unsigned, other.key, credential["proof"][0]["created"]))
    assert (found["signature"], found["issuer"]) == ("valid", "invalid")


@pytest.mark.parametrize("kind", keys.KINDS)
def test_every_key_is_read_at_its_own_address_and_in_the_set(platform: Platform, kind: str) -> None:
    key = platform.service.keys.signing_key("demo.riverside", kind)
    [listed] = json.loads(platform.published("https://libranet.example.org/issuers/demo.riverside/jwks.json"))["keys"]
    assert listed["kid"] == f"https://libranet.example.org/issuers/demo.riverside/keys/{key.id}"
    assert not {"d", "p", "q"} & set(listed)
    shown = json.loads(platform.published(listed["kid"]))
    if kind == keys.ED25519:
        assert (shown["id"], shown["publicKeyMultibase"]) == (listed["kid"], key.id)
    else:
        assert shown == listed


def test_a_key_that_an_issuer_does_not_have_is_not_found(platform: Platform) -> None:
    issued_and_shared(platform)
    with pytest.raises(Refusal) as refused:
        platform.ask("get_issuer_key", node="demo.riverside", key="z6Mkother")
    assert refused.value.status == 404


# other forms

def in_form(platform: Platform, shared: dict[str, Any], form: str) -> str:
    answer = platform.call("get_public_credential", public_id=shared["public_id"], query={"form": form})
    assert answer.media_type == "application/jwt"
    return str(answer.body.decode())


def key_named(platform: Platform, token: str) -> Any:
    """The key as a stranger finds it: at the address that the header names."""
    return PyJWK(json.loads(platform.published(jwt.get_unverified_header(token)["kid"]))).key


def test_the_jws_of_1edtech_is_accepted_by_others_with_the_key_at_its_address(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    token = in_form(platform, shared, "jws")
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"], sorted(header)) == ("RS256", "JWT", ["alg", "kid", "typ"])
    read = OB3Verifier(key_named(platform, token)).verify(token)
    assert (read.id, read.issuer.id) == (shared["public_url"], ISSUER)


def test_the_token_for_wallets_is_accepted_by_others_with_the_key_in_the_did_document(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    token = in_form(platform, shared, "jwt_vc_json")
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["kid"].partition("#")[0]) == ("ES256", ISSUER)
    OB3Verifier.for_issuer_did(ISSUER, download=platform.published).verify(token)


def test_a_jws_is_the_credential_with_the_claims_that_follow_from_it(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    payload = jwt.decode(in_form(platform, shared, "jws"), options={"verify_signature": False})
    credential = shared["credential"]
    seconds = int(parse_rfc3339(credential["validFrom"]).timestamp())
    assert {name: payload.pop(name) for name in ("iss", "jti", "sub", "nbf")} == {
        "iss": ISSUER, "jti": credential["id"], "sub": credential["credentialSubject"]["id"], "nbf": seconds}
    assert payload == {name: each for name, each in credential.items() if name != "proof"}


@pytest.mark.parametrize(("accept", "media_type"), [
    (None, "application/vc+ld+json"), ("*/*", "application/vc+ld+json"), ("application/json", "application/vc+ld+json"),
    ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "application/vc+ld+json"), ("", "application/vc+ld+json"),
    ("image/png", "application/vc+ld+json"), (";;;", "application/vc+ld+json"), ("text/plain", "text/plain"),
    ("application/jwt", "application/jwt"), ("application/jwt;q=0.1, application/ld+json", "application/vc+ld+json")])
def test_the_accept_header_chooses_the_form(platform: Platform, accept: str | None, media_type: str) -> None:
    shared = issued_and_shared(platform)
    headers = {} if accept is None else {"Accept": accept}
    answer = platform.call("get_public_credential", public_id=shared["public_id"], headers=headers)
    assert answer.media_type == media_type
    assert answer.body.startswith(b"{" if "json" in media_type else b"ey")
    assert answer.headers["Vary"] == "Accept"


def test_an_unchanged_jws_has_the_same_bytes_and_is_not_sent_again(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    for form in ("jws", "jwt_vc_json"):
        query = {"form": form}
        first = platform.call("get_public_credential", public_id=shared["public_id"], query=query)
        again = platform.call("get_public_credential", public_id=shared["public_id"], query=query,
                              headers={"If-None-Match": first.headers["ETag"]})
        assert again.status == 304


def test_an_address_that_was_passed_on_may_have_collected_parameters() -> None:
    assert calls.PublicCredentialQuery().load({"utm_source": "mail", "form": "jws"}) == {"form": "jws"}
    with pytest.raises(ValidationError):
        calls.PublicCredentialQuery().load({"form": "pdf"})


@pytest.mark.parametrize("form", ["jws", "jwt_vc_json"])
def test_our_own_tokens_are_valid_in_all_four(platform: Platform, form: str) -> None:
    token = in_form(platform, issued_and_shared(platform), form)
    found = platform.ask("verify_credential", {"jws": token}).body
    assert verdicts(found) == EVERYTHING_VALID


@pytest.mark.parametrize("given", [{}, {"credential": {}, "jws": "x"}])
def test_a_verification_takes_one_credential_in_one_form(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VerifyCredential().load(given)
