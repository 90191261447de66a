"""From a statement of a college to its answer: a patron sees how near they are, the college hears once they agree."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.receiver import Receiver
from libranet.local import Platform
from tests.journeys.stage import (
    COLLEGE,
    ISSUE,
    LIBRARY,
    OTHER_COLLEGE,
    SHARE,
    Keys,
    Stage,
    first_told,
    libranet,
    pages,
)
from tests.patience import until

pytestmark = pytest.mark.real
ISSUED = "org.libranet.credentials.credential-issued.v1"
KINDS = ("recognition-reached", "recognition-lost")


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


@pytest.fixture(scope="module")
def northgate(platform: Platform, keys: Keys) -> Iterator[Stage]:
    """Another college of the consortium."""
    with Stage(platform, keys, college=OTHER_COLLEGE) as stage:
        yield stage


def near(scene: Stage, patron: str, recognition: dict[str, Any]) -> dict[str, Any]:
    items = pages(scene.library, f"/v1/patrons/{patron}/recognitions")
    return next(each for each in items if each["recognition"] == recognition["id"])


def heard(receiver: Receiver, recognition: dict[str, Any]) -> list[dict[str, Any]]:
    """What the college's webhook told of a recognition, each event once."""
    found = {each["headers"]["webhook-id"]: each["body"] for each in list(receiver.deliveries)
             if each["verified"] and each["body"]["data"].get("recognition") == recognition["id"]}
    return list(found.values())


def kinds(receiver: Receiver, recognition: dict[str, Any]) -> list[str]:
    return [each["type"].split(".")[3] for each in heard(receiver, recognition)]


def reached(scene: Stage, recognition: dict[str, Any]) -> list[dict[str, Any]]:
    return list(scene.college.ask("GET", f"/v1/recognitions/{recognition['id']}/reached")["items"])


def taken(scene: Stage) -> tuple[dict[str, Any], str]:
    """A course, and the achievement that its completion earns."""
    course = scene.course()
    return course, str(scene.achievement_of(course))


def test_a_record_opens_credit_and_the_college_hears_once_the_patron_agrees(scene: Stage, northgate: Stage) -> None:
    course, achievement = taken(scene)
    assert achievement in {each["id"] for each in pages(scene.college, "/v1/recognisable-achievements")}
    college, other = scene.college_listens(*KINDS), northgate.college_listens("*")
    recognition = scene.recognition(achievement)
    patron = scene.patron(ISSUE)
    northgate.consent(patron, SHARE)
    before = near(scene, patron, recognition)
    assert (before["standing"], before["missing"][0]["course"]) == ("open", course["id"])
    scene.completed(patron, course)
    until(lambda: "reached" in near(scene, patron, recognition), what="the reach")
    mine = near(scene, patron, recognition)
    assert f"/consents/{SHARE}/{COLLEGE}" in mine["next_step"]
    assert reached(scene, recognition) == []
    scene.consent(patron, SHARE)
    until(lambda: bool(heard(college, recognition)), what="the webhook")
    [event] = heard(college, recognition)
    assert (event["data"]["reached"], event["data"]["gives"]["amount"]) == (mine["reached"], 3)
    assert patron not in json.dumps(college.deliveries)
    first_told(other, "credential-issued")
    assert "recognition" not in json.dumps(other.deliveries)
    answer = {"reached": event["data"]["reached"], "answer": "granted", "reason": "Come to the registrar."}
    answers = f"/v1/recognitions/{recognition['id']}/answers"
    assert northgate.college.raw("POST", answers, answer).status == 403
    assert scene.college.ask("POST", answers, answer)["state"] == "granted"
    assert scene.college.ask("POST", answers, answer)["state"] == "granted"
    assert scene.college.raw("POST", answers, {**answer, "answer": "refused"}).status == 409
    assert near(scene, patron, recognition)["answer"]["reason"] == "Come to the registrar."
    export = scene.library.ask("GET", f"/v1/patrons/{patron}/export")
    assert mine["reached"] in json.dumps(export)


def test_who_qualifies_already_is_found_when_it_is_stated(scene: Stage) -> None:
    course, achievement = taken(scene)
    patron = scene.patron(ISSUE, SHARE)
    scene.completed(patron, course)
    college = scene.college_listens(*KINDS)
    recognition = scene.recognition(achievement)
    until(lambda: bool(heard(college, recognition)), what="the webhook")
    assert near(scene, patron, recognition)["standing"] == "reached"


def test_a_revocation_before_the_answer_is_told(scene: Stage) -> None:
    course, achievement = taken(scene)
    college, patron = scene.college_listens(*KINDS), scene.patron(ISSUE, SHARE)
    recognition = scene.recognition(achievement)
    credential = scene.completed(patron, course)
    until(lambda: bool(heard(college, recognition)), what="the webhook")
    scene.library.ask("POST", f"/v1/credentials/{credential['id']}/revoke", {"reason": "The wrong course."})
    until(lambda: kinds(college, recognition) == [*KINDS], what="that it was lost")
    [lost] = reached(scene, recognition)
    assert lost["state"] == "lost"
    body = {"reached": lost["id"], "answer": "granted"}
    assert scene.college.raw("POST", f"/v1/recognitions/{recognition['id']}/answers", body).status == 409


def test_a_withdrawn_consent_ends_what_the_college_sees(scene: Stage) -> None:
    course, achievement = taken(scene)
    patron, recognition = scene.patron(ISSUE, SHARE), scene.recognition(achievement)
    scene.completed(patron, course)
    until(lambda: len(reached(scene, recognition)) == 1, what="the reach")
    [seen] = reached(scene, recognition)
    scene.consent(patron, SHARE, granted=False)
    until(lambda: reached(scene, recognition) == [], what="its end")
    body = {"reached": seen["id"], "answer": "granted"}
    assert scene.college.raw("POST", f"/v1/recognitions/{recognition['id']}/answers", body).status == 404


def test_an_erased_patron_leaves_nothing_of_it(scene: Stage) -> None:
    course, achievement = taken(scene)
    patron, recognition = scene.patron(ISSUE, SHARE), scene.recognition(achievement)
    scene.completed(patron, course)
    until(lambda: len(reached(scene, recognition)) == 1, what="the reach")
    erasure = scene.library.ask("DELETE", f"/v1/patrons/{patron}")
    until(lambda: scene.library.ask("GET", f"/v1/erasures/{erasure['id']}")["complete"], what="the erasure")
    assert reached(scene, recognition) == []
    assert scene.mongo["libranet_credentials"].reaches.count_documents({"patron": patron}) == 0


def test_kills_and_a_replay_tell_nobody_twice_and_forget_nobody(scene: Stage) -> None:
    course, achievement = taken(scene)
    college, recognition = scene.college_listens(*KINDS), scene.recognition(achievement)
    began, patrons = datetime.now(UTC), [scene.patron(ISSUE, SHARE) for _ in range(30)]
    for number, patron in enumerate(patrons):
        account = scene.account()
        scene.enrol(patron, course, account)
        scene.report_until_taken(scene.passed(account, course))
        if number % 10 == 5:
            scene.platform.wait_ready(parts=("credentials",))
            scene.platform.kill("credentials")
    scene.platform.wait_ready()
    changed = {"title": "Anew", "gives": {"kind": "waiver"}, "takes": recognition["takes"]}
    until(lambda: len(heard(college, recognition)) == len(patrons), 180, "a webhook for everybody")
    scene.college.ask("PUT", f"/v1/recognitions/{recognition['id']}", changed)
    scene.platform.kill("credentials")
    scene.platform.wait_ready()
    until(lambda: len(heard(college, recognition)) == 2 * len(patrons), 180, "another one for the version after")
    since = (began - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    libranet(scene.platform, "events", "replay", "--type", ISSUED, "--since", since, "--to", "credentials.recognitions")
    time.sleep(3)
    told = heard(college, recognition)
    assert len({each["data"]["reached"] for each in told}) == len(told) == 2 * len(patrons)
    rows = scene.mongo["libranet_credentials"].reaches.count_documents({"recognition": recognition["id"]})
    assert rows == 2 * len(patrons)


def test_a_patron_reads_statements_with_a_session_of_their_own(scene: Stage) -> None:
    course, achievement = taken(scene)
    recognition = scene.recognition(achievement)
    scene.completed(scene.patron(ISSUE, SHARE), course)
    guest = scene.as_person(scene.guest()["session"]["token"])
    assert guest.ask("GET", f"/v1/recognitions/{recognition['id']}")["college"] == COLLEGE
    assert guest.raw("GET", f"/v1/recognitions/{recognition['id']}/reached").status == 403
    assert scene.library.raw("POST", "/v1/recognitions", {}).status == 403

    def measures() -> str:
        return json.dumps(scene.library.ask("GET", f"/v1/measures?node={LIBRARY}"))

    until(lambda: "recognition-reached" in measures(), what="the measure")
