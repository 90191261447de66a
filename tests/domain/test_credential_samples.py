"""The samples are what they are called, by our own verification and by other people's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jwt import PyJWK, get_unverified_header
from openbadgeslib import baking as others
from openbadgeslib.ob3.clr import bundled_clr_contexts
from openbadgeslib.ob3.ldp import OB3LdpVerifier, verify_data_integrity_proof
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier, verify_endorsement_jwt

from bench import digitalbazaar
from libranet.clock import now
from services.credentials.cli import credential_commands
from services.credentials.domain import credential_schema, didkeys, handed_in, keys
from services.credentials.domain.issuers import Book
from services.credentials.domain.reading import Unread
from services.credentials.domain.samples import samples
from services.credentials.domain.sources import Sources
from services.credentials.domain.verification import verify, verify_token

MADE = samples("https://libranet.example", now())
FILES = {each.path: each.content for each in MADE}
INDEX = json.loads(FILES["index.json"])
JUDGED = {path: each["verifier_must"] for path, each in INDEX["files"].items() if "verifier_must" in each}
NO_BADGES = ("endorsement.json", "record.json", "status-list-revocation.json", "status-list-suspension.json")
CREDENTIALS = [path for path in JUDGED if "status-list" not in path and path not in NO_BADGES]
REASONS = {"tampered", "expired", "revoked", "suspended", "wrong-key", "wrong-context"}


def published(address: str) -> bytes:
    """What an outside verifier reads without a network."""
    if address not in INDEX["addresses"]:
        raise Unread(f"nothing is at {address}")
    return FILES[INDEX["addresses"][address]]


def text_in(path: str) -> str:
    """What others find in the file."""
    content = FILES[path]
    if path.endswith(".png"):
        return str(others.extract_png(content, keyword=others.ITXT_KEYWORD_OB3))
    if path.endswith(".svg"):
        return str(others.extract_svg(content, element=others.SVG_ELEMENT_OB3, text_fallback=True))
    return content.decode()


def judged_by_others(path: str) -> None:
    """Raises OB3VerificationError."""
    text, status = text_in(path), {"check_status": True, "download": published}
    if text.startswith("{"):
        verifier: Any = OB3LdpVerifier.for_issuer_did(json.loads(text)["issuer"]["id"])
    elif get_unverified_header(text)["alg"] == "ES256":
        verifier = OB3Verifier.for_issuer_did("did:web:libranet.example:issuers:samples.riverside", download=published)
    else:
        verifier = OB3Verifier(PyJWK(json.loads(published(get_unverified_header(text)["kid"]))).key)
    verifier.verify(text, verify_status_list=False, **status)


def judged_by_us(path: str) -> dict[str, str]:
    """As a platform that knows nobody of them."""
    def read(address: str) -> object:
        return json.loads(published(address))

    sources = Sources(now(), Book({}, {}), lambda own_id: None, read, lambda own_id: [], read)
    given = handed_in.read(FILES[path], "/image")
    found = verify_token(given, sources) if isinstance(given, str) else verify(given, sources)
    return {name: each["verdict"] for name, each in found.as_dict().items()}


def test_there_is_one_of_every_kind_and_every_reason() -> None:
    assert {"engagement.json", "engagement-jws.jwt", "engagement-jwt-vc-json.jwt", "engagement-did-web.json",
            "engagement-baked.png", "engagement-baked.svg", "competency.json", "endorsement.json", "record.json",
            "status-list-revocation.json", "index.json", "needed/did.json", "needed/jwks.json",
            "bad/needed/did.json"} <= set(FILES)
    bad = {path.removeprefix("bad/") for path, verdict in JUDGED.items() if verdict == "reject"}
    assert bad == {path.removeprefix("bad/") for path in JUDGED if path.startswith("bad/")}
    assert {reason for reason in REASONS if any(path.startswith(reason) for path in bad)} == REASONS
    assert set(FILES) - {"index.json"} == set(INDEX["files"])


@pytest.mark.parametrize("path", CREDENTIALS)
def test_others_accept_the_good_ones_and_reject_the_bad_ones(path: str) -> None:
    if JUDGED[path] == "accept":
        judged_by_others(path)
    else:
        with pytest.raises(OB3VerificationError):
            judged_by_others(path)


@pytest.mark.parametrize("path", CREDENTIALS)
def test_we_accept_the_good_ones_and_say_why_we_reject_the_bad_ones(path: str) -> None:
    found = judged_by_us(path)
    reason = path.removeprefix("bad/").removesuffix("-jws.jwt").partition(".")[0].removesuffix("-baked")
    faults = {"expired": "dates", "revoked": "status", "revoked-endorsement": "status", "suspended": "status"}
    fault = faults.get(reason, "signature")
    assert found["signature"] == ("valid" if JUDGED[path] == "accept" or fault != "signature" else "invalid")
    assert found["issuer"] == "unknown"
    assert found[fault] == ("valid" if JUDGED[path] == "accept" else "invalid")
    assert found["schema"] == ("invalid" if reason == "wrong-context" else "valid")
    assert found["endorsement"] == ("valid" if path == "competency-endorsed.json" else "unknown")


@pytest.mark.parametrize("path", NO_BADGES)
def test_what_is_no_badge_has_a_proof_that_others_accept(path: str) -> None:
    document = json.loads(FILES[path])
    pem = keys.jose(didkeys.public_key_of(document["proof"][0]["verificationMethod"])).as_pem(private=False)
    one_proof = {**document, "proof": document["proof"][0]}
    contexts = bundled_clr_contexts()
    verify_data_integrity_proof(one_proof, pem, extra_contexts=contexts)
    with pytest.raises(OB3VerificationError):
        verify_data_integrity_proof({**one_proof, "validFrom": "2020-01-01T00:00:00Z"}, pem, extra_contexts=contexts)
    assert credential_schema.judge(document).verdict == ("unknown" if "status-list" in path else "valid")


@pytest.mark.skipif(not digitalbazaar.is_installed(), reason="it runs in node, which setup does not install")
def test_a_verifier_in_another_language_accepts_the_good_ones_and_rejects_the_bad_ones() -> None:
    documents = {path: json.loads(FILES[path]) for path in JUDGED if FILES[path].startswith(b"{")}
    methods = {each["proof"][0]["verificationMethod"] for each in documents.values()}
    multikeys = [digitalbazaar.multikey(each) for each in methods if each.startswith("did:key:")]
    multikeys += [each for each in json.loads(FILES["needed/did.json"])["verificationMethod"]
                  if each["type"] == "Multikey"]
    reachable = {address: json.loads(FILES[path]) for address, path in INDEX["addresses"].items()
                 if FILES[path].startswith(b"{")}
    verdicts = digitalbazaar.verified(list(documents.values()), multikeys, reachable)["verdicts"]
    judged = {path: "reject" if reason else "accept" for path, reason in zip(documents, verdicts, strict=True)}
    assert judged == {path: JUDGED[path] for path in documents}, verdicts


def test_a_record_is_valid_to_us_with_each_credential_in_it() -> None:
    found = judged_by_us("record.json")
    assert (found["signature"], found["status"], found["schema"]) == ("valid", "valid", "valid")
    inside = json.loads(FILES["record.json"])["credentialSubject"]["verifiableCredential"]
    assert [each["name"] for each in inside] == ["Spreadsheets: completed", "Spreadsheets: bookkeeping"]
    for each in inside:
        OB3LdpVerifier.for_issuer_did(each["issuer"]["id"]).verify(
            each, check_status=True, verify_status_list=False, download=published)


def test_the_endorsement_as_jws_is_accepted_by_others() -> None:
    achievement = json.loads(FILES["competency-endorsed.json"])["credentialSubject"]["achievement"]
    verify_endorsement_jwt(achievement["endorsementJwt"][0])


def test_the_competency_has_what_a_competency_needs() -> None:
    document = json.loads(FILES["competency.json"])
    subject = document["credentialSubject"]
    assert document["evidence"]
    assert subject["source"]["id"] != subject["id"]
    [described] = subject["achievement"]["resultDescription"]
    assert subject["result"][0]["achievedLevel"] in [each["id"] for each in described["rubricCriterionLevel"]]


def run(folder: Path, *options: str) -> Any:
    return CliRunner().invoke(credential_commands, ["samples", str(folder), *options])


def test_the_command_writes_them_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        told = run(tmp_path / "made", "--address", "https://college.example/")
        assert told.exit_code == 0
    written = {str(path.relative_to(tmp_path / "made")) for path in (tmp_path / "made").rglob("*") if path.is_file()}
    assert written == set(FILES)
    assert b"https://college.example/credentials/" in (tmp_path / "made" / "engagement.json").read_bytes()


@pytest.mark.parametrize("told", [
    lambda folder: run(folder, "--address", "http://college.example"), lambda folder: run(folder / "file")])
def test_the_command_says_what_it_cannot_do(tmp_path: Path, told: Callable[[Path], Any]) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    answer = told(tmp_path)
    assert answer.exit_code != 0
    assert "Traceback" not in answer.output
