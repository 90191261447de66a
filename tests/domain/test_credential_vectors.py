"""The test vectors of the standard (W3C Recommendation "Data Integrity EdDSA Cryptosuites v1.0", appendix B: B.1 for
eddsa-rdfc-2022, B.2 for eddsa-jcs-2022), made again byte for byte. Keys, times and signatures are the standard's."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.standards import contexts
from services.credentials.domain import didkeys, proofs
from services.credentials.domain.keys import SigningKey

SECRET_KEY = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
PUBLIC_KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
PREFIX_BYTES = 2
CREATED = "2023-02-24T23:36:38Z"
EXAMPLES = "https://www.w3.org/ns/credentials/examples"
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2", f"{EXAMPLES}/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential", "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678", "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"}}
SIGNATURES = {
    proofs.RDFC: "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme",
    proofs.JCS: "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"}


@pytest.fixture
def key() -> SigningKey:
    secret = didkeys.decode_base58(SECRET_KEY)[PREFIX_BYTES:]
    return SigningKey.of(Ed25519PrivateKey.from_private_bytes(secret))


@pytest.fixture
def signed(key: SigningKey) -> Iterator[dict[str, Any]]:
    """With the two terms of the examples' context, which says by one rule what they mean."""
    words = ("AlumniCredential", "alumniOf")
    contexts()[f"{EXAMPLES}/v2"] = {"@context": {word: f"{EXAMPLES}#{word}" for word in words}}
    yield proofs.add_proofs(CREDENTIAL, key, CREATED)
    del contexts()[f"{EXAMPLES}/v2"]


def test_the_key_is_the_standards(key: SigningKey) -> None:
    assert key.did == f"did:key:{PUBLIC_KEY}"


@pytest.mark.parametrize("suite", proofs.SUITES)
def test_the_proof_is_the_standards(signed: dict[str, Any], suite: str) -> None:
    [made] = [each for each in signed["proof"] if each["cryptosuite"] == suite]
    own_context = {"@context": CREDENTIAL["@context"]} if suite == proofs.JCS else {}
    assert made == {
        "type": "DataIntegrityProof", "cryptosuite": suite, "created": CREATED, "proofPurpose": "assertionMethod",
        "verificationMethod": f"did:key:{PUBLIC_KEY}#{PUBLIC_KEY}", "proofValue": SIGNATURES[suite], **own_context}


@pytest.mark.parametrize("suite", proofs.SUITES)
def test_the_proof_holds(signed: dict[str, Any], key: SigningKey, suite: str) -> None:
    [made] = [each for each in signed["proof"] if each["cryptosuite"] == suite]
    public = didkeys.public_key_of(key.method)
    assert proofs.holds(CREDENTIAL, made, public)
    assert not proofs.holds({**CREDENTIAL, "name": "Another"}, made, public)
