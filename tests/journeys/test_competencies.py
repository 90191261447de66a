"""From evidence to a competency, through the door: who helps, who judges, who decides, and what becomes of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from demo.api import Client
from libranet.clock import now
from libranet.local import Platform
from tests.journeys.stage import ISSUE, LIBRARY, Stage, libranet, pages
from tests.patience import until

pytestmark = pytest.mark.real
ESCO = {"target_url": "http://data.europa.eu/esco/skill/1973c966-f236-40c9-b2d4-5d71a89019be",
        "target_name": "use spreadsheets software", "target_type": "ext:ESCOSkill"}
AT_ONCE = 8
ROLE = {"Libranet-Acting-As": f"evaluator@{LIBRARY}"}


def a_person(stage: Stage) -> tuple[str, Client]:
    """A patron with a session of their own."""
    guest = stage.guest()
    registered = stage.as_person(guest["session"]["token"]).ask(
        "POST", f"/v1/guests/{guest['id']}/registration", {})
    return registered["id"], stage.as_person(registered["session"]["token"])


def make_evaluator(patron: str, me: Client, platform: Platform) -> None:
    last_day = (now() + timedelta(days=30)).date().isoformat()
    libranet(platform, "org", "grant", LIBRARY, "evaluator", patron, "--until", last_day)
    until(lambda: me.raw("GET", "/v1/me", headers=ROLE).status == 200, what="the role")


def skills(stage: Stage, patron: str) -> dict[str, Any]:
    shown = stage.library.ask("GET", f"/v1/patrons/{patron}")
    return {each["label"]: each["bases"] for each in shown["skills"]}


def test_a_learner_submits_an_evaluator_judges_and_a_skill_is_demonstrated(stage: Stage) -> None:
    patron, me = a_person(stage)
    achievement = stage.competency(alignments=[ESCO])
    file = stage.evidence_file(patron, b'{"books": 7}')
    place = f"/v1/patrons/{patron}/submissions"
    submission = me.ask("POST", place, {"achievement": achievement, "evidence": [{"name": "The books", "file": file}]})
    own = f"{place}/{submission['id']}"
    assert me.raw("GET", f"{own}/files/{file}").data == b'{"books": 7}'
    assert me.raw("GET", "/v1/reviews").status == 403
    review = f"/v1/reviews/{submission['id']}"
    assert submission["id"] in [each["id"] for each in pages(stage.library, "/v1/reviews")]
    stage.library.ask("POST", f"{review}/claim")
    assert stage.library.raw("GET", f"{review}/files/{file}").data == b'{"books": 7}'
    stage.library.ask("POST", f"{review}/judge", {"judgements": [{"criterion": "Formulas", "level": "proficient"}]})
    preview = me.ask("GET", own)["preview"]
    me.ask("PUT", f"/v1/patrons/{patron}/consents/{ISSUE}/{LIBRARY}", {"granted": True})
    assert stage.credentials(patron) == []
    assert me.ask("POST", f"{own}/accept")["state"] == "accepted"
    until(lambda: bool(stage.credentials(patron)), what="the credential")
    [earned] = stage.credentials(patron)
    document = earned["credential"]
    assert {name: document[name] for name in preview} == preview
    assert set(document) - set(preview) == {"validFrom", "credentialStatus", "proof"}
    verdicts = stage.stranger.ask("POST", "/v1/verifications", {"credential": document})
    assert verdicts.pop("endorsement")["verdict"] == "unknown"
    assert {each["verdict"] for each in verdicts.values()} == {"valid"}
    until(lambda: skills(stage, patron).get("use spreadsheets software") == ["demonstrated"], what="the skill")
    actions = [each["action"] for each in stage.library.ask("GET", f"/v1/patrons/{patron}/audit?limit=200")["items"]]
    assert "Get a file of a submission to be judged" in actions
    stage.library.ask("DELETE", f"/v1/patrons/{patron}")
    database = stage.mongo["libranet_credentials"]
    until(lambda: not database["submissions"].count_documents({"patron": patron}), what="the erasure")
    assert database["blobs.files"].count_documents({"length": len(b'{"books": 7}')}) == 0


def test_an_evaluator_does_not_judge_their_own_work_in_their_role_either(stage: Stage, platform: Platform) -> None:
    patron, me = a_person(stage)
    submission = stage.submission(patron)
    make_evaluator(patron, me, platform)
    review = f"/v1/reviews/{submission['id']}"
    assert me.raw("POST", f"{review}/claim", headers=ROLE).status == 403
    other = stage.submission(stage.patron())
    assert me.ask("POST", f"/v1/reviews/{other['id']}/claim", headers=ROLE)["is_yours"]
    assert stage.library.raw("POST", f"/v1/reviews/{other['id']}/claim").status == 409


def test_of_many_at_once_one_submits_one_claims_and_one_credential_is_issued(stage: Stage, platform: Platform) -> None:
    def at_once(path: str, body: Any = None, *clients: tuple[Client, dict[str, str]]) -> list[int]:
        asked = clients * (AT_ONCE // len(clients))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return sorted(threads.map(lambda each: each[0].raw("POST", path, body, each[1]).status, asked))

    patron, library = stage.patron(ISSUE), (stage.library, {})
    place, achievement = f"/v1/patrons/{patron}/submissions", stage.competency()
    body = {"achievement": achievement, "evidence": [{"name": "The books", "narrative": "I kept them."}]}
    assert at_once(place, body, library) == [201] + [409] * (AT_ONCE - 1)
    [submission] = stage.library.ask("GET", place)["items"]
    other, me = a_person(stage)
    make_evaluator(other, me, platform)
    review = f"/v1/reviews/{submission['id']}"
    taken = at_once(f"{review}/claim", None, library, (me, ROLE))
    assert taken == [200] * (AT_ONCE // 2) + [409] * (AT_ONCE // 2)
    owner, headers = library if stage.library.ask("GET", review)["is_yours"] else (me, ROLE)
    found = {"judgements": [{"criterion": "Formulas", "level": "proficient"}]}
    assert at_once(f"{review}/judge", found, (owner, headers)) == [200] + [409] * (AT_ONCE - 1)
    assert set(at_once(f"{place}/{submission['id']}/accept", None, library)) == {200}
    assert len(stage.credentials(patron)) == 1


def test_of_many_definitions_at_once_each_is_a_version(stage: Stage) -> None:
    body = {"name": "Came along", "description": "Was there.", "criteria": "Be there.", "kind": "engagement"}
    place = f"/v1/achievements/{stage.library.ask('POST', '/v1/achievements', body)['id']}"
    with ThreadPoolExecutor(AT_ONCE) as threads:
        made = list(threads.map(
            lambda number: stage.library.ask("PUT", place, {**body, "name": f"Came along {number}"}), range(AT_ONCE)))
    assert sorted(each["version"] for each in made) == list(range(2, AT_ONCE + 2))
    for each in made:
        assert stage.library.ask("GET", f"{place}/versions/{each['version']}") == each


def test_measures_count_what_was_judged_and_disagreed_about(stage: Stage, platform: Platform) -> None:
    patron, me = a_person(stage)
    make_evaluator(patron, me, platform)
    submission = stage.submission(stage.patron(), "passed", stage.competency(second_readings=100))
    review = f"/v1/reviews/{submission['id']}"
    me.ask("POST", f"{review}/claim", headers=ROLE)
    answer = me.ask("POST", f"{review}/judge", {
        "judgements": [{"criterion": "Formulas", "level": "beginning"}]}, ROLE)
    assert answer["state"] == "waiting"

    def measures() -> set[str]:
        return {each["measure"] for each in stage.library.ask("GET", "/v1/measures")["items"]}

    until(lambda: "evaluators-disagreed" in measures(), what="the measure")


def test_completions_earn_a_stack_once(stage: Stage) -> None:
    courses = [stage.course(title=f"Part {number}") for number in range(2)]
    achievements = stage.mongo["libranet_credentials"]["achievements"]
    parts = [str(row["_id"]) for row in achievements.find({"course": {"$in": [each["id"] for each in courses]}})]
    stage.library.ask("POST", "/v1/achievements", {
        "name": "All of it", "description": "Both.", "criteria": "Both.", "achievement_type": "LearningProgram",
        "earned_by": {"achievements": parts}})
    patron, account = stage.patron(ISSUE), stage.account()
    for course in courses:
        stage.enrol(patron, course, account)
    stage.report([stage.passed(account, course) for course in courses])
    until(lambda: len(stage.credentials(patron)) == 3, what="the stack")
    stage.report([stage.passed(account, course) for course in courses])
    assert [each["achievement_name"] for each in stage.credentials(patron)].count("All of it") == 1
