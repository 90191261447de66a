"""Credentials from elsewhere as a patron meets them: verified first, bound to them, verified again, removable."""

import json
import struct
import zlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openbadgeslib.ob2 import hash_identity
from pymongo.errors import AutoReconnect, OperationFailure

from contracts.calls import credential_imports as calls
from libranet.clock import now
from libranet.testing import MemoryWork, a_principal, a_request, an_event
from services.credentials import imports
from services.credentials.adapters.key_folder import KeyUnusable
from services.credentials.domain import baking, imported, keys, png, proofs, tokens
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.reading import Unread
from services.credentials.domain.refusals import (
    CredentialNotTaken,
    IdentityUnmatched,
    ImportOfAnother,
    ImportOutdated,
    ImportsFull,
    ImportUnknown,
    PatronUnknown,
)
from services.credentials.store import COLLECTIONS, CredentialStore
from tests.services.credentials_stage import PATRON, REGISTERED, Platform, erased, issued_and_shared, platform

__all__ = ["platform"]
OTHER = "0190b3a0-1111-7111-8111-222222222222"
KEY = SigningKey.of(Ed25519PrivateKey.generate())
MADE = "2026-11-20T10:00:00Z"
EMAIL, SALT = "amina@example.org", "deadsea"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>'
PNG = png.write([
    png.Chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), png.Chunk(b"IDAT", zlib.compress(b"\0\0")),
    png.Chunk(b"IEND", b"")])
HASH = hash_identity("mayze@example.com", SALT)


def unsigned(**members: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "https://college.example.org/credentials/7", "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": KEY.did, "type": ["Profile"], "name": "Lakeside College"}, "validFrom": MADE,
        "credentialSubject": {
            "id": "urn:uuid:0190b3a0-9999-7999-8999-999999999999", "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "hashed": True, "identityHash": HASH, "salt": SALT,
                            "identityType": "emailAddress"}],
            "achievement": {"id": "https://college.example.org/achievements/1", "type": ["Achievement"],
                            "name": "Welding", "description": "Can weld.", "criteria": {"narrative": "Weld."}}},
        **members}


def foreign(**members: Any) -> dict[str, Any]:
    """A credential of somebody whom the platform does not know."""
    return proofs.add_proofs(unsigned(**members), KEY, MADE)


class Wallet:
    """The patron's calls about credentials from elsewhere."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def call(self, method: str, body: Any = None, node: str = "demo.riverside", patron: str = PATRON,
             **path: str) -> Any:
        request = a_request(body, a_principal(node), {"patron": patron, **path}, {"limit": 50})
        return self.platform._run(method, request)

    def take(self, patron: str = PATRON, **body: Any) -> dict[str, Any]:
        return dict(self.call("import_credential", calls.ImportCredential().load(body), patron=patron).body)

    def list(self) -> list[dict[str, Any]]:
        return list(self.call("list_imports").body["items"])

    def age(self, **by: float) -> None:
        for row in self.platform.state["imported_credentials"].values():
            row["verified_at"] -= timedelta(**by)


@pytest.fixture
def wallet(platform: Platform) -> Wallet:
    platform.hear("patrons", an_event(
        REGISTERED, {"patron": OTHER, "registered_at": "2026-11-21T09:00:00.000Z"}, OTHER, "demo.hillside"))
    return Wallet(platform)


def verdicts(shown: dict[str, Any]) -> dict[str, str]:
    return {name: each["verdict"] for name, each in shown["verification"].items()}


def test_a_credential_of_an_unknown_issuer_is_kept_with_what_was_found_of_it(wallet: Wallet) -> None:
    credential = foreign()
    kept = wallet.take(credential=credential)
    assert (kept["standard"], kept["issuer"], kept["issuer_name"]) == ("open-badges-3.0", KEY.did, "Lakeside College")
    assert (kept["name"], kept["binding"], kept["credential"]) == ("Welding", "claimed", credential)
    found = verdicts(kept)
    assert (found["signature"], found["dates"], found["issuer"]) == ("valid", "valid", "unknown")
    assert [each["id"] for each in wallet.list()] == [kept["id"]]
    assert [each["id"] for each in wallet.platform.listed()["imported"]] == [kept["id"]]
    assert wallet.platform.listed()["items"] == []
    assert wallet.platform.events == [], "nothing is told of it, so it is nobody's skill"
    assert wallet.call("get_import", imported=kept["id"]).body == kept


def test_a_jws_is_kept_as_it_is(wallet: Wallet) -> None:
    jws = tokens.sign(unsigned(), KEY, KEY.method)
    kept = wallet.take(jws=jws)
    assert (kept["jws"], kept["name"], verdicts(kept)["signature"]) == (jws, "Welding", "valid")


def test_handed_in_again_it_is_there_once_and_a_later_one_takes_its_place(wallet: Wallet) -> None:
    first, later = foreign(), foreign(validFrom="2026-11-21T10:00:00Z")
    own = wallet.take(credential=first)["id"]
    assert wallet.call("import_credential", {"credential": first}).status == 200
    assert wallet.take(credential=later)["id"] == own
    assert [each["awarded_at"] for each in wallet.list()] == ["2026-11-21T10:00:00.000Z"]
    with pytest.raises(ImportOutdated):
        wallet.take(credential=first)
    assert len(wallet.list()) == 1


def test_nobody_else_puts_theirs_in_the_place_of_a_genuine_one(wallet: Wallet) -> None:
    own_key, other_key = (SigningKey.of(Ed25519PrivateKey.generate()) for _ in range(2))
    named = {"issuer": {"id": "https://college.example.org", "type": ["Profile"]}}
    later = {**named, "validFrom": "2026-11-21T10:00:00Z"}

    def signed(key: SigningKey, members: dict[str, Any], form: str) -> dict[str, Any]:
        made = unsigned(**members)
        if form == "jwk":
            return {"jws": by_attached_key(made, key)}
        return {"jws": tokens.sign(made, key, key.method)} if form == "kid" else {
            "credential": proofs.add_proofs(made, key, MADE)}

    for form in ("proof", "kid", "jwk"):
        kept = wallet.take(**signed(own_key, named, form))
        for other in ("proof", "kid", "jwk"):
            with pytest.raises(ImportOfAnother):
                wallet.take(**signed(other_key, later, other))
        assert wallet.list()[0]["awarded_at"] == "2026-11-20T10:00:00.000Z"
        assert wallet.take(**signed(own_key, later, form))["id"] == kept["id"]
        wallet.call("remove_import", imported=kept["id"])


def by_attached_key(credential: dict[str, Any], key: SigningKey) -> str:
    """As compact JWS whose header has the key itself and no name of it."""
    _, payload, _ = tokens.sign(credential, key, key.method).split(".")
    header = {"alg": "EdDSA", "jwk": keys.jose(key.public).as_dict(private=False)}
    signed = b".".join((tokens._base64(orjson.dumps(header)), payload.encode()))
    return b".".join((signed, tokens._base64(key.sign(signed)))).decode()


def test_handed_in_again_it_stays_bound_as_it_was(wallet: Wallet) -> None:
    credential = foreign()
    wallet.take(credential=credential, identity="mayze@example.com")
    assert wallet.take(credential=credential)["binding"] == "matched"
    assert wallet.take(credential=foreign(validFrom="2026-11-21T10:00:00Z"))["binding"] == "claimed"


@pytest.mark.parametrize(("members", "place"), [
    ({"validUntil": "2026-11-20T11:00:00Z"}, "/dates"), ({"validFrom": "2126-11-20T11:00:00Z"}, "/dates")])
def test_what_is_out_of_date_is_refused_with_the_reason(wallet: Wallet, members: dict[str, Any], place: str) -> None:
    with pytest.raises(CredentialNotTaken) as refused:
        wallet.take(credential=foreign(**members))
    assert place in [each["field"] for each in refused.value.errors]


def test_what_was_tampered_with_or_never_signed_is_refused(wallet: Wallet) -> None:
    changed = {**foreign(), "name": "Another"}
    for credential in (changed, unsigned(), {**unsigned(), "proof": {"type": "Ed25519Signature2020"}},
                       {**foreign(), "issuer": "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"}):
        with pytest.raises(CredentialNotTaken) as refused:
            wallet.take(credential=credential)
        assert {"/signature", "/issuer"} & {each["field"] for each in refused.value.errors}
    assert wallet.list() == []


def test_what_is_no_credential_of_an_achievement_is_refused_by_its_place(wallet: Wallet) -> None:
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"a": deep}
    for body in ({"credential": foreign(type=["VerifiableCredential"])}, {"credential": {}}, {"credential": deep},
                 {"credential": foreign(name="x" * 300_000)}, {"jws": "no.jws.this"}, {"jws": "x"},
                 {"credential": {"type": ["OpenBadgeCredential"], "credentialSubject": [7], "issuer": [[]]}}):
        with pytest.raises(CredentialNotTaken) as refused:
            wallet.take(**body)
        assert refused.value.errors


def test_a_credential_of_this_platform_is_not_imported(wallet: Wallet) -> None:
    own = issued_and_shared(wallet.platform)["credential"]
    with pytest.raises(CredentialNotTaken, match="This platform issued it"):
        wallet.take(credential=own)


def test_whom_it_was_issued_to_is_compared_and_not_kept(wallet: Wallet) -> None:
    with pytest.raises(IdentityUnmatched):
        wallet.take(credential=foreign(), identity=EMAIL)
    assert wallet.take(credential=foreign(), identity=" Mayze@Example.com ")["binding"] == "matched"
    assert "mayze" not in repr(wallet.platform.state).lower()
    nobody = foreign(id="https://college.example.org/credentials/8", credentialSubject={
        **unsigned()["credentialSubject"], "identifier": []} | {"identifier": [{
            "type": "IdentityObject", "hashed": False, "identityHash": EMAIL, "identityType": "emailAddress"}]})
    assert wallet.take(credential=nobody, identity=EMAIL)["binding"] == "matched"


def test_what_was_verified_long_ago_is_verified_again_when_it_is_read(
        wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    own = wallet.take(credential=foreign(validUntil="2026-12-20T10:00:00Z"))["id"]
    monkeypatch.setattr("services.credentials.verifications.now", lambda: datetime(2027, 1, 1, tzinfo=UTC))
    assert verdicts(wallet.call("get_import", imported=own).body)["dates"] == "valid"
    wallet.age(hours=23)
    assert verdicts(wallet.list()[0])["dates"] == "valid"
    wallet.age(hours=2)
    assert verdicts(wallet.list()[0])["dates"] == "invalid", "it is kept, and marked"
    assert verdicts(wallet.platform.listed()["imported"][0])["dates"] == "invalid"


def test_it_is_verified_again_on_demand_and_removed_by_the_learner(
        wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    own = wallet.take(credential=foreign(validUntil="2026-12-20T10:00:00Z"))["id"]
    monkeypatch.setattr("services.credentials.verifications.now", lambda: datetime(2027, 1, 1, tzinfo=UTC))
    assert verdicts(wallet.call("verify_import", imported=own).body)["dates"] == "invalid"
    wallet.call("remove_import", imported=own)
    assert wallet.list() == []
    for method in ("get_import", "verify_import", "remove_import"):
        with pytest.raises(ImportUnknown):
            wallet.call(method, imported=own)


def failing(monkeypatch: pytest.MonkeyPatch, where: str, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(f"services.credentials.{where}", fail)


@pytest.mark.parametrize("error", [AutoReconnect("no answer"), OperationFailure("not authorized", 13)])
@pytest.mark.parametrize("asked", [
    "store.CredentialStore.status_of", "store.known_issuer_store.KnownIssuerStore.name_of"])
def test_a_database_that_fails_says_nothing_of_a_credential(
        wallet: Wallet, monkeypatch: pytest.MonkeyPatch, asked: str, error: Exception) -> None:
    own = wallet.take(credential=foreign())
    failing(monkeypatch, asked, error)
    for ask in (lambda: wallet.call("verify_import", imported=own["id"]),
                lambda: wallet.take(credential=foreign(id="https://college.example.org/credentials/9")),
                lambda: wallet.platform.verified(foreign())):
        with pytest.raises(type(error)):
            ask()
    monkeypatch.undo()
    assert [(each["id"], each["verification"]) for each in wallet.list()] == [(own["id"], own["verification"])]


@pytest.mark.parametrize("error", [AutoReconnect("no answer"), KeyUnusable("damaged"), PermissionError("keys")])
@pytest.mark.parametrize("asked", ["verifications.own_list", "store.CredentialStore.documents_of"])
def test_what_keeps_us_from_reading_what_is_ours_says_nothing_of_a_credential(
        platform: Platform, monkeypatch: pytest.MonkeyPatch, asked: str, error: Exception) -> None:
    credential = issued_and_shared(platform)["credential"]
    key = platform.service.keys.signing_key("demo.riverside")
    platform.service.keys.mark_compromised("demo.riverside", key.id, now() + timedelta(seconds=1))
    assert platform.verified(credential)["signature"] == "valid"
    failing(monkeypatch, asked, error)
    with pytest.raises(type(error)):
        platform.verified(credential)


def test_somebody_elses_is_unknown(wallet: Wallet) -> None:
    own = wallet.take(credential=foreign())["id"]
    for method in ("get_import", "verify_import", "remove_import"):
        with pytest.raises(PatronUnknown):
            wallet.call(method, node="demo.hillside", imported=own)
        with pytest.raises(ImportUnknown):
            wallet.call(method, node="demo.hillside", patron=OTHER, imported=own)
    with pytest.raises(PatronUnknown):
        wallet.call("import_credential", {"credential": foreign()}, "demo.hillside")
    assert len(wallet.list()) == 1


def test_patrons_keep_and_remove_their_own_and_nobody_elses(wallet: Wallet) -> None:
    def myself(method: str, patron: str = PATRON, body: Any = None, **path: str) -> Any:
        who = a_principal("demo.riverside", actor=PATRON, kind="patron")
        request = a_request(body, who, {"patron": patron, **path}, {"limit": 50})
        return wallet.platform._run(method, request)

    own = myself("import_credential", body={"credential": foreign()}).body["id"]
    assert myself("get_import", imported=own).body["id"] == own
    with pytest.raises(PatronUnknown):
        myself("import_credential", OTHER, {"credential": foreign()})
    myself("remove_import", imported=own)
    assert wallet.list() == []


def test_a_patron_has_only_so_many(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_OF_PATRON", 1)
    wallet.take(credential=foreign())
    wallet.take(credential=foreign())
    with pytest.raises(ImportsFull):
        wallet.take(credential=foreign(id="https://college.example.org/credentials/9"))


def test_an_export_shows_them_and_an_erasure_takes_them(wallet: Wallet) -> None:
    wallet.take(credential=foreign())
    platform = wallet.platform
    work: Any = MemoryWork(COLLECTIONS, "credentials", platform.state)
    held = {each.collection.name: each for each in platform.service.held(PATRON, a_principal(), work)}
    assert len(held["imported_credentials"].records) == 1
    platform.hear("patrons", erased())
    assert platform.state["imported_credentials"] == {}
    with pytest.raises(PatronUnknown):
        wallet.take(credential=foreign())


def test_an_erasure_while_others_are_asked_leaves_nothing(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    def erasing(_verdicts: Any) -> None:
        wallet.platform.hear("patrons", erased())

    monkeypatch.setattr(imported, "check_verdicts", erasing)
    with pytest.raises(PatronUnknown):
        wallet.take(credential=foreign())
    assert wallet.platform.state["imported_credentials"] == {}


@pytest.mark.parametrize("picture", [PNG, SVG], ids=["png", "svg"])
def test_a_credential_comes_in_a_picture_too(wallet: Wallet, picture: bytes) -> None:
    credential = foreign()
    jws = tokens.sign(unsigned(id="urn:uuid:0190b3a0-7777-7777-8777-777777777777"), KEY, KEY.method)
    by_image = [wallet.take(image=b64encode(baking.bake(picture, each)).decode())
                for each in (orjson.dumps(credential).decode(), jws)]
    assert (by_image[0]["credential"], by_image[1]["jws"]) == (credential, jws)


@pytest.mark.parametrize("image", [
    b"no picture", PNG, SVG, baking.bake(PNG, "{no JSON"), baking.bake(SVG, "no.jws"), PNG[:50],
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><svg xmlns='http://www.w3.org/2000/svg'>&b;</svg>"])
def test_a_picture_without_a_credential_is_refused_by_name(wallet: Wallet, image: bytes) -> None:
    with pytest.raises(CredentialNotTaken) as refused:
        wallet.take(image=b64encode(image).decode())
    assert refused.value.errors


@pytest.mark.parametrize("body", [
    {}, {"credential": {}, "jws": "a"}, {"image": "not base64!"}, {"url": "ftp://a.example/1"}, {"url": "x"},
    {"jws": ""}, {"credential": []}, {"credential": {}, "identity": ""}, {"identity": EMAIL}, {"more": 1}])
def test_a_body_of_another_shape_is_refused(body: dict[str, Any]) -> None:
    assert calls.ImportCredential().validate(body)


def test_an_assertion_of_open_badges_2_is_marked_so(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    site: dict[str, Any] = {
        "https://old.example.org/a/1": {
            "id": "https://old.example.org/a/1", "type": "Assertion", "badge": "https://old.example.org/b/1",
            "recipient": {"type": "email", "hashed": True, "salt": SALT, "identity": HASH},
            "verification": {"type": "HostedBadge"}, "issuedOn": MADE},
        "https://old.example.org/b/1": {
            "id": "https://old.example.org/b/1", "type": "BadgeClass", "name": "Old badge",
            "issuer": "https://old.example.org/i"},
        "https://old.example.org/i": {"id": "https://old.example.org/i", "type": "Issuer", "name": "Old school"}}

    def get(address: str, seconds: float) -> bytes:
        if address not in site:
            raise Unread("it answers 410", 410)
        return json.dumps(site[address]).encode()

    monkeypatch.setattr(imports.PUBLISHED, "get", get)
    kept = wallet.take(credential=site["https://old.example.org/a/1"], identity="mayze@example.com")
    assert (kept["standard"], kept["name"], kept["issuer_name"]) == ("open-badges-2.0", "Old badge", "Old school")
    assert (verdicts(kept), kept["binding"]) == ({
        "signature": "valid", "dates": "valid", "status": "valid", "issuer": "unknown"}, "matched")
    baked = png.with_text(PNG, "openbadges", "https://old.example.org/a/1")
    in_svg = SVG.replace(b"</svg>", b'<b:assertion xmlns:b="http://openbadges.org" verify="https://old.example.org/a/1"'
                                    b"/></svg>")
    for body in ({"url": "https://old.example.org/a/1"}, {"image": b64encode(baked).decode()},
                 {"image": b64encode(in_svg).decode()}):
        assert wallet.take(**body)["id"] == kept["id"]
    site["https://old.example.org/list"] = []
    for address in ("https://old.example.org/nothing", "https://old.example.org/list"):
        with pytest.raises(CredentialNotTaken) as refused:
            wallet.take(url=address)
        assert refused.value.errors[0]["field"] == "/url"
    del site["https://old.example.org/a/1"]
    assert verdicts(wallet.call("verify_import", imported=kept["id"]).body)["status"] == "invalid"
    with pytest.raises(CredentialNotTaken):
        wallet.take(credential=kept["credential"])


def test_the_store_of_one_patron_shows_nothing_of_another(wallet: Wallet) -> None:
    own = wallet.take(credential=foreign())["id"]
    work: Any = MemoryWork(COLLECTIONS, "credentials", wallet.platform.state)
    assert CredentialStore(work).imports.find(OTHER, own) is None
