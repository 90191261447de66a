"""Credentials of strangers: keys that they publish, endorsements of others, the shape that the standard asks for."""

import base64
import copy
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credentials.domain import credential_schema, keys, outside_keys, proofs, tokens
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.reading import Unread
from services.credentials.domain.sources import Sources
from services.credentials.domain.verification import Verification, verify, verify_token
from tests.domain.test_credential_verification import KNOWN, NOW, STRANGER, signed, unsigned

COLLEGE = "did:web:college.example:issuers:lakeside"
ADDRESS = "https://college.example/issuers/lakeside/did.json"
KEY = STRANGER.controlled_by(COLLEGE)
RSA = SigningKey.of(keys.make(keys.RSA))
RSA_ADDRESS = "https://college.example/keys/1"
CREATED = "2026-11-20T09:00:00Z"


def method(**changes: Any) -> dict[str, Any]:
    return {"id": KEY.method, "type": "Multikey", "controller": COLLEGE, "publicKeyMultibase": KEY.id, **changes}


def did_document(*methods: dict[str, Any], **changes: Any) -> dict[str, Any]:
    listed = methods or (method(),)
    return {"id": COLLEGE, "verificationMethod": list(listed), "assertionMethod": [each["id"] for each in listed],
            **changes}


def judge(given: Any, published: dict[str, Any] | None = None, known: dict[str, str] | None = None) -> Verification:
    def read(address: str) -> object:
        if published is None or address not in published:
            raise Unread("nobody answers")
        return published[address]

    def no_list(address: str) -> object:
        raise Unread("nobody answers")

    sources = Sources(NOW, KNOWN, {}.get, no_list, lambda own_id: [], read, (known or {}).get)
    return verify_token(given, sources) if isinstance(given, str) else verify(given, sources)


def of_the_college(**changes: Any) -> dict[str, Any]:
    return signed(KEY, issuer={"id": COLLEGE, "type": ["Profile"], "name": "Lakeside"}, **changes)


def a_token(name: str = RSA_ADDRESS, key: SigningKey = RSA, issuer: str = COLLEGE) -> str:
    return tokens.sign(unsigned(issuer={"id": issuer, "type": ["Profile"], "name": "Lakeside"}), key, name)


# keys

def test_the_key_of_a_did_web_is_read_from_its_document() -> None:
    found = judge(of_the_college(), {ADDRESS: did_document()})
    assert (found.signature.verdict, found.issuer.verdict) == ("valid", "unknown")


@pytest.mark.parametrize(("document", "verdict"), [
    (did_document(method(id="#" + KEY.id)), "valid"),
    (did_document(assertionMethod=[method()], verificationMethod=[]), "valid"),
    (did_document(method(publicKeyMultibase=None, type="JsonWebKey", publicKeyJwk=keys.jwk(KEY.public))), "valid"),
    (did_document(id="did:web:college.example"), "invalid"), (did_document(assertionMethod=[]), "invalid"),
    (did_document(method(id=f"{COLLEGE}#other")), "invalid"), (did_document(verificationMethod=[]), "invalid"),
    (did_document(method(publicKeyMultibase=STRANGER.id[:-1] + "1")), "invalid"),
    (did_document(method(revoked="2026-11-01T00:00:00Z")), "invalid"),
    (did_document(method(revoked="2026-11-21T00:00:00Z")), "unknown"), (did_document(method(revoked=7)), "unknown"),
    ({}, "invalid"), ([], "unknown"), ("x", "unknown"), (None, "unknown"),
    ({"id": COLLEGE, "assertionMethod": [[]] * 2000}, "unknown")])
def test_only_a_key_that_the_issuers_own_document_lists_for_assertions_counts(document: Any, verdict: str) -> None:
    assert judge(of_the_college(), {ADDRESS: document}).signature.verdict == verdict


def test_a_document_that_cannot_be_had_makes_the_signature_unknown() -> None:
    found = judge(of_the_college())
    assert found.signature.verdict == "unknown"
    assert "nobody answers" in found.signature.reason


@pytest.mark.parametrize(("published", "verdict"), [
    ({**keys.jwk(RSA.public), "kid": RSA_ADDRESS}, "valid"), (keys.jwk(RSA.public), "valid"),
    ({"keys": [{**keys.jwk(KEY.public), "kid": "x"}, {**keys.jwk(RSA.public), "kid": RSA_ADDRESS}]}, "valid"),
    ({"id": RSA_ADDRESS, "type": "JsonWebKey", "publicKeyJwk": keys.jwk(RSA.public)}, "valid"),
    ({**keys.jwk(RSA.public), "kid": "https://college.example/keys/2"}, "invalid"),
    ({"keys": [7, {"kid": "another"}]}, "invalid"), ({"kty": "RSA", "n": 7}, "unknown"),
    ({"keys": {}}, "invalid"), ({"publicKeyJwk": []}, "unknown")])
def test_the_key_of_a_jws_is_read_at_the_address_that_it_names(published: Any, verdict: str) -> None:
    assert judge(a_token(), {RSA_ADDRESS: published}).signature.verdict == verdict


def test_a_key_at_an_address_speaks_for_a_did_web_that_lists_it_and_for_no_other() -> None:
    own = {"id": f"{COLLEGE}#rsa", "type": "JsonWebKey", "controller": COLLEGE, "publicKeyJwk": keys.jwk(RSA.public)}
    at_key = {RSA_ADDRESS: keys.jwk(RSA.public)}
    assert judge(a_token(), at_key | {ADDRESS: did_document(method(), own)}).issuer.verdict == "unknown"
    for other in (did_document(), did_document(id="did:web:another.example")):
        found = judge(a_token(), at_key | {ADDRESS: other}).issuer
        assert (found.verdict, "Another key" in found.reason) == ("invalid", True)


def test_whether_a_key_at_an_address_speaks_for_a_did_web_that_cannot_be_had_is_unknown() -> None:
    found = judge(a_token(), {RSA_ADDRESS: keys.jwk(RSA.public)})
    assert (found.signature.verdict, found.issuer.verdict) == ("valid", "unknown")
    assert "nobody answers" in found.issuer.reason


@pytest.mark.parametrize(("did", "address"), [
    ("did:web:college.example", "https://college.example/.well-known/did.json"),
    ("did:web:college.example%3A8443:a:b", "https://college.example:8443/a/b/did.json"), (COLLEGE, ADDRESS)])
def test_a_did_web_is_read_where_the_method_says(did: str, address: str) -> None:
    assert outside_keys.address_of(did) == address


@pytest.mark.parametrize("did", ["did:web:", "did:web:a%2Fb", "did:web:a::b"])
def test_what_is_no_did_web_is_not_read(did: str) -> None:
    with pytest.raises(KeyUnreadable):
        outside_keys.address_of(did)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([KEY.method, COLLEGE]),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["id", "keys", "kid", "kty", "crv", "x", "n", "assertionMethod",
                                         "verificationMethod", "publicKeyJwk", "publicKeyMultibase", "revoked"]), inner,
                        max_size=5), max_leaves=12))
@settings(max_examples=300, deadline=None)
def test_whatever_a_stranger_publishes_no_verdict_is_valid_by_it_and_nothing_raises(published: Any) -> None:
    for each in (of_the_college(), a_token()):
        found = judge(each, {ADDRESS: published, RSA_ADDRESS: published})
        assert found.signature.verdict != "valid"


# issuers that the consortium knows

@pytest.mark.parametrize("header", [
    rb'{"alg":"EdDSA","kid":"https://x.example/\ud800"}', rb'{"alg":"\ud800"}',
    rb'{"alg":"EdDSA","kid":"did:x\ud800"}'])
def test_what_is_said_of_a_jws_can_be_written_whatever_stands_in_it(header: bytes) -> None:
    claims = orjson.dumps({**unsigned(), "iss": COLLEGE, "issuer": {"id": COLLEGE}})
    parts = (base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in (header, claims, b"x" * 64))
    found = judge(".".join(parts))
    assert found.signature.verdict != "valid"
    orjson.dumps(found.as_dict())


def test_an_issuer_that_the_consortium_knows_is_valid_by_its_own_key_alone() -> None:
    known = {COLLEGE: "Lakeside College", "https://college.example/about": "Lakeside", STRANGER.did: "Lakeside"}
    assert judge(of_the_college(), {ADDRESS: did_document()}, known).issuer.verdict == "valid"
    assert judge(signed(), known=known).issuer.verdict == "valid"
    by_another = signed(issuer={"id": COLLEGE, "type": ["Profile"], "name": "Lakeside"})
    assert judge(by_another, {ADDRESS: did_document()}, known).issuer.verdict == "invalid"


def test_an_issuer_that_is_known_by_an_address_is_valid_by_a_key_at_that_host() -> None:
    known, published = {"https://college.example/about": "Lakeside"}, {RSA_ADDRESS: keys.jwk(RSA.public)}
    own = a_token(issuer="https://college.example/about")
    assert judge(own, published, known).issuer.verdict == "valid"
    elsewhere = a_token("https://evil.example/keys/1", issuer="https://college.example/about")
    found = judge(elsewhere, {"https://evil.example/keys/1": keys.jwk(RSA.public)}, known)
    assert (found.signature.verdict, found.issuer.verdict) == ("valid", "unknown")


# endorsements

EMPLOYER = SigningKey.of(Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))


def endorsement(about: str = "urn:x:a", key: SigningKey = EMPLOYER, **changes: Any) -> dict[str, Any]:
    unsigned_one = {
        "@context": unsigned()["@context"], "id": "urn:uuid:0190b3a0-0000-7000-8000-000000000001",
        "type": ["VerifiableCredential", "EndorsementCredential"], "name": "Endorsement",
        "issuer": {"id": key.did, "type": ["Profile"], "name": "Steel & Sons"}, "validFrom": CREATED,
        "credentialSubject": {"id": about, "type": ["EndorsementSubject"], "endorsementComment": "We hire by it."},
        **changes}
    return proofs.add_proofs(unsigned_one, key, CREATED)


def endorsed(*endorsements: Any, where: str = "achievement", name: str = "endorsement") -> dict[str, Any]:
    document = copy.deepcopy(unsigned())
    carrier = {"achievement": document["credentialSubject"]["achievement"], "issuer": document["issuer"],
               "credential": document}[where]
    carrier[name] = list(endorsements)
    return proofs.add_proofs(document, STRANGER, CREATED)


@pytest.mark.parametrize(("where", "about"), [
    ("achievement", "urn:x:a"), ("issuer", STRANGER.did), ("credential", "https://college.example/c/1")])
def test_an_endorsement_of_what_carries_it_is_valid(where: str, about: str) -> None:
    found = judge(endorsed(endorsement(about), where=where))
    assert (found.signature.verdict, found.endorsement.verdict, found.schema.verdict) == ("valid", "valid", "valid")
    assert found.endorsement.reason == "Endorsed by Steel & Sons."


def test_an_endorsement_as_jws_is_read_too() -> None:
    document = endorsement()
    text = tokens.sign(document, EMPLOYER, EMPLOYER.method)
    found = judge(endorsed(text, name="endorsementJwt"))
    assert (found.signature.verdict, found.endorsement.verdict, found.schema.verdict) == ("valid", "valid", "valid")
    assert judge(endorsed(text[:-8] + "AAAAAAAA", name="endorsementJwt")).endorsement.verdict == "invalid"
    assert judge(endorsed("no.jws.x", name="endorsementJwt")).endorsement.verdict == "invalid"


@pytest.mark.parametrize(("given", "verdict"), [
    ([], "unknown"), ([endorsement(), endorsement("urn:x:b")], "invalid"), ([endorsement(key=STRANGER)], "valid"),
    ([{**endorsement(), "name": "Changed"}], "invalid"), ([endorsement(validUntil="2026-11-20T10:00:00Z")], "invalid"),
    ([endorsement(validFrom="2027-11-20T10:00:00Z")], "invalid"), (["x"], "invalid"), ([7], "invalid"),
    ([endorsement(type=["VerifiableCredential", "OpenBadgeCredential"])], "invalid"), ([endorsement()] * 5, "unknown"),
    ([{**endorsement(), "issuer": STRANGER.did}], "invalid")])
def test_of_several_endorsements_the_worst_counts(given: list[Any], verdict: str) -> None:
    document = unsigned()
    document["credentialSubject"]["achievement"]["endorsement"] = given
    assert judge({**document, "proof": signed()["proof"]}).endorsement.verdict == verdict


def test_a_credential_whose_endorsement_was_changed_is_changed_itself() -> None:
    document = endorsed(endorsement())
    inside = document["credentialSubject"]["achievement"]["endorsement"][0]
    inside["credentialSubject"]["endorsementComment"] = "We do not."
    assert judge(document).signature.verdict == "invalid"


@pytest.mark.parametrize("contexts", [
    {"name": "https://schema.org/name"}, [{"validUntil": "https://x.example/y"}], "https://x.example/context",
    ["https://x.example/context"]])
def test_no_context_that_stands_inside_changes_what_words_mean(contexts: Any) -> None:
    document = endorsed(endorsement())
    document["credentialSubject"]["achievement"]["@context"] = contexts
    assert judge(document).signature.verdict != "valid"


# the shape

def put(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document = place = copy.deepcopy(signed())
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(("path", "value"), [
    (("type",), "OpenBadgeCredential"), (("proof",), signed()["proof"][0]), (("validFrom",), "2026-11-20T09:00:00"),
    (("validFrom",), "2026-13-20T09:00:00Z"), (("issuer",), "Lakeside"), (("issuer", "type"), "Profile"),
    (("credentialSubject", "achievement", "criteria"), None), (("credentialSubject", "achievement", "tag"), []),
    (("credentialSubject", "achievement", "achievementType"), "Medal"), (("@context",), unsigned()["@context"][:1]),
    (("credentialSubject", "achievement", "image"), {"id": "https://x.example/i", "type": "Image", "alt": "x"}),
    (("credentialSubject", "achievement", "alignment"), [{"type": ["Alignment"], "targetName": "x"}]),
    (("credentialSubject", "id"), 7), (("credentialSubject",), {"type": ["AchievementSubject"], "achievement": {}}),
    (("credentialStatus",), []), (("evidence",), {"type": ["Evidence"]}), (("name",), None)])
def test_what_is_not_as_the_standard_has_it_is_told_by_its_place(path: tuple[Any, ...], value: Any) -> None:
    found = credential_schema.judge(put(path, value))
    assert found.verdict == "invalid"
    assert f"/{path[0]}" in found.reason


def test_a_subject_that_nobody_is_is_invalid_although_no_published_schema_says_so() -> None:
    document = put(("credentialSubject", "role"), "learner")
    assert credential_schema.judge(document).verdict == "valid"
    del document["credentialSubject"]["id"]
    assert credential_schema.judge(document).verdict == "invalid"


def test_the_shape_of_other_credentials_is_unknown() -> None:
    assert credential_schema.judge(put(("type",), ["VerifiableCredential", "Ticket"])).verdict == "unknown"
