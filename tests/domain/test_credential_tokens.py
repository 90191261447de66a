"""A credential as compact JWS is judged check by check, like one with embedded proofs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credentials.domain import keys, tokens
from services.credentials.domain.issuers import Book, key_address
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.reading import Unread
from services.credentials.domain.sources import Sources
from services.credentials.domain.verification import Verification, verify_token

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ADDRESS = "https://libranet.example.org"
NODE = "demo.riverside"
RING = tuple(SigningKey.of(keys.make(kind)) for kind in keys.KINDS)
BOOK = Book.of({NODE: RING}, ADDRESS)
DID = "did:web:libranet.example.org:issuers:demo.riverside"
OWN_ID = f"{ADDRESS}/credentials/mfrggzdfmztwq2lkmfrggzdfmy"
STRANGER = ec.generate_private_key(ec.SECP256R1())


def unsigned(**changes: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2",
                     "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": OWN_ID, "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": DID, "type": ["Profile"], "name": "Riverside"}, "validFrom": "2026-11-20T09:00:00.500Z",
        "credentialSubject": {"id": "urn:uuid:1", "type": ["AchievementSubject"]}, **changes}


def signed(key: SigningKey = RING[1], name: str | None = None, **changes: Any) -> str:
    return tokens.sign(unsigned(**changes), key, name or key_address(key, ADDRESS, NODE))


def no_list(address: str) -> object:
    raise Unread("nobody answers")


def judge(text: str, status: str | None = "issued", recorded: Any = ()) -> Verification:
    return verify_token(text, Sources(NOW, BOOK, {OWN_ID: status}.get, no_list, lambda own_id: recorded))


def verdicts(text: str, status: str | None = "issued") -> dict[str, str]:
    judged = judge(text, status).as_dict()
    return {name: judged[name]["verdict"] for name in ("signature", "dates", "status", "issuer")}


def payload_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
    return found


@pytest.mark.parametrize("key", RING, ids=lambda key: key.kind)
def test_a_token_by_each_kind_of_our_keys_is_valid_in_all_four(key: SigningKey) -> None:
    text = signed(key, validUntil="2027-11-20T09:00:00Z")
    assert verdicts(text) == dict.fromkeys(("signature", "dates", "status", "issuer"), "valid")
    algorithm = jwt.get_unverified_header(text)["alg"]
    jwt.decode(text, key.public, [algorithm])
    assert payload_of(text)["exp"] == 1826701200


def test_each_check_speaks_for_itself() -> None:
    assert judge(signed(validUntil="2026-11-21T00:00:00Z")).dates.verdict == "invalid"
    assert judge(signed(), "revoked").status.verdict == "invalid"
    assert judge(signed(), None).status.verdict == "unknown"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_token_is_not_valid(part: int) -> None:
    pieces = signed().split(".")
    raw = bytearray(urlsafe_b64decode(pieces[part] + "=="))
    place = raw.find(b"Riverside") if part == 1 else len(raw) // 2
    raw[place] ^= 1
    pieces[part] = urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert judge(".".join(pieces)).signature.verdict != "valid"


@pytest.mark.parametrize("claims", [
    {"iss": "did:web:other.example"}, {"jti": "urn:x:other"}, {"sub": "urn:x:other"}, {"nbf": 1}, {"nbf": True},
    {"exp": 4102444800}, {"iss": None}, {"nbf": "2026-11-20T09:00:00Z"}])
def test_a_claim_that_contradicts_the_credential_is_invalid(claims: dict[str, Any]) -> None:
    found = judge(forged({**payload_of(signed()), **claims})).signature
    assert found.verdict == "invalid"
    assert next(iter(claims)) in found.reason


@pytest.mark.parametrize("claim", ["iss", "jti", "sub", "nbf"])
def test_a_claim_that_is_missing_is_invalid(claim: str) -> None:
    payload = {name: value for name, value in payload_of(signed()).items() if name != claim}
    assert judge(forged(payload)).signature.verdict == "invalid"


def test_an_end_has_to_be_claimed() -> None:
    payload = payload_of(signed(validUntil="2027-11-20T09:00:00Z"))
    del payload["exp"]
    assert judge(forged(payload)).signature.verdict == "invalid"


def test_fractions_of_a_second_in_a_claim_are_no_contradiction() -> None:
    payload = payload_of(signed())
    assert judge(forged({**payload, "nbf": payload["nbf"] + 0.5})).signature.verdict == "valid"


def forged(payload: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """Any payload, signed with our RSA key as it should be."""
    key = RING[1]
    header = header or {"alg": "RS256", "kid": key_address(key, ADDRESS, NODE), "typ": "JWT"}
    parts = b".".join(encoded(json.dumps(each).encode()) for each in (header, payload))
    return b".".join((parts, encoded(key.sign(parts)))).decode()


def encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


@pytest.mark.parametrize(("header", "verdict"), [
    ({"alg": "none"}, "invalid"), ({"alg": "HS256", "kid": "x"}, "unknown"), ({"alg": "PS256", "kid": "x"}, "unknown"),
    ({"alg": "ES256", "kid": key_address(RING[1], ADDRESS, NODE)}, "invalid"),
    ({"alg": "RS256"}, "unknown"), ({"alg": "RS256", "kid": "https://college.example/keys/1"}, "unknown"),
    ({"alg": "RS256", "kid": 7}, "unknown"), ({"alg": "RS256", "kid": "did:key:zDnaenot"}, "invalid"),
    ({"alg": "RS256", "jwk": {"kty": "oct", "k": "AAAA"}}, "invalid"), ({"alg": "RS256", "jwk": {}}, "invalid"),
    ({"alg": "RS256", "crit": ["b64"], "b64": False, "kid": "x"}, "invalid"), ({"kid": "x"}, "invalid")])
def test_a_header_that_leads_to_no_key_of_ours_is_never_valid(header: dict[str, Any], verdict: str) -> None:
    assert judge(forged(unsigned(), header)).signature.verdict == verdict


def test_a_key_that_comes_with_the_token_proves_no_issuer() -> None:
    claims = {name: value for name, value in payload_of(signed()).items() if name in tokens.CLAIMS}
    text = jwt.encode({**unsigned(), **claims}, STRANGER, "ES256", {"jwk": keys.jwk(STRANGER.public_key())})
    found = judge(text)
    assert (found.signature.verdict, found.issuer.verdict) == ("valid", "invalid")


@pytest.mark.parametrize("private", [rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP384R1())])
def test_a_short_key_or_one_of_another_curve_is_not_read(private: Any) -> None:
    jose = jwt.algorithms.RSAAlgorithm if isinstance(private, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    attached = jose.to_jwk(private.public_key(), as_dict=True)
    assert judge(forged(unsigned(), {"alg": "RS256", "jwk": attached})).signature.verdict == "invalid"


def test_a_private_key_in_a_header_is_not_taken() -> None:
    attached = jwt.algorithms.ECAlgorithm.to_jwk(STRANGER, as_dict=True)
    assert judge(forged(unsigned(), {"alg": "ES256", "jwk": attached})).signature.verdict == "invalid"


def test_a_did_key_of_p_256_is_read_and_speaks_for_itself_alone() -> None:
    key = SigningKey.of(STRANGER)
    mine = judge(signed(key, key.method, issuer={"id": key.did, "type": ["Profile"]}))
    assert (mine.signature.verdict, mine.issuer.verdict) == ("valid", "unknown")
    assert judge(signed(key, key.method)).issuer.verdict == "invalid"


def test_a_wrapped_credential_of_the_older_data_model_is_not_read() -> None:
    assert "vc claim" in judge(forged({"iss": DID, "vc": unsigned()})).signature.reason


def test_of_a_compromised_key_only_what_is_on_record_is_valid() -> None:
    marked = Book.of({NODE: tuple(replace(key, compromised_at="2026-11-21T00:00:00Z") for key in RING)}, ADDRESS)
    kept = {**unsigned(), "proof": []}
    other = {**kept, "name": "Other"}
    for record, verdict in (([kept], "valid"), ([other, kept], "valid"), ([other], "unknown"), ([], "unknown")):
        found = verify_token(signed(), Sources(NOW, marked, {}.get, no_list, lambda own_id, given=record: given))
        assert found.signature.verdict == verdict


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from([*signed().split("."), "", "e30", "bnVsbA", "W10", "é"]),
                                       max_size=4).map(".".join))
def test_no_text_raises_and_none_is_valid_but_the_one_that_was_signed(text: str) -> None:
    found = judge(text)
    assert found.signature.verdict != "valid" or text == signed()
