"""A proof that continues another one covers that one too; what it names has to be there, and each has to hold."""

from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from pyld import jsonld

from contracts.standards import contexts
from services.credentials.domain import didkeys, proofs
from services.credentials.domain.keys import SigningKey
from tests.domain.test_credential_verification import KEY, STRANGER, judge, unsigned

FIRST, SECOND = "urn:uuid:0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e01", "urn:uuid:0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e02"
CREATED = "2026-11-20T09:00:00Z"


def canonical(document: dict[str, Any], suite: str) -> bytes:
    """By libraries that are not ours."""
    if suite == proofs.JCS:
        return rfc8785.dumps(document)
    return str(jsonld.normalize(document, {
        "algorithm": "URDNA2015", "format": "application/n-quads",
        "documentLoader": lambda url, _: {"contextUrl": None, "documentUrl": url, "document": contexts()[url]},
    })).encode()


def proof(key: SigningKey, suite: str, *before: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Over the document and the proofs before (Data Integrity 1.0, 4.3)."""
    options = {"type": "DataIntegrityProof", "cryptosuite": suite, "created": CREATED,
               "verificationMethod": key.method, "proofPurpose": "assertionMethod", **members}
    covered = {**unsigned(), **({"proof": list(before)} if before else {})}
    seen = {**options, "@context": covered["@context"]} if suite == proofs.RDFC else options
    digests = sha256(canonical(seen, suite)).digest() + sha256(canonical(covered, suite)).digest()
    return {**options, "proofValue": didkeys.encode_base58(key.sign(digests))}


def signature(*listed: dict[str, Any]) -> tuple[str, str]:
    verdict = judge({**unsigned(), "proof": list(listed)}).signature
    return verdict.verdict, verdict.reason


@pytest.fixture(params=proofs.SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_chain_holds_whether_one_or_several_are_continued_and_in_any_order(suite: str) -> None:
    first, second = proof(KEY, suite, id=FIRST), proof(KEY, suite, id=SECOND)
    by_name = proof(STRANGER, suite, first, previousProof=FIRST)
    by_list = proof(STRANGER, suite, first, second, previousProof=[SECOND, FIRST])
    for listed in ((first, by_name), (by_name, first), (first, second, by_list)):
        assert signature(*listed)[0] == "valid"


def test_a_chain_of_three_holds(suite: str) -> None:
    first = proof(KEY, suite, id=FIRST)
    second = proof(STRANGER, suite, first, id=SECOND, previousProof=FIRST)
    assert signature(first, second, proof(KEY, suite, second, previousProof=[SECOND]))[0] == "valid"


def test_what_a_proof_continues_has_to_be_there_once(suite: str) -> None:
    first = proof(KEY, suite, id=FIRST)
    last = proof(STRANGER, suite, first, previousProof=FIRST)
    twin = proof(STRANGER, suite, id=FIRST)
    partly = proof(STRANGER, suite, first, previousProof=[FIRST, SECOND])
    for listed in ((last,), (first, twin, last), (first, partly), (first, twin, partly)):
        assert signature(*listed) == (
            "invalid", "One of its proofs continues another one that is not there, or is there twice.")


@pytest.mark.parametrize("named", [None, 7, [], [None], [7, FIRST], {"id": FIRST}, [[FIRST]]])
def test_what_a_proof_continues_is_named_by_its_id(suite: str, named: object) -> None:
    first = proof(KEY, suite, id=FIRST)
    last = {**proof(STRANGER, suite, first, previousProof=FIRST), "previousProof": named}
    assert signature(first, last)[0] == "invalid"


def test_a_proof_that_was_exchanged_after_it_was_continued_shows(suite: str) -> None:
    first, other = proof(KEY, suite, id=FIRST), proof(STRANGER, suite, id=FIRST)
    assert signature(other)[0] == "valid"
    assert signature(other, proof(STRANGER, suite, first, previousProof=FIRST))[0] == "invalid"


def test_a_chain_whose_first_proof_does_not_hold_is_broken(suite: str) -> None:
    first = {**proof(KEY, suite, id=FIRST), "created": "2026-11-20T10:00:00Z"}
    assert signature(first, proof(STRANGER, suite, first, previousProof=FIRST))[0] == "invalid"


def test_a_proof_of_an_unknown_kind_cannot_be_told_to_hold(suite: str) -> None:
    first = {**proof(KEY, suite, id=FIRST), "cryptosuite": "ecdsa-rdfc-2019"}
    last = proof(STRANGER, suite, first, previousProof=FIRST)
    assert signature(first, last) == (
        "unknown", "One of its proofs continues another one of a kind that is not checked here.")


def test_a_proof_cannot_continue_itself(suite: str) -> None:
    own = proof(KEY, suite, id=FIRST, previousProof=FIRST)
    assert signature(own)[0] == "invalid"
    assert signature(own, proof(STRANGER, suite, own, previousProof=FIRST))[0] == "invalid"
