"""The entrance for other people's suites issues and verifies as w3c/vc-di-eddsa-test-suite asks; docs/conformance.md
tells how that one is run."""

from typing import Any

import pytest
from werkzeug.test import Client

from services.credentials.domain import proofs
from tests.conformance.__main__ import settings
from tests.conformance.entrance import KEY, entrance, keep

CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d",
    "type": ["VerifiableCredential"], "issuer": KEY.did,
    "credentialSubject": {"id": "urn:uuid:0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e01", "name": "Somebody"}}


def post(path: str, **body: Any) -> tuple[int, Any]:
    answer = Client(entrance).post(path, json=body)
    return answer.status_code, answer.json


def issued(path: str = "/rdfc/issue", **members: Any) -> dict[str, Any]:
    status, document = post(path, credential={**CREDENTIAL, **members})
    assert status == 201, document
    return dict(document)


def verified(credential: object) -> bool:
    status, answer = post("/verify", verifiableCredential=credential)
    assert (status, answer["verified"], bool(answer["errors"])) in ((200, True, False), (400, False, True))
    return status == 200


@pytest.mark.parametrize(("path", "suites"), [
    ("/issue", [*proofs.SUITES]), ("/rdfc/issue", [proofs.RDFC]), ("/jcs/issue", [proofs.JCS])])
def test_what_it_issues_it_verifies(path: str, suites: list[str]) -> None:
    document = issued(path)
    assert [each["cryptosuite"] for each in document["proof"]] == suites
    assert {each["verificationMethod"] for each in document["proof"]} == {KEY.method}
    assert verified(document)
    assert not verified({**document, "issuer": "did:example:another"})
    document["proof"][0]["proofValue"] = document["proof"][0]["proofValue"].replace("z", "u", 1)
    assert not verified(document)


@pytest.mark.parametrize("changes", [
    {"proof": None}, {"proof": []}, {"proof": {}}, {"@context": []}, {"type": ["VerifiableCredential", "Undefined"]},
    {"undefinedTerm": "dropped by JSON-LD"}])
def test_a_document_that_does_not_conform_is_refused(changes: dict[str, Any]) -> None:
    assert not verified({**issued(), **changes})


@pytest.mark.parametrize(("member", "value"), [
    ("type", "UnknownProofType"), ("type", None), ("cryptosuite", "unknown"), ("proofPurpose", "authentication"),
    ("proofPurpose", None), ("verificationMethod", None), ("created", "yesterday"), ("proofValue", None)])
def test_a_proof_that_does_not_conform_is_refused(member: str, value: object) -> None:
    document = issued()
    document["proof"][0][member] = value
    assert not verified(document)
    del document["proof"][0][member]
    assert member == "created" or not verified(document)


@pytest.mark.parametrize("what", ["text", None, 7, [], {}])
def test_what_is_no_credential_is_refused(what: object) -> None:
    assert not verified(what)
    for path in ("/issue", "/rdfc/issue", "/jcs/issue"):
        assert post(path, credential=what)[0] == 400


@pytest.mark.parametrize("changes", [
    {"id": None}, {"@context": None}, {"credentialSubject": {}}, {"validFrom": "yesterday"}, {"unheardOf": "text"}])
def test_what_does_not_conform_is_not_issued(changes: dict[str, Any]) -> None:
    assert post("/rdfc/issue", credential={**CREDENTIAL, **changes})[0] == 400


def test_words_that_a_document_writes_out_itself_are_read() -> None:
    own, address = {"@context": {"alumniOf": "https://www.example.org/alumniOf"}}, "https://www.example.org/context"
    keep({address: own})
    document = issued(**{"@context": [*CREDENTIAL["@context"], address],
                         "credentialSubject": {"id": "urn:x:somebody", "alumniOf": "The School"}})
    written_out = {**document, "@context": [*CREDENTIAL["@context"], own]}
    assert verified(document)
    assert verified(written_out)
    assert not verified({**written_out, "credentialSubject": {"id": "urn:x:somebody", "alumniOf": "Another"}})


def test_the_suite_is_told_of_nobody_else() -> None:
    told = settings(4711)
    assert told["settings"]["testAllImplementations"] is False
    [own] = told["implementations"]
    assert {each["endpoint"] for kind in ("issuers", "verifiers") for each in own[kind]} == {
        f"http://127.0.0.1:4711{path}" for path in ("/rdfc/issue", "/jcs/issue", "/verify")}
