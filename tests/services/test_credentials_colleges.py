"""What a college defines, what its recognition awards, and that the patron agrees to it."""

from typing import Any

import orjson
import pytest

from contracts.calls import credentials as calls
from contracts.calls import recognition as recognitions
from libranet.testing import a_principal
from services.credentials.store import CredentialStore
from tests.services.college_desk import (
    HILL,
    LAKESIDE,
    MILL,
    RIVERSIDE,
    SCOPES,
    CollegeDesk,
)
from tests.services.college_desk import college as college
from tests.services.credentials_stage import (
    COURSE,
    EVERYTHING_VALID,
    PATRON,
    UNKNOWN,
    definition,
    judged_by_others,
)
from tests.services.endorsement_desk import COLLEGE, LIBRARY, refused
from tests.services.recognition_desk import CREDIT
from tests.services.review_stage import RUBRIC

# what a college defines

def test_a_college_defines_replaces_and_reads_its_own(college: CollegeDesk) -> None:
    own = college.own()
    assert (own["owner"], own["version"], own["kind"]) == (COLLEGE, 1, "engagement")
    anew = definition(name="Ready for business", course=None, criteria="Hold two of ours.")
    assert college.by(LAKESIDE, "replace_achievement", anew, achievement=own["id"]).body["version"] == 2
    assert college.by(LAKESIDE, "get_achievement", achievement=own["id"]).body["criteria"] == "Hold two of ours."
    first = college.by(LAKESIDE, "get_achievement_version", achievement=own["id"], version="1").body
    assert first["criteria"] == "Every unit."
    assert [each["id"] for each in college.by(LAKESIDE, "list_achievements").body["items"]] == [own["id"]]


def test_what_a_college_defined_is_nothing_to_another_college_or_library(college: CollegeDesk) -> None:
    own = college.own()
    theirs = college.defined()
    for who in (MILL, HILL, RIVERSIDE):
        for call, body in (("get_achievement", None), ("replace_achievement", definition(course=None)),
                           ("set_achievement_image", {"image": b""}), ("propose_co_issuer", {"node": "demo.mill"}),
                           ("list_issued_credentials", None)):
            refused(404, college.by, who, call, body, achievement=own["id"])
        assert own["id"] not in str(college.by(who, "list_achievements").body)
    for call in ("get_achievement", "list_issued_credentials"):
        refused(404, college.by, LAKESIDE, call, achievement=theirs["id"])
    refused(404, college.by, LAKESIDE, "replace_achievement", definition(course=None), achievement=theirs["id"])


def test_a_college_reads_what_its_consortium_defined_and_changes_nothing_of_it(college: CollegeDesk) -> None:
    shared = college.defined("demo", course=None)
    assert college.by(LAKESIDE, "get_achievement", achievement=shared["id"]).body["owner"] == "demo"
    refused(403, college.by, LAKESIDE, "replace_achievement", definition(course=None), achievement=shared["id"])
    refused(403, college.by, LAKESIDE, "propose_co_issuer", {"node": "demo.mill"}, achievement=shared["id"])


def test_a_colleges_achievement_is_earned_by_its_recognitions_alone(college: CollegeDesk) -> None:
    assert refused(422, college.own, course=COURSE) == "/course"
    assert refused(422, college.own, earned_by={"course": COURSE}) == "/earned_by"
    own = college.own()
    assert refused(422, college.by, LAKESIDE, "replace_achievement", definition(), achievement=own["id"]) == "/course"


# what a recognition awards

def test_a_recognition_awards_what_is_the_colleges_own(college: CollegeDesk) -> None:
    own, taken = college.own(), college.defined()
    gives = {**CREDIT, "awards": own["id"]}
    stated = college.stated(taken, who=LAKESIDE, gives=gives)
    assert stated["gives"] == gives
    assert recognitions.Recognition().dump(recognitions.Recognition().load(stated))["gives"] == gives
    for foreign in (taken["id"], college.own(MILL)["id"], college.defined("demo", course=None)["id"], UNKNOWN):
        awards = {"gives": {**CREDIT, "awards": foreign}}
        assert refused(422, college.stated, taken, who=LAKESIDE, **awards) == "/gives/awards"
        body = recognitions.StateRecognition().load({"title": "Anew", "takes": stated["takes"], **awards})
        assert refused(422, college.by, LAKESIDE, "replace_recognition", body,
                       recognition=stated["id"]) == "/gives/awards"


def test_a_competency_is_awarded_by_no_recognition(college: CollegeDesk) -> None:
    able = college.own(kind="competency", rubric=RUBRIC)
    gives = {**CREDIT, "awards": able["id"]}
    assert refused(422, college.stated, college.defined(), who=LAKESIDE, gives=gives) == "/gives/awards"


def test_what_is_granted_is_issued_once_and_signed_by_the_college(college: CollegeDesk) -> None:
    own = college.own()
    college.agreed()
    stated, reach = college.awarding(own)
    for _ in range(2):
        college.answered(stated, reach, who=LAKESIDE)
    credential = college.of_college()
    assert college.counts() == {LIBRARY: 1, COLLEGE: 1}
    document = credential["credential"]
    assert document["issuer"]["id"] == orjson.loads(college.issuer(COLLEGE).body)["id"]
    assert document["issuer"]["name"] == "Lakeside College"
    assert college.verified(document) == EVERYTHING_VALID
    judged_by_others(college, document)
    [counted] = [each["id"] for each in college.listed()["items"] if each["issuer"] == LIBRARY]
    because = credential["because"]
    assert (because["rule"], because["recognition"], because["recognition_version"], because["reached"]) == (
        "recognised", stated["id"], 1, reach)
    assert because["counted"] == [counted]
    calls.IssuedCredential().load(credential)


def test_a_grant_by_the_next_version_issues_no_second_one(college: CollegeDesk) -> None:
    credential = college.granted()
    before = college.by(LAKESIDE, "get_recognition", recognition=credential["because"]["recognition"]).body
    body = recognitions.StateRecognition().load(
        {"title": "Credit, spelt rightly", "takes": before["takes"], "gives": before["gives"]})
    college.by(LAKESIDE, "replace_recognition", body, recognition=before["id"])
    college.earn(6)
    fresh = [each for each in college.reached(before, who=LAKESIDE) if each["id"] != credential["because"]["reached"]]
    for each in fresh:
        college.answered(before, each["id"], who=LAKESIDE)
    assert len(fresh) == 1
    assert college.of_college()["id"] == credential["id"]


@pytest.mark.parametrize("who", [
    a_principal(COLLEGE, *SCOPES[1:], kind="college"), a_principal("demo", *SCOPES, kind="college")])
def test_who_recognises_and_defines_nothing_there_awards_nothing(college: CollegeDesk, who: Any) -> None:
    stated, reach = college.awarding(college.own())
    body = recognitions.StateRecognition().load(
        {"title": "Anew", "takes": stated["takes"], "gives": stated["gives"]})
    refused(403, college.by, who, "replace_recognition", body, recognition=stated["id"])
    refused(403, college.answered, stated, reach, who=who)
    assert [each["state"] for each in college.reached(stated, who=LAKESIDE)] == ["reached"]


def test_what_waits_is_issued_while_what_it_was_earned_by_holds(college: CollegeDesk) -> None:
    stated, reach = college.awarding(college.own())
    [counted] = college.listed()["items"]
    college.answered(stated, reach, who=LAKESIDE)
    college.decide_about(counted, "suspend", RIVERSIDE)
    college.agreed()
    assert college.counts()[COLLEGE] == 0
    college.decide_about(counted, "reinstate", RIVERSIDE)
    assert college.counts()[COLLEGE] == 1
    assert college.listed()["waiting"] == []


def test_what_a_colleges_credential_rests_on_is_in_use(college: CollegeDesk) -> None:
    credential = college.granted()
    found = college.database.transact(lambda work: CredentialStore(work).stacked_of([PATRON]))
    assert found == set(credential["because"]["counted"])


def test_the_event_belongs_to_the_patrons_library_and_names_the_college(college: CollegeDesk) -> None:
    credential = college.granted()
    issued = [each for each in college.events if each.data.get("credential") == credential["id"]]
    assert [(each.short_type, each.owner, each.data["issuer"]) for each in issued] == [
        ("credential-issued", LIBRARY, COLLEGE)]
    assert [each["owner"] for each in college.rows("reaches")] == [LIBRARY]


def test_a_refusal_and_a_recognition_that_awards_nothing_issue_nothing(college: CollegeDesk) -> None:
    college.agreed()
    stated, reach = college.awarding(college.own())
    college.answered(stated, reach, "refused", who=LAKESIDE, reason="Too long ago.")
    plain = college.stated(college.defined(), who=LAKESIDE)
    college.earn(6)
    [seen] = college.reached(plain, who=LAKESIDE)
    college.answered(plain, seen["id"], who=LAKESIDE)
    assert college.counts()[COLLEGE] == 0
    assert college.listed()["waiting"] == []


def test_without_the_patrons_consent_to_this_college_it_waits_for_it(college: CollegeDesk) -> None:
    stated, reach = college.awarding(college.own())
    college.agreed(recipient="demo.mill")
    college.answered(stated, reach, who=LAKESIDE)
    [waiting] = college.listed()["waiting"]
    path = f"PUT /v1/patrons/{PATRON}/consents/award-credentials/{COLLEGE} with granted true"
    assert path in waiting["next_step"]
    [mine] = [each for each in college.near() if each["recognition"] == stated["id"]]
    assert path in mine["next_step"]
    college.agreed(recipient=COLLEGE, purpose="issue-credentials")
    assert college.counts()[COLLEGE] == 0
    college.agreed()
    college.agreed()
    college.answered(stated, reach, who=LAKESIDE)
    assert college.counts()[COLLEGE] == 1
    assert college.listed()["waiting"] == []
    [mine] = [each for each in college.near() if each["recognition"] == stated["id"]]
    assert "ask there" in mine["next_step"]


def test_a_consent_that_was_withdrawn_is_none(college: CollegeDesk) -> None:
    college.agreed()
    college.agreed(given=False, sequence=2)
    stated, reach = college.awarding(college.own())
    college.answered(stated, reach, who=LAKESIDE)
    assert len(college.listed()["waiting"]) == 1
    college.agreed(sequence=1)
    assert college.counts()[COLLEGE] == 0


def test_it_is_issued_under_the_version_that_was_current_when_it_was_granted(college: CollegeDesk) -> None:
    own = college.own()
    stated, reach = college.awarding(own)
    anew = definition(name="Ready for business", course=None, criteria="Another way.")
    college.by(LAKESIDE, "replace_achievement", anew, achievement=own["id"])
    college.answered(stated, reach, who=LAKESIDE)
    college.by(LAKESIDE, "replace_achievement", definition(name="Later", course=None), achievement=own["id"])
    college.agreed()
    credential = college.of_college()
    assert (credential["because"]["achievement_version"], credential["achievement_name"]) == (2, "Ready for business")
