"""A library asks, a college vouches, both issue together, and strangers read it, until one of them stops."""

import json
from typing import Any

import pytest

from libranet.local import Platform
from tests.journeys.stage import CTDL, ISSUE, OTHER_COLLEGE, OTHER_LIBRARY, SHARE, Keys, Stage, until

pytestmark = pytest.mark.real


def verdicts(stage: Stage, credential: dict[str, Any]) -> dict[str, str]:
    """As a stranger sees it."""
    found = stage.stranger.ask("POST", "/v1/verifications", {"credential": credential})
    return {name: each["verdict"] for name, each in found.items()}


def decide(stage: Stage, endorsement: dict[str, Any], accepted: bool = True) -> dict[str, Any]:
    return dict(stage.library.ask("PUT", f"/v1/endorsements/{endorsement['id']}/decision", {"accepted": accepted}))


def earned(stage: Stage, *purposes: str) -> tuple[str, dict[str, Any], str]:
    """A patron, their credential, and its achievement."""
    patron, course = stage.patron(ISSUE, *purposes), stage.course()
    return patron, stage.completed(patron, course), stage.achievement_of(course)


def test_from_the_asking_to_the_taking_back(stage: Stage) -> None:
    heard = stage.college_listens("endorsement-asked", "endorsement-accepted", "endorsement-ended")
    course = stage.course()
    achievement = stage.achievement_of(course)
    asked = stage.library.ask("POST", "/v1/endorsement-requests", {
        "kind": "achievement", "of": achievement, "endorser": stage.college_node})
    until(lambda: heard.wait_for("endorsement-asked", 1) is not None, what="that the college was asked")
    offer = stage.endorsement(achievement)
    assert (offer["id"], offer["state"]) == (asked["id"], "offered")
    accepted = decide(stage, offer)
    until(lambda: heard.wait_for("endorsement-accepted", 1) is not None, what="that it was accepted")
    credential = stage.completed(stage.patron(ISSUE), course)["credential"]
    [carried] = credential["credentialSubject"]["achievement"]["endorsement"]
    assert carried["id"] == accepted["public_url"]
    assert verdicts(stage, credential)["endorsement"] == "valid"
    address = accepted["public_url"].partition("/endorsements/")[2]
    assert verdicts(stage, stage.stranger.ask("GET", f"/endorsements/{address}"))["status"] == "valid"
    stage.college.ask("POST", f"/v1/endorsements/{offer['id']}/take-back", {"reason": "We do not teach it any more."})
    found = verdicts(stage, credential)
    assert (found["endorsement"], found["signature"], found["status"]) == ("invalid", "valid", "valid")
    assert "endorsement" not in stage.completed(
        stage.patron(ISSUE), course)["credential"]["credentialSubject"]["achievement"]


def test_both_issue_until_one_of_them_stops(stage: Stage) -> None:
    course = stage.course()
    achievement = stage.achievement_of(course)
    proposal = stage.co_issuing(achievement)
    seen = stage.college.ask("GET", f"/v1/co-issuings/{proposal['id']}")
    assert seen["definition"]["criteria"] == "Complete it."
    stage.college.ask("POST", f"/v1/co-issuings/{proposal['id']}/agree", {"version": seen["definition"]["version"]})
    patron = stage.patron(ISSUE)
    credential = stage.completed(patron, course)
    found = verdicts(stage, credential["credential"])
    assert (found["signature"], found["status"], found["endorsement"]) == ("valid", "valid", "valid")
    [said] = stage.library.ask("GET", f"/v1/patrons/{patron}/endorsements")["items"]
    assert said["co_issued"]
    assert stage.college.raw("GET", f"/v1/endorsements/{said['id']}").status == 404, "it does not know whose it is"
    stage.college.ask("DELETE", f"/v1/co-issuings/{proposal['id']}")
    alone = stage.completed(stage.patron(ISSUE), course)["credential"]
    assert verdicts(stage, alone)["endorsement"] == "unknown"
    assert verdicts(stage, credential["credential"])["endorsement"] == "valid"


def test_a_learner_decides_about_their_credential_and_is_forgotten_with_it(stage: Stage) -> None:
    patron, credential, _ = earned(stage, SHARE)
    until(lambda: stage.college.raw("POST", "/v1/endorsements", {
        "kind": "credential", "of": credential["public_id"], "comment": "We hired for it."}).status in (200, 201),
        what="that the college may know of it")
    [offer] = stage.library.ask("GET", f"/v1/patrons/{patron}/endorsements")["items"]
    target = f"/v1/patrons/{patron}/endorsements/{offer['id']}"
    accepted = stage.library.ask("PUT", target, {"accepted": True})
    renewed = stage.library.ask("POST", f"/v1/credentials/{credential['id']}/revalidate", {"extend": False})
    assert verdicts(stage, renewed["credential"])["endorsement"] == "valid"
    assert accepted["public_url"] in json.dumps(stage.library.ask("GET", f"/v1/patrons/{patron}/export"))
    erasure = stage.library.ask("DELETE", f"/v1/patrons/{patron}")
    until(lambda: stage.library.ask("GET", f"/v1/erasures/{erasure['id']}")["complete"], what="the erasure")
    address = accepted["public_url"].partition("/endorsements/")[2]
    assert stage.stranger.raw("GET", f"/endorsements/{address}").status == 410
    assert stage.college.raw("GET", f"/v1/endorsements/{offer['id']}").status == 404


def test_a_mapping_is_the_colleges_word_until_the_library_makes_it_its_own(stage: Stage) -> None:
    course = stage.course()
    achievement = stage.achievement_of(course)
    mapping, patron = stage.mapping(achievement), stage.patron(ISSUE)
    before = stage.completed(patron, course)
    assert CTDL["target_name"] not in json.dumps(before["credential"])
    assert before["mappings"][0]["target"] == CTDL
    record = stage.record(patron)
    page = stage.stranger.raw("GET", f"/records/{record['public_id']}/print").data.decode()
    assert f"Lakeside College: {CTDL['target_name']}" in page
    stage.library.ask("PUT", f"/v1/mappings/{mapping['id']}/decision", {"accepted": True})
    after = stage.completed(stage.patron(ISSUE), course)
    assert after["credential"]["credentialSubject"]["achievement"]["alignment"][0]["targetUrl"] == CTDL["target_url"]
    assert verdicts(stage, after["credential"])["schema"] == "valid"


def test_other_places_see_none_of_it(stage: Stage, platform: Platform, keys: Keys) -> None:
    achievement = stage.competency()
    made = {"endorsements": stage.endorsement(achievement), "co-issuings": stage.co_issuing(achievement),
            "mappings": stage.mapping(achievement)}
    theirs = [f"/v1/{noun}/{each['id']}" for noun, each in made.items()]
    with Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as hillside:
        for target in theirs:
            assert [each.raw("GET", target).status for each in (hillside.library, hillside.college)] == [404, 404]
    assert all(stage.library.ask("GET", target)["id"] for target in theirs)
