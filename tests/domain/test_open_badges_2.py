"""Badges of Open Badges 2.0, made by openbadgeslib: what holds, what does not, and what cannot be told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from openbadgeslib import ob2
from openbadgeslib.ob2 import OB2Signer

from services.credentials.adapters import open_badges_2
from services.credentials.adapters.open_badges_2 import Gone, Unread
from services.credentials.domain.imported import Seen, Verdicts

SITE = "https://school.example.org"
ISSUER, BADGE, KEY, LIST, HOSTED = (f"{SITE}/{each}" for each in ("issuer", "badge", "key", "revoked", "assertions/1"))
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PRIVATE = rsa.generate_private_key(65537, 2048)
PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Site:
    """What a school publishes; a test changes it. `asked` are the addresses that were read."""

    def __init__(self) -> None:
        profile = ob2.Profile(ISSUER, "School", public_key=[KEY], revocation_list=LIST)
        self.pages: dict[str, Any] = {
            ISSUER: profile.to_dict(), KEY: ob2.CryptographicKey(KEY, ISSUER, PUBLIC).to_dict(),
            BADGE: ob2.BadgeClass(BADGE, "Welder", "Can weld.", f"{SITE}/i.png", f"{SITE}/c", ISSUER).to_dict(),
            LIST: ob2.RevocationList(LIST, ISSUER, []).to_dict(), HOSTED: assertion("HostedBadge", HOSTED).to_dict()}
        self.asked: list[str] = []

    def read(self, address: str) -> object:
        self.asked.append(address)
        found = self.pages.get(address, Unread("it answers 404"))
        if isinstance(found, Exception):
            raise found
        return found

    def judge(self, given: Any, at: datetime = NOW) -> tuple[Seen | None, dict[str, str]]:
        seen, verdicts = open_badges_2.judge(given, self.read, at)
        return seen, told(verdicts)


def told(verdicts: Verdicts) -> dict[str, str]:
    assert all(each["reason"] for each in verdicts.values())
    return {name: each["verdict"] for name, each in verdicts.items()}


def assertion(kind: str, own: str | None = None, **members: Any) -> ob2.Assertion:
    recipient = ob2.IdentityObject.create("amina@example.org", "salt")
    return ob2.Assertion(recipient, BADGE, ob2.Verification(kind, KEY if kind == "SignedBadge" else None), own,
                         NOW - timedelta(days=2), **members)


def signed(key: bytes = PEM, **members: Any) -> str:
    return OB2Signer(key).sign(assertion("SignedBadge", "urn:uuid:0190b3a0-9999-7999-8999-999999999999", **members))


@pytest.fixture
def site() -> Site:
    return Site()


WELL = {"signature": "valid", "dates": "valid", "status": "valid", "issuer": "unknown"}


def test_a_signed_badge_holds_by_the_key_that_its_issuer_names(site: Site) -> None:
    seen, verdicts = site.judge(signed())
    assert verdicts == WELL
    assert seen is not None
    assert (seen.name, seen.issuer, seen.issuer_name) == ("Welder", ISSUER, "School")
    assert seen.identifiers[0].is_of("Amina@example.org")
    assert not seen.identifiers[0].is_of("other@example.org")


def test_a_hosted_badge_is_what_stands_at_its_own_address(site: Site) -> None:
    handed_in = {**site.pages[HOSTED], "issuedOn": "2020-01-01T00:00:00Z", "badge": "https://evil.example/badge"}
    seen, verdicts = site.judge(handed_in)
    assert verdicts == WELL
    assert seen is not None
    assert (seen.credential_id, seen.name, seen.awarded_at) == (HOSTED, "Welder", NOW - timedelta(days=2))
    assert "https://evil.example/badge" not in site.asked


def test_a_hosted_badge_that_comes_as_a_jws_is_read_at_its_address(site: Site) -> None:
    assert site.judge(OB2Signer(PEM).sign(assertion("HostedBadge", HOSTED)))[1] == WELL


@pytest.mark.parametrize("change", [
    lambda site: site.pages[ISSUER].update(publicKey=f"{SITE}/other-key"),
    lambda site: site.pages[KEY].update(owner="https://evil.example/issuer"),
    lambda site: site.pages[KEY].update(publicKeyPem="no key"),
    lambda site: site.pages[BADGE].update(issuer=7),
    lambda site: site.pages[BADGE].update(type="Assertion"),
    lambda site: site.pages.update({BADGE: [1]}),
    lambda site: site.pages[ISSUER].update(id="https://elsewhere.example/issuer")])
def test_a_signed_badge_whose_issuer_does_not_speak_for_the_key_does_not_hold(
        site: Site, change: Callable[[Site], None]) -> None:
    change(site)
    assert site.judge(signed())[1]["signature"] == "invalid"


def test_a_badge_that_another_key_signed_or_that_was_changed_does_not_hold(site: Site) -> None:
    other = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert site.judge(signed(other))[1]["signature"] == "invalid"
    head, _, signature = signed().split(".")
    _, body, _ = signed(narrative="Another").split(".")
    assert site.judge(f"{head}.{body}.{signature}")[1]["signature"] == "invalid"


def test_what_an_assertion_brings_of_its_issuer_itself_counts_for_nothing(site: Site) -> None:
    evil = "https://evil.example/assertion"
    profile = {**site.pages[ISSUER], "verification": {"allowedOrigins": "evil.example"}}
    site.pages[evil] = {**site.pages[HOSTED], "id": evil, "badge": {**site.pages[BADGE], "issuer": profile}}
    assert site.judge(site.pages[evil])[1]["signature"] == "invalid"


def test_a_badge_of_a_stranger_on_the_same_host_does_not_speak_for_the_issuer(site: Site) -> None:
    site.pages["https://evil.example/badge"] = {**site.pages[BADGE], "id": "https://evil.example/badge"}
    site.pages[HOSTED]["badge"] = "https://evil.example/badge"
    assert site.judge(site.pages[HOSTED])[1]["signature"] == "invalid"


@pytest.mark.parametrize(("rules", "verdict"), [
    ({"startsWith": f"{SITE}/"}, "valid"), ({"startsWith": [f"{SITE}/issuers/", f"{SITE}/"]}, "valid"),
    ({"startsWith": f"{SITE}/issuers/"}, "invalid"), ({"startsWith": "https://school.example"}, "invalid"),
    ({"allowedOrigins": "other.example.org"}, "invalid"), ({"allowedOrigins": ["School.example.org"]}, "valid"),
    ({"allowedOrigins": [7, None]}, "invalid")])
def test_an_issuer_says_where_its_assertions_stand(site: Site, rules: dict[str, Any], verdict: str) -> None:
    site.pages[ISSUER]["verification"] = rules
    assert site.judge(site.pages[HOSTED])[1]["signature"] == verdict


@pytest.mark.parametrize("revoked", [
    "urn:uuid:0190b3a0-9999-7999-8999-999999999999", {"id": "urn:uuid:0190b3a0-9999-7999-8999-999999999999"}])
def test_a_badge_on_its_issuers_list_is_revoked(site: Site, revoked: object) -> None:
    site.pages[LIST]["revokedAssertions"] = ["urn:uuid:other", revoked]
    assert site.judge(signed())[1]["status"] == "invalid"


@pytest.mark.parametrize("found", [Unread("it takes too long"), [], {"id": "https://elsewhere.example"},
                                   {"id": LIST, "issuer": "https://evil.example"}])
def test_a_list_that_cannot_be_believed_makes_the_status_unknown(site: Site, found: object) -> None:
    site.pages[LIST] = found
    assert site.judge(signed())[1] == {**WELL, "status": "unknown"}


def test_a_hosted_badge_that_its_issuer_took_down_or_marked_is_revoked(site: Site) -> None:
    handed_in = site.pages[HOSTED]
    site.pages[HOSTED] = {**handed_in, "revoked": True}
    assert site.judge(handed_in)[1]["status"] == "invalid"
    site.pages[HOSTED] = Gone("it answers 410")
    assert site.judge(handed_in)[1] == {
        "signature": "unknown", "dates": "unknown", "status": "invalid", "issuer": "unknown"}


@pytest.mark.parametrize("missing", [ISSUER, BADGE, KEY])
def test_what_cannot_be_read_makes_the_signature_unknown_and_never_valid(site: Site, missing: str) -> None:
    del site.pages[missing]
    seen, verdicts = site.judge(signed())
    assert (seen, verdicts["signature"]) == (None, "unknown")


def test_a_badge_expires(site: Site) -> None:
    badge = signed(expires=NOW + timedelta(days=1))
    assert site.judge(badge)[1]["dates"] == "valid"
    assert site.judge(badge, NOW + timedelta(days=2))[1]["dates"] == "invalid"
    assert site.judge(badge, NOW - timedelta(days=3))[1]["dates"] == "invalid"


@pytest.mark.parametrize("change", [
    {"verification": None}, {"verification": "HostedBadge"}, {"verification": {"type": "SignedBadge"}}, {"id": None},
    {"id": "file:///etc/passwd"}, {"id": ["https://a.example"]}, {"verification": {"type": [[]]}}])
def test_an_assertion_of_another_shape_is_not_valid_and_no_fault_of_ours(site: Site, change: dict[str, Any]) -> None:
    assert site.judge({**site.pages[HOSTED], **change})[1]["signature"] == "invalid"
    assert "file:///etc/passwd" not in site.asked


@pytest.mark.parametrize("member", ["recipient", "issuedOn", "expires", "badge", "verification"])
@pytest.mark.parametrize("value", [None, 7, [], {}, [[]], "x", {"type": 3}, "9999-99-99"])
def test_nothing_that_an_issuer_publishes_is_a_fault_of_ours(site: Site, member: str, value: object) -> None:
    handed_in = dict(site.pages[HOSTED])
    site.pages[HOSTED][member] = value
    assert set(site.judge(handed_in)[1]) == set(WELL)
