"""What anybody hands in to be verified, in every form; and whom the consortium knows."""

import json
from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.calls import verification as calls
from libranet.problems import Refusal
from services.credentials import verifications
from services.credentials.domain import drawing, keys, png, tokens
from services.credentials.domain.drawing import Label
from tests.domain.test_credential_verification import STRANGER, signed
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    Platform,
    changed,
    erased,
    issued_and_shared,
    platform,
    verdicts,
)
from tests.services.test_credentials_outside_documents import Issuer, address

__all__ = ["address", "platform"]

PICTURE = drawing.png_of(Label("Welding", "Lakeside", "engagement"))
FORMS = ("json", "jws", "jwt_vc_json", "png", "svg", "png-jws", "svg-jws")


def in_form(platform: Platform, shared: dict[str, Any], form: str) -> bytes:
    return bytes(platform.call("get_public_credential", public_id=shared["public_id"], query={"form": form}).body)


def verified(platform: Platform, **body: Any) -> dict[str, Any]:
    return dict(platform.ask("verify_credential", body).body)


def refused(platform: Platform, **body: Any) -> Refusal:
    with pytest.raises(Refusal) as raised:
        verified(platform, **body)
    assert (raised.value.status, [each["field"] for each in raised.value.errors]) == (422, [f"/{next(iter(body))}"])
    return raised.value


@pytest.fixture
def open_address(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("VERIFY_ALLOWED_NETWORKS", "127.0.0.0/8")
    return address


@pytest.mark.parametrize("form", FORMS[3:])
def test_a_picture_is_judged_by_the_credential_in_it(platform: Platform, form: str) -> None:
    shared = issued_and_shared(platform)
    picture = in_form(platform, shared, form)
    found = verified(platform, image=picture)
    assert verdicts(found) == EVERYTHING_VALID
    assert found["credential"]["id"] == shared["public_url"]
    changed(platform, shared, "revoke")
    assert verdicts(verified(platform, image=picture)) == EVERYTHING_VALID | {"status": "invalid"}


@pytest.mark.parametrize("image", [
    PICTURE, png.with_text(PICTURE, "openbadgecredential", "neither"), b"<!doctype html><html>", b"\x00\x01", b"<svg/>",
    png.with_text(PICTURE, "openbadgecredential", "[]"), b"[1]", b"7"])
def test_what_holds_no_credential_is_refused_by_field(platform: Platform, image: bytes) -> None:
    refused(platform, image=image)


@pytest.mark.parametrize("form", FORMS)
def test_a_credential_at_an_address_is_fetched_in_any_form(
        platform: Platform, open_address: str, form: str) -> None:
    Issuer.answers[f"/{form}"] = (200, in_form(platform, issued_and_shared(platform), form))
    assert verdicts(verified(platform, url=f"{open_address}/{form}")) == EVERYTHING_VALID


def test_a_credential_of_ours_is_read_without_a_detour_once_it_is_shared(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    for url in (shared["public_url"], shared["public_url"] + "?form=png"):
        assert verdicts(verified(platform, url=url)) == EVERYTHING_VALID
    refused(platform, url=shared["public_url"] + "x")
    platform.hear("patrons", erased())
    refused(platform, url=shared["public_url"])


@pytest.mark.parametrize("url", [
    "http://127.0.0.1/c", "https://10.0.0.1/c", "https://169.254.169.254/latest", "file:///etc/passwd", "x", "https://",
    "https://user:word@college.example/c", "https://[::1]/c", "https://localhost/c"])
def test_nothing_inside_is_fetched(platform: Platform, address: str, url: str) -> None:
    refused(platform, url=url)
    refused(platform, url=f"{address}/s")  # open to issuers' lists, not to what anybody names
    assert Issuer.asked == []


@pytest.mark.parametrize(("status", "body"), [
    (404, b""), (302, b""), (200, b"<html><body>A badge</body></html>"), (200, b"x" * (2**20 + 1)), (200, b"")])
def test_what_is_no_credential_at_an_address_says_what_to_do(
        platform: Platform, open_address: str, status: int, body: bytes) -> None:
    Issuer.answers["/c"] = (status, body)
    assert refused(platform, url=f"{open_address}/c").detail.count(".") >= 1


@pytest.mark.parametrize("given", [
    {}, {"credential": {}, "url": "x"}, {"image": "?"}, {"image": ""}, {"url": 7}, {"url": ""}, {"picture": "x"}])
def test_a_verification_takes_one_thing_in_one_form(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        calls.VerifyCredential().load(given)


def test_a_jws_is_shown_as_the_credential_that_it_is(platform: Platform) -> None:
    key = STRANGER
    text = tokens.sign(signed(), key, key.method)
    assert verified(platform, jws=text)["credential"]["id"] == signed()["id"]
    assert "credential" not in verified(platform, jws="a.b.c")
    assert "credential" not in verified(platform, credential=signed())


def test_the_keys_of_a_stranger_are_read_at_their_address(
        platform: Platform, open_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rsa = platform.service.keys.signing_key("demo.riverside", keys.RSA)
    name = "https://college.example/keys/1"
    asked = []

    def get(url: str, seconds: float) -> bytes:
        asked.append(url)
        return json.dumps(keys.jwk(rsa.public)).encode()

    monkeypatch.setattr(verifications.PUBLISHED, "get", get)
    found = verified(platform, jws=tokens.sign(signed(), rsa, name))
    assert (found["signature"]["verdict"], asked) == ("valid", [name])


# whom the consortium knows

def know(platform: Platform, node: str = "demo", issuer: str = STRANGER.did, name: str = "Lakeside") -> dict[str, Any]:
    return dict(platform.call("know_issuer", {"issuer": issuer, "name": name}, node).body)


def known(platform: Platform, node: str = "demo.riverside") -> list[dict[str, Any]]:
    return list(platform.call("list_known_issuers", node=node).body["items"])


def test_an_issuer_is_valid_as_long_as_the_consortium_knows_it(platform: Platform) -> None:
    assert platform.verified(signed())["issuer"] == "unknown"
    added = know(platform)
    assert platform.verified(signed())["issuer"] == "valid"
    assert "Lakeside" in verified(platform, credential=signed())["issuer"]["reason"]
    platform.call("forget_issuer", node="demo", known_issuer=added["id"])
    assert platform.verified(signed())["issuer"] == "unknown"


@pytest.mark.parametrize(("issuer", "verdict"), [
    ("https://college.example/", "valid"), ("https://other.example/", "unknown"), ("did:web:other.example", "invalid")])
def test_a_known_issuer_that_another_key_signed_for_is_not_told_to_have_issued_it(
        platform: Platform, open_address: str, monkeypatch: pytest.MonkeyPatch, issuer: str, verdict: str) -> None:
    rsa = platform.service.keys.signing_key("demo.riverside", keys.RSA)
    published = json.dumps(keys.jwk(rsa.public)).encode()
    monkeypatch.setattr(verifications.PUBLISHED, "get", lambda _url, _seconds: published)
    know(platform, issuer=issuer)
    given = tokens.sign(signed(issuer={"id": issuer, "type": ["Profile"]}), rsa, "https://college.example/keys/1")
    assert verified(platform, jws=given)["issuer"]["verdict"] == verdict


def test_the_same_issuer_again_changes_its_name_and_every_library_reads_the_list(platform: Platform) -> None:
    first, second = know(platform), know(platform, name="Lakeside College")
    assert first["id"] == second["id"]
    assert [(each["issuer"], each["name"]) for each in known(platform)] == [(STRANGER.did, "Lakeside College")]
    assert known(platform, "other.library") == []


def test_a_library_does_not_say_whom_the_consortium_knows(platform: Platform) -> None:
    with pytest.raises(Refusal) as raised:
        know(platform, "demo.riverside")
    assert raised.value.status == 403
    added = know(platform)
    for node in ("demo.riverside", "other"):
        with pytest.raises(Refusal) as raised:
            platform.call("forget_issuer", node=node, known_issuer=added["id"])
        assert raised.value.status == 404
    assert len(known(platform)) == 1


@pytest.mark.parametrize("issuer", ["did:example:1", "http://college.example", "Lakeside", "", "did:web:", "https://a\n"])
def test_an_issuer_is_known_by_a_name_that_credentials_have(issuer: str) -> None:
    with pytest.raises(ValidationError):
        calls.KnowIssuer().load({"issuer": issuer, "name": "Lakeside"})
