"""A key proof is accepted or refused in the standard's words, whatever is sent: never an error of ours."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from services.credentials.domain import claims_nonces, claims_proofs
from services.credentials.domain.claims_proofs import PROOF_TYPE
from services.credentials.domain.claims_refusals import UNTELLABLE, ClaimRefused
from tests.wallets.specified import signed

AUDIENCE, NODE = "https://libranet.example.org/issuers/demo.riverside", "demo.riverside"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
KEY = ECKey.generate_key("P-256")
JWK = {name: value for name, value in KEY.as_dict(private=False).items() if name in ("kty", "crv", "x", "y")}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)
NAMES = st.sampled_from(["typ", "alg", "jwk", "kid", "x5c", "crit", "b64", "zip", "key_attestation", "jku"])
MEMBERS = st.sampled_from(["kty", "crv", "x", "y", "d", "k", "n", "e", "use", "key_ops", "kid", "alg", "ext"])
WORDS = st.sampled_from(["EC", "OKP", "RSA", "oct", "P-256", "P-384", "secp256k1", "Ed25519", "X25519", "AQAB", ""])


def judged(header: dict[str, Any], payload: dict[str, Any] | None = None) -> str:
    """`accepted`, or the error that a wallet is told."""
    own = {"aud": AUDIENCE, "iat": int(NOW.timestamp()), "nonce": claims_nonces.make(NODE, NOW)}
    proof = signed({"alg": "ES256", "typ": PROOF_TYPE, **header}, {**own, **(payload or {})}, KEY, "ES256")
    return told({"jwt": [proof]})


def told(proofs: Any) -> str:
    try:
        claims_proofs.holder_of(proofs, AUDIENCE, NODE, NOW)
    except ClaimRefused as refused:
        return refused.error if not UNTELLABLE.search(refused.description) else refused.description
    return "accepted"


def did_jwk(document: Any) -> str:
    return f"did:jwk:{urlsafe_b64encode(json.dumps(document).encode()).rstrip(b'=').decode()}#0"


def test_a_good_one_is_accepted() -> None:
    assert judged({"jwk": JWK}) == judged({"kid": did_jwk(JWK)}) == "accepted"


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, ANY_JSON, max_size=4))
def test_no_header_is_an_error_of_ours(header: dict[str, Any]) -> None:
    assert judged({"jwk": JWK, **header}) in ("accepted", "invalid_proof")


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(MEMBERS, ANY_JSON | WORDS, max_size=6), st.booleans())
def test_no_jwk_is_an_error_of_ours(changes: dict[str, Any], as_did: bool) -> None:
    document = {**JWK, **changes}
    assert judged({"kid": did_jwk(document)} if as_did else {"jwk": document}) in ("accepted", "invalid_proof")


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["aud", "iat", "nonce", "iss", "exp", "nbf", "sub", "jti", "vc"]), ANY_JSON))
def test_no_payload_is_an_error_of_ours(payload: dict[str, Any]) -> None:
    assert judged({"jwk": JWK}, payload) in ("accepted", "invalid_proof", "invalid_nonce")


@pytest.mark.parametrize("iat", [10**400, -(10**400), 10**19, 1e308, -1e308])
def test_a_time_beyond_all_clocks_is_refused(iat: float) -> None:
    assert judged({"jwk": JWK}, {"iat": iat}) == "invalid_proof"


@settings(max_examples=100, deadline=None)
@given(ANY_JSON)
def test_no_proofs_are_an_error_of_ours(proofs: Any) -> None:
    assert told(proofs) == told({"jwt": proofs}) == told({"jwt": [proofs]}) == "invalid_proof"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"[0-9]{1,12}\.[A-Za-z0-9_-]{1,22}\.[a-z2-7]{26}", fullmatch=True))
def test_nobody_makes_up_a_nonce(nonce: str) -> None:
    assert not claims_nonces.is_good(nonce, NODE, NOW)
