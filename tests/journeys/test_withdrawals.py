"""A completion that a platform takes back, with statements as Open edX sends them: people decide, not silently."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libranet.local import Platform
from tests.journeys.stage import ISSUE, SHARE, Keys, Stage, libranet, until

pytestmark = pytest.mark.real
SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "xapi" / "openedx"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "xapi"
PASSED = ("edx.course.grade.passed.first_time.json", "openedx_course_passed.json")
FAILED = ("edx.course.grade.now_failed.json", "openedx_course_failed.json")
PROCTORED = "https://courses.example.org/xapi/extensions/proctored"


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


def open_edx(names: tuple[str, str], account: dict[str, str], course: dict[str, Any], at: str) -> dict[str, Any]:
    """A real statement where they lie beside the repository, else ours of that shape: of this account and course."""
    path = SAMPLES / names[0] if SAMPLES.exists() else FIXTURES / names[1]
    statement = json.loads(path.read_text(encoding="utf-8"))
    return {**statement, "id": str(uuid.uuid4()), "actor": {"objectType": "Agent", "account": account}, "timestamp": at,
            "object": {**statement["object"], "id": course["activity_iri"]}}


def credential_of(scene: Stage, patron: str) -> dict[str, Any]:
    [only] = scene.credentials(patron)
    return only


def question_of(scene: Stage, credential: dict[str, Any]) -> dict[str, Any] | None:
    listed = scene.library.ask("GET", "/v1/reconsiderations?limit=200")["items"]
    return next((each for each in listed if each["credential"] == credential["id"]), None)


def status(scene: Stage, credential: dict[str, Any]) -> str:
    found = scene.stranger.ask("POST", "/v1/verifications", {"credential": credential["credential"]})
    return str(found["status"]["verdict"])


def test_a_grade_that_falls_below_passing_is_looked_at_and_stands_again_when_that_was_a_mistake(scene: Stage) -> None:
    account, course, patron = scene.account(), scene.course(), scene.patron(ISSUE, SHARE)
    recognition = scene.recognition(scene.achievement_of(course), title="Credit that hangs on it")
    scene.enrol(patron, course, account)
    scene.report(open_edx(PASSED, account, course, "2026-11-02T06:36:01.917775+00:00"))
    until(lambda: bool(scene.credentials(patron)), what="the credential")
    credential = credential_of(scene, patron)
    record = scene.record(patron, "What I learnt")
    until(lambda: bool(scene.college.ask("GET", f"/v1/recognitions/{recognition['id']}/reached")["items"]),
          what="the reach")
    failed = open_edx(FAILED, account, course, "2026-11-03T06:36:01.917775+00:00")
    scene.report(failed)
    until(lambda: question_of(scene, credential) is not None, what="the reconsideration")
    assert credential_of(scene, patron)["in_review"]["because"].endswith("failed after all.")
    assert (credential_of(scene, patron)["status"], status(scene, credential)) == ("issued", "valid")
    own_id = (question_of(scene, credential) or {})["id"]
    hanging = scene.library.ask("GET", f"/v1/reconsiderations/{own_id}")["hangs_on_it"]
    assert [each["id"] for each in hanging["records"]] == [record["id"]]
    assert [(each["college"], each["state"]) for each in hanging["recognitions"]] == [(scene.college_node, "reached")]
    scene.library.ask("POST", f"/v1/reconsiderations/{own_id}/decide", {
        "decision": "suspend", "reason": "We ask the platform."})
    assert status(scene, credential) == "invalid"
    scene.void(failed["id"])
    until(lambda: question_of(scene, credential) is None, what="the end of the reconsideration")
    after = credential_of(scene, patron)
    assert (after["status"], status(scene, credential)) == ("issued", "valid")
    assert [each["what"] for each in after["life"]] == ["issued", "in-review", "suspended", "reinstated", "reviewed"]


def test_staff_revoke_for_a_voided_statement_and_everybody_sees_it(scene: Stage) -> None:
    question = scene.reconsideration()
    found = scene.library.ask("GET", f"/v1/reconsiderations/{question}")
    assert found["why"] == "completion-withdrawn"
    decided = scene.library.ask("POST", f"/v1/reconsiderations/{question}/decide", {
        "decision": "revoke", "reason": "Somebody else sat the test."})
    assert (decided["state"], decided["outcome"], decided["credential_state"]) == ("closed", "revoked", "revoked")
    credential = credential_of(scene, found["patron"])
    assert status(scene, credential) == "invalid"
    assert credential["life"][-1]["reason"] == "Somebody else sat the test."


def test_a_replay_to_a_service_that_lost_its_inbox_asks_nobody_again(scene: Stage, platform: Platform) -> None:
    question = scene.reconsideration()
    scene.library.ask("POST", f"/v1/reconsiderations/{question}/decide", {"decision": "keep", "reason": "It stands."})
    rows = scene.mongo["libranet_credentials"].reconsiderations
    before = rows.count_documents({})
    scene.mongo["libranet_credentials"].inbox.delete_many({})
    for each in ("completed", "completion-withdrawn", "completion-retold"):
        libranet(platform, "events", "replay", "--type", f"org.libranet.learning.course-{each}.v1", "--since",
                 "2026-01-01", "--to", "credentials.completions")
    newcomer = scene.patron(ISSUE)
    scene.completed(newcomer, scene.course())
    assert rows.count_documents({}) == before
    assert rows.find_one({"_id": question})["state"] == "closed"


def test_an_unproctored_completion_does_not_earn_what_asks_for_it_and_a_proctored_one_does(scene: Stage) -> None:
    account, course, patron = scene.account(), scene.course(), scene.patron(ISSUE)
    scene.library.ask("POST", "/v1/achievements", {
        "name": "Spreadsheets: proctored", "description": "Sat the test at the library.", "criteria": "Sit the test.",
        "kind": "engagement", "earned_by": {"course": course["id"], "proctored": True, "minimum_hours": 1.5}})
    scene.enrol(patron, course, account)
    passed = open_edx(PASSED, account, course, "2026-11-02T06:36:01.917775+00:00")
    scene.report(passed)
    place = f"/v1/patrons/{patron}/credentials"
    until(lambda: bool(scene.library.ask("GET", place)["not_earned"]), what="why it was not earned")
    listed = scene.library.ask("GET", place)
    assert [each["achievement_name"] for each in listed["items"]] == ["Spreadsheets: completed"]
    [lacking] = listed["not_earned"]
    assert [each["condition"] for each in lacking["lacks"]] == ["proctored", "minimum_hours"]
    result = {"duration": "PT1H30M", "extensions": {PROCTORED: True}}
    scene.report({**passed, "id": str(uuid.uuid4()), "timestamp": "2026-11-03T06:36:01Z", "result": result})
    until(lambda: len(scene.credentials(patron)) > 1, what="the proctored one")
    earned = next(each for each in scene.credentials(patron) if each["achievement_name"] == "Spreadsheets: proctored")
    assert (earned["because"]["proctored"], earned["because"]["hours"]) == (True, 1.5)
    assert scene.library.ask("GET", place)["not_earned"] == []


def test_a_newer_version_supersedes_the_earlier_one_and_a_college_hears_it(scene: Stage) -> None:
    heard, patron = scene.college_listens("credential-superseded"), scene.patron(ISSUE, SHARE)
    course, other = scene.course(), scene.course()
    old = scene.completed(patron, course)
    scene.library.ask("POST", f"/v1/credentials/{old['id']}/share", {})
    scene.library.ask("PUT", f"/v1/achievements/{old['achievement']}", {
        "name": "Spreadsheets: completed", "description": "The new course.", "criteria": "Complete it.",
        "kind": "engagement", "course": other["id"]})
    account = scene.account()
    scene.enrol(patron, other, account)
    scene.report(scene.passed(account, other))

    def state() -> dict[str, Any]:
        return next(each for each in scene.credentials(patron) if each["id"] == old["id"])

    until(lambda: state()["state"] == "superseded", what="the newer one")
    told = heard.wait_for("credential-superseded", 15)
    assert told is not None
    assert told["body"]["data"]["public_id"] == old["public_id"]
    assert status(scene, old) == "valid"
    assert state()["life"][-1]["what"] == "superseded"
