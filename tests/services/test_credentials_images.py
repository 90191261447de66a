"""Each achievement has a picture, and what a signed credential names never shows another one."""

import json
from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.calls import credentials as calls
from libranet.problems import Refusal
from services.credentials.domain import baking, drawing, pictures
from services.credentials.domain.drawing import Label
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    Platform,
    completed,
    consent,
    issued_and_shared,
    judged_by_others,
    platform,
)

__all__ = ["platform"]

OWN_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><title>Ours</title><rect width="9" height="9"/></svg>'
OWN_PNG = drawing.png_of(Label("Ours", "Riverside", "engagement"))


def shown(platform: Platform, path: str) -> tuple[str, bytes]:
    """What anybody sees there."""
    _, _, achievement, *rest = path.split("/")
    values = {"achievement": achievement} | ({"picture": rest[1]} if len(rest) == 2 else {})
    answer = platform.ask("get_achievement_picture" if len(rest) == 2 else "get_achievement_image", **values)
    return answer.media_type, bytes(answer.body)


def give(platform: Platform, achievement: dict[str, Any], image: bytes, node: str = "demo.riverside") -> dict[str, Any]:
    return dict(platform.call("set_achievement_image", {"image": image}, node, achievement=achievement["id"]).body)


def image_of(credential: dict[str, Any]) -> dict[str, str]:
    return dict(credential["credential"]["credentialSubject"]["achievement"]["image"])


def test_an_achievement_that_was_given_none_has_a_drawn_picture_that_its_credential_names(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    image = image_of(shared)
    path = image["id"].removeprefix("https://libranet.example.org")
    media_type, content = shown(platform, path)
    assert (media_type, image["type"]) == ("image/svg+xml", "Image")
    assert image["caption"] == "Spreadsheets: completed. Taking part. Riverside"
    assert image["caption"].encode() in content
    assert shown(platform, f"/achievements/{shared['achievement']}/image") == (media_type, content)
    judged_by_others(platform, shared["credential"])
    assert platform.verified(shared["credential"]) == EVERYTHING_VALID


@pytest.mark.parametrize(("image", "media_type"), [(OWN_SVG, "image/svg+xml"), (OWN_PNG, "image/png")])
def test_a_picture_of_its_own_is_in_what_is_issued_from_then_on(
        platform: Platform, image: bytes, media_type: str) -> None:
    before = issued_and_shared(platform)
    achievement = platform.call("list_achievements").body["items"][0]
    changed = give(platform, achievement, image)
    assert changed["image"] != achievement["image"]
    assert platform.call("get_achievement", achievement=achievement["id"]).body == changed
    platform.hear("completions", completed(6))
    after = next(each for each in platform.listed()["items"] if each["id"] != before["id"])
    assert image_of(after)["id"].endswith(changed["image"])
    assert shown(platform, changed["image"])[0] == media_type
    assert shown(platform, f"/achievements/{achievement['id']}/image") == shown(platform, changed["image"])
    assert b"Spreadsheets" in shown(platform, image_of(before)["id"].removeprefix("https://libranet.example.org"))[1]


def test_a_credential_is_baked_into_the_picture_that_it_names(platform: Platform) -> None:
    achievement = platform.defined()
    give(platform, achievement, OWN_SVG)
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    earned = platform.listed()["items"][0]
    platform.call("share_credential", credential=earned["id"])
    baked = {form: bytes(platform.call("get_public_credential", public_id=earned["public_id"], query={
        "form": form}).body) for form in ("svg", "png")}
    assert b"<title>Ours</title>" in baked["svg"]
    for each in baked.values():
        assert json.loads(baking.unbake(each)) == earned["credential"]


def test_the_same_picture_given_again_changes_nothing(platform: Platform) -> None:
    achievement = platform.defined()
    assert give(platform, achievement, OWN_SVG) == give(platform, achievement, OWN_SVG)
    assert len(platform.state["pictures"]) == 2


def test_a_picture_that_was_given_stays_when_the_achievement_is_pictured_again(platform: Platform) -> None:
    achievement = platform.defined()
    first, second = give(platform, achievement, OWN_SVG), give(platform, achievement, OWN_PNG)
    assert give(platform, achievement, OWN_SVG)["image"] == first["image"] != second["image"]


def test_a_picture_that_could_do_more_than_be_looked_at_is_refused_by_field(platform: Platform) -> None:
    achievement = platform.defined()
    with pytest.raises(Refusal) as refused:
        give(platform, achievement, OWN_SVG.replace(b"<rect", b"<script/><rect"))
    assert (refused.value.status, refused.value.errors[0]["field"]) == (422, "/image")
    assert platform.call("get_achievement", achievement=achievement["id"]).body == achievement


@pytest.mark.parametrize("image", ["", "no base64!", "AAAA\n", 7, None, "A" * 800_000])
def test_what_is_no_picture_is_refused_at_the_door(image: object) -> None:
    with pytest.raises(ValidationError) as refused:
        calls.SetAchievementImage().load({"image": image})
    assert "image" in refused.value.messages


@pytest.mark.parametrize(("node", "status"), [("demo.hillside", 404), ("demo.riverside.east", 403)])
def test_nobody_else_gives_it_a_picture(platform: Platform, node: str, status: int) -> None:
    achievement = platform.defined()
    with pytest.raises(Refusal) as refused:
        give(platform, achievement, OWN_SVG, node)
    assert refused.value.status == status


def test_there_is_an_end_to_the_pictures_that_one_achievement_is_given(platform: Platform) -> None:
    achievement = platform.defined()
    for number in range(pictures.MOST_GIVEN):
        last = give(platform, achievement, OWN_SVG.replace(b"9", str(number).encode()))
    with pytest.raises(Refusal, match="all of them are kept"):
        give(platform, achievement, OWN_SVG.replace(b"9", b"999"))
    assert give(platform, achievement, OWN_SVG.replace(b"9", b"1"))["image"] != last["image"]


def test_an_achievement_from_before_there_were_pictures_shows_a_drawn_one_and_its_credentials_name_none(
        platform: Platform) -> None:
    achievement = platform.defined()
    del platform.state["achievements"][achievement["id"]]["image"]
    assert b"Spreadsheets" in shown(platform, f"/achievements/{achievement['id']}/image")[1]
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    assert "image" not in platform.listed()["items"][0]["credential"]["credentialSubject"]["achievement"]


@pytest.mark.parametrize("path", ["/achievements/none/image", "/achievements/none/images/x.svg"])
def test_what_there_is_not_is_not_found(platform: Platform, path: str) -> None:
    with pytest.raises(Refusal) as refused:
        shown(platform, path)
    assert refused.value.status == 404
