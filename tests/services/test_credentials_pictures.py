"""Shared credentials as pictures, judged by others."""

import json

import pytest
from openbadgeslib import baking as others
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from services.credentials.domain import baking
from tests.services.credentials_stage import Platform, changed, issued_and_shared, judged_by_others, platform
from tests.services.test_credentials_forms import key_named

__all__ = ["platform"]


def picture(platform: Platform, shared: dict[str, str], form: str) -> bytes:
    answer = platform.call("get_public_credential", public_id=shared["public_id"], query={"form": form})
    assert answer.media_type == ("image/png" if form.startswith("png") else "image/svg+xml")
    return bytes(answer.body)


def found_by_others(image: bytes) -> str:
    if baking.media_type_of(image) == baking.PNG:
        return str(others.extract_png(image, keyword=others.ITXT_KEYWORD_OB3))
    return str(others.extract_svg(image, element=others.SVG_ELEMENT_OB3, text_fallback=True))


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_credential_in_a_picture_is_accepted_by_others_and_refused_once_it_is_revoked(
        platform: Platform, form: str) -> None:
    shared = issued_and_shared(platform)
    document = json.loads(found_by_others(picture(platform, shared, form)))
    assert document == shared["credential"]
    judged_by_others(platform, document)
    changed(platform, shared, "revoke")
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(platform, json.loads(found_by_others(picture(platform, shared, form))))


@pytest.mark.parametrize("form", ["png-jws", "svg-jws"])
def test_the_jws_in_a_picture_is_accepted_by_others(platform: Platform, form: str) -> None:
    shared = issued_and_shared(platform)
    token = found_by_others(picture(platform, shared, form))
    assert OB3Verifier(key_named(platform, token)).verify(token).id == shared["public_url"]


def test_a_picture_shows_what_was_earned_and_of_whom(platform: Platform) -> None:
    shown = picture(platform, issued_and_shared(platform), "svg").decode()
    assert "<title" in shown
    assert "Spreadsheets: completed. Taking part. Riverside" in shown


def test_the_same_credential_gives_the_same_picture_and_is_not_sent_again(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    for form in ("png", "svg", "png-jws", "svg-jws", "qr"):
        first = platform.call("get_public_credential", public_id=shared["public_id"], query={"form": form})
        again = platform.call("get_public_credential", public_id=shared["public_id"], query={"form": form},
                              headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status, again.status) == (200, 304)


def test_a_qr_code_is_an_svg(platform: Platform) -> None:
    shown = picture(platform, issued_and_shared(platform), "qr")
    assert b"<title>Spreadsheets: completed</title>" in shown
