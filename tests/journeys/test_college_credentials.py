"""A college issues by itself: it defines, grants what somebody reached, and a credential of its own comes of it once
the patron agrees; strangers accept it until the college takes it back."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from openbadgeslib.ob3 import check_credential_status
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from libranet.local import Platform
from tests.journeys.stage import (
    AWARD,
    COLLEGE,
    ISSUE,
    LIBRARY,
    OTHER_COLLEGE,
    OTHER_LIBRARY,
    SHARE,
    Keys,
    Stage,
    first_told,
)
from tests.patience import until

pytestmark = pytest.mark.real
DEFINITION = {"name": "Ready for business", "description": "Took two of our courses' worth.",
              "criteria": "Hold what we recognise.", "kind": "engagement"}
AT_ONCE = 8


def reached(stage: Stage, *purposes: str) -> tuple[str, str, dict[str, Any], str]:
    """A patron, the college's achievement, the recognition that awards it, and the patron's reaching it."""
    own = stage.college.ask("POST", "/v1/achievements", DEFINITION)["id"]
    course, patron = stage.course(), stage.patron(ISSUE, SHARE, *purposes)
    recognition = stage.recognition(
        stage.achievement_of(course), gives={"kind": "credit", "amount": 3, "awards": own})
    stage.completed(patron, course)
    listed = f"/v1/recognitions/{recognition['id']}/reached"
    until(lambda: bool(stage.college.ask("GET", listed)["items"]), what="the reach")
    return patron, own, recognition, stage.college.ask("GET", listed)["items"][0]["id"]


def grant(stage: Stage, recognition: dict[str, Any], reach: str) -> dict[str, Any]:
    return dict(stage.college.ask("POST", f"/v1/recognitions/{recognition['id']}/answers",
                                  {"reached": reach, "answer": "granted"}))


def of_college(stage: Stage, patron: str) -> list[dict[str, Any]]:
    return [each for each in stage.credentials(patron) if each["issuer"] == COLLEGE]


def issued(stage: Stage, achievement: str) -> list[dict[str, Any]]:
    return list(stage.college.ask("GET", f"/v1/achievements/{achievement}/credentials")["items"])


def verdicts(stage: Stage, credential: dict[str, Any]) -> dict[str, str]:
    """As a stranger sees it."""
    found = stage.stranger.ask("POST", "/v1/verifications", {"credential": credential})
    return {name: each["verdict"] for name, each in found.items()}


def judged_by_others(stage: Stage, document: dict[str, Any]) -> None:
    """By a library that is not ours, from what anyone can fetch. Raises OB3VerificationError."""
    read = OB3LdpVerifier.for_issuer_did(document["issuer"]["id"]).verify(document)
    address = urlsplit(document["credentialStatus"]["statusListCredential"]).path
    check_credential_status(read, lambda _url: stage.stranger.raw("GET", address).data)


def test_a_college_grants_and_its_own_credential_holds_before_strangers(stage: Stage) -> None:
    heard = stage.college_listens("credential-issued", "credential-suspended")
    patron, own, recognition, reach = reached(stage, AWARD)
    grant(stage, recognition, reach)
    [credential] = of_college(stage, patron)
    document = credential["credential"]
    assert document["issuer"]["id"] == stage.stranger.ask("GET", f"/issuers/{COLLEGE}")["id"]
    found = verdicts(stage, document)
    assert {name: found[name] for name in ("signature", "dates", "status", "issuer", "schema")} == dict.fromkeys(
        ("signature", "dates", "status", "issuer", "schema"), "valid")
    judged_by_others(stage, document)
    stage.library.ask("POST", f"/v1/credentials/{credential['id']}/share", {})
    shown = stage.stranger.ask("GET", urlsplit(credential["public_url"]).path)
    assert shown["id"] == document["id"]
    [seen] = issued(stage, own)
    assert seen["because"]["reached"] == reach
    assert patron not in json.dumps(seen)
    record = stage.record(patron, "All of it")
    assert document["id"] in json.dumps(stage.stranger.ask("GET", urlsplit(record["public_url"]).path))
    until(lambda: credential["public_url"] in json.dumps([each["body"] for each in heard.deliveries]),
          what="the webhook")
    suspended = stage.college.ask("POST", f"/v1/credentials/{seen['id']}/suspend", {"reason": "We look into it."})
    assert (suspended["status"], patron in json.dumps(suspended)) == ("suspended", False)
    assert verdicts(stage, document)["status"] == "invalid"
    with pytest.raises(OB3VerificationError):
        judged_by_others(stage, document)
    assert first_told(heard, "credential-suspended")["body"]["owner"] == LIBRARY
    assert patron not in json.dumps(heard.deliveries)
    assert of_college(stage, patron)[0]["status_reason"] == "We look into it."


def test_it_waits_for_the_patrons_consent_to_this_college(stage: Stage) -> None:
    patron, own, recognition, reach = reached(stage)
    grant(stage, recognition, reach)
    [waiting] = stage.library.ask("GET", f"/v1/patrons/{patron}/credentials")["waiting"]
    assert f"/consents/{AWARD}/{COLLEGE}" in waiting["next_step"]
    assert issued(stage, own) == of_college(stage, patron) == []
    stage.consent(patron, AWARD)
    until(lambda: len(of_college(stage, patron)) == 1, what="the credential")
    assert len(issued(stage, own)) == 1


def test_granted_many_times_at_once_it_is_issued_once(stage: Stage) -> None:
    patron, own, recognition, reach = reached(stage, AWARD)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: grant(stage, recognition, reach)["state"], range(AT_ONCE)))
    assert answers == ["granted"] * AT_ONCE
    assert len(issued(stage, own)) == len(of_college(stage, patron)) == 1


def test_neither_another_college_nor_a_library_gets_at_it(stage: Stage, platform: Platform, keys: Keys) -> None:
    patron, own, recognition, reach = reached(stage, AWARD)
    grant(stage, recognition, reach)
    [credential] = of_college(stage, patron)
    other = Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE)
    revoke, reason = f"/v1/credentials/{credential['id']}/revoke", {"reason": "Not ours."}
    for who in (other.college, other.library):
        assert who.raw("GET", f"/v1/achievements/{own}").status == 404
        assert who.raw("GET", f"/v1/achievements/{own}/credentials").status == 404
        assert who.raw("PUT", f"/v1/achievements/{own}", DEFINITION).status == 404
        assert who.raw("POST", revoke, reason).status == 404
        assert own not in json.dumps(who.ask("GET", "/v1/achievements?limit=200"))
    assert stage.library.raw("POST", revoke, reason).status == 403
    [of_library] = [each for each in stage.credentials(patron) if each["issuer"] == LIBRARY]
    assert stage.college.raw("POST", f"/v1/credentials/{of_library['id']}/revoke", reason).status == 404
    gives = {"kind": "waiver", "awards": own}
    refused = other.college.raw("POST", "/v1/recognitions", {
        "title": "Theirs", "gives": gives, "takes": recognition["takes"]})
    assert (refused.status, json.loads(refused.data)["errors"][0]["field"]) == (422, "/gives/awards")
    for target, body in ((f"/v1/achievements/{own}/awards", b"patron,awarded_at\n"), (
            f"/v1/credentials/{credential['id']}/share", {}), ("/v1/achievements", DEFINITION | {"course": own})):
        assert stage.college.raw("POST", target, body).status in (403, 422)


def test_an_erased_patron_takes_it_along(stage: Stage) -> None:
    patron, own, recognition, reach = reached(stage, AWARD)
    grant(stage, recognition, reach)
    [credential] = of_college(stage, patron)
    stage.library.ask("POST", f"/v1/credentials/{credential['id']}/share", {})
    erasure = stage.library.ask("DELETE", f"/v1/patrons/{patron}")
    until(lambda: stage.library.ask("GET", f"/v1/erasures/{erasure['id']}")["complete"], what="the erasure")
    assert issued(stage, own) == []
    assert stage.stranger.raw("GET", urlsplit(credential["public_url"]).path).status == 410
    revoke = f"/v1/credentials/{credential['id']}/revoke"
    assert stage.college.raw("POST", revoke, {"reason": "Too late."}).status == 404
    assert stage.mongo["libranet_credentials"].credentials.count_documents({"patron": patron}) == 0
