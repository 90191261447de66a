"""A college says what an achievement corresponds to: beside it at once, in credentials once that is accepted."""

from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.calls import mappings as calls
from libranet.testing import a_principal
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.mappings import MOST_ACCEPTED, MOST_STATED, applied
from tests.services.credentials_stage import PATRON
from tests.services.endorsement_desk import (
    COLLEGE,
    ELSEWHERE,
    EMPLOYER,
    LIBRARY,
    OTHER_LIBRARY,
    THE_COLLEGE,
    THE_LIBRARY,
    UNKNOWN,
    VouchingDesk,
    refused,
)
from tests.services.endorsement_desk import forum as forum
from tests.services.review_stage import competency

CASE = {"target_url": "https://college.example.org/ims/case/v1p0/CFItems/1", "target_name": "BUS 101: Spreadsheets",
        "target_type": "CFItem", "target_framework": "Lakeside College", "target_code": "BUS 101"}
CTDL = {"target_url": "https://credentialengineregistry.org/resources/ce-1", "target_name": "Office certificate",
        "target_type": "ceterms:Credential"}


def stated(forum: VouchingDesk, achievement: dict[str, Any], target: dict[str, Any] | None = CTDL,
           who: Any = THE_COLLEGE, **more: Any) -> Any:
    body = {"achievement": achievement["id"], **({"target": target} if target else {}), **more}
    return forum.by(who, "state_mapping", calls.StateMapping().load(body))


def decide(forum: VouchingDesk, mapping: dict[str, Any], accepted: bool = True, who: Any = THE_LIBRARY) -> Any:
    return forum.by(who, "decide_mapping", {"accepted": accepted}, mapping=mapping["id"]).body


def end(forum: VouchingDesk, mapping: dict[str, Any], who: Any = THE_COLLEGE) -> Any:
    return forum.by(who, "end_mapping", mapping=mapping["id"]).body


def alignments(credential: dict[str, Any]) -> list[str]:
    """The names of the achievement's in the signed document."""
    achievement = credential["credential"]["credentialSubject"]["achievement"]
    return [each["targetName"] for each in achievement.get("alignment", ())]


def beside(forum: VouchingDesk, achievement: dict[str, Any]) -> list[dict[str, Any]]:
    return list(forum.call("get_achievement", achievement=achievement["id"]).body.get("mappings", []))


def test_it_stands_beside_the_achievement_and_in_nothing_signed(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    answer = stated(forum, achievement)
    assert (answer.status, answer.body["state"], answer.body["version"]) == (201, "stated", 1)
    assert beside(forum, achievement) == [{
        "college": COLLEGE, "college_name": "Lakeside College", "target": CTDL, "accepted": False}]
    earned = forum.earned()
    assert alignments(earned) == []
    assert earned["mappings"] == beside(forum, achievement)
    assert forum.told_of("achievement") == [("mapped", LIBRARY)]


def test_once_accepted_it_is_in_what_is_signed_from_then_on(forum: VouchingDesk) -> None:
    achievement = forum.defined(alignments=[{**CTDL, "target_name": "Another one"}])
    before, mapping = forum.earned(1), stated(forum, achievement).body
    assert decide(forum, mapping)["state"] == "accepted"
    after = forum.earned(2)
    assert (alignments(before), alignments(after)) == (["Another one"], ["Another one", "Office certificate"])
    assert forum.verified(after["credential"])["schema"] == "valid"
    renewed = forum.call("revalidate_credential", {"extend": False}, credential=before["id"]).body
    assert alignments(renewed) == ["Another one", "Office certificate"]
    assert forum.told_of("mapping") == [("accepted", COLLEGE)]


def test_declined_or_ended_it_is_gone_from_both(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    mapping = stated(forum, achievement).body
    decide(forum, mapping)
    carrying = forum.earned(1)
    assert [decide(forum, mapping, accepted=False)["state"] for _ in range(2)] == ["declined", "declined"]
    assert (beside(forum, achievement), alignments(forum.earned(2))) == ([], [])
    decide(forum, mapping)
    assert [end(forum, mapping)["state"] for _ in range(2)] == ["ended", "ended"]
    assert (beside(forum, achievement), alignments(forum.earned(3))) == ([], [])
    renewed = forum.call("revalidate_credential", {"extend": False}, credential=carrying["id"]).body
    assert alignments(renewed) == []
    assert refused(409, decide, forum, mapping) == ""
    again = stated(forum, achievement)
    assert (again.status, again.body["id"], again.body["state"]) == (200, mapping["id"], "stated")


def test_the_same_statement_again_changes_nothing(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    mapping = stated(forum, achievement).body
    decide(forum, mapping)
    again = stated(forum, achievement)
    assert (again.status, again.body["state"]) == (200, "accepted")
    assert forum.told_of("achievement") == [("mapped", LIBRARY)]


def test_what_was_declined_stays_so_when_it_is_ended_and_stated_again(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    mapping = stated(forum, achievement).body
    decide(forum, mapping, accepted=False)
    for _ in range(2):
        assert end(forum, mapping)["state"] == "ended"
        assert stated(forum, achievement).body["state"] == "declined"
    assert beside(forum, achievement) == []
    assert decide(forum, mapping)["state"] == "accepted"
    end(forum, mapping)
    assert stated(forum, achievement).body["state"] == "stated"


def test_a_college_states_only_so_many_of_a_version(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    for number in range(MOST_STATED):
        end(forum, stated(forum, achievement, {**CTDL, "target_name": f"Number {number}"}).body)
    assert refused(409, stated, forum, achievement) == ""
    assert stated(forum, achievement, {**CTDL, "target_name": "Number 0"}).status == 200
    assert stated(forum, achievement, who=EMPLOYER).status == 201
    forum.replaced(achievement["id"], criteria="Nothing at all.")
    assert stated(forum, achievement).status == 201


def test_what_two_colleges_say_is_signed_once(forum: VouchingDesk) -> None:
    achievement = competency(forum)
    criterion = achievement["rubric"][0]
    level = {"criterion": criterion["name"], "level": criterion["levels"][0]["name"]}
    for who in (THE_COLLEGE, EMPLOYER):
        decide(forum, stated(forum, achievement, CASE, who).body)
        decide(forum, stated(forum, achievement, CASE, who, level=level).body)
    row = next(each for each in forum.rows("achievements") if each["_id"] == achievement["id"])
    found = applied(Achievement.of(achievement["id"], row), forum.rows("mappings"))
    assert [each["target_name"] for each in found.alignments].count(CASE["target_name"]) == 1
    assert found.rubric[0]["levels"][0]["alignments"] == [CASE]


def test_it_is_of_one_version(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    decide(forum, stated(forum, achievement).body)
    forum.replaced(achievement["id"], criteria="Nothing at all.")
    assert beside(forum, achievement) == []
    assert alignments(forum.earned()) == []
    assert stated(forum, achievement, version=1).status == 200
    assert stated(forum, achievement).body["version"] == 2
    assert refused(422, stated, forum, achievement, version=3) == "/version"


def test_a_colleges_own_achievement_is_a_target(forum: VouchingDesk) -> None:
    own = forum.defined("demo.lakeside-college", course=None, name="Introduction waived")
    mapping = stated(forum, forum.defined(), target=None, own_achievement=own["id"]).body
    assert mapping["target"]["target_url"] == f"urn:uuid:{own['id']}"
    assert mapping["own_achievement"] == own["id"]
    decide(forum, mapping)
    assert alignments(forum.earned()) == ["Introduction waived"]
    theirs = forum.defined("demo.hill", course=None)
    for other in (theirs["id"], UNKNOWN):
        assert refused(422, stated, forum, theirs, target=None, own_achievement=other) == "/own_achievement"


def test_taking_part_corresponds_to_no_competency(forum: VouchingDesk) -> None:
    assert refused(422, stated, forum, forum.defined(), CASE) == "/target/target_type"


@pytest.mark.parametrize("wrong", [
    {}, {"target": CTDL, "own_achievement": UNKNOWN}, {"target": {"target_name": "No address"}},
    {"target": CTDL, "level": {"criterion": "Formulas"}}, {"target": CTDL, "version": 0}])
def test_what_is_no_statement_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        calls.StateMapping().load({"achievement": UNKNOWN, **wrong})


def test_a_level_corresponds_to_more_than_the_achievement(forum: VouchingDesk) -> None:
    achievement = competency(forum)
    criterion = achievement["rubric"][0]
    lowest, highest = criterion["levels"][0]["name"], criterion["levels"][-1]["name"]
    for wrong, field in (({"criterion": "None", "level": highest}, "/level/criterion"),
                         ({"criterion": criterion["name"], "level": "None"}, "/level/level")):
        assert refused(422, stated, forum, achievement, CASE, level=wrong) == field
    whole = stated(forum, achievement, CASE, level={"criterion": criterion["name"], "level": lowest}).body
    better = {**CASE, "target_name": "BUS 102", "target_url": "https://college.example.org/ims/case/v1p0/CFItems/2"}
    more = stated(forum, achievement, better, level={"criterion": criterion["name"], "level": highest}).body
    for each in (whole, more):
        decide(forum, each)
    assert {each["target"]["target_name"] for each in beside(forum, achievement)} == {CASE["target_name"], "BUS 102"}


def test_who_may_state_decide_and_see(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    mapping = stated(forum, achievement).body
    assert refused(422, stated, forum, achievement, who=ELSEWHERE) == "/achievement"
    assert refused(422, stated, forum, {"id": UNKNOWN}) == "/achievement"
    assert refused(422, stated, forum, achievement, who=THE_LIBRARY) == "/achievement"
    assert refused(403, decide, forum, mapping, who=THE_COLLEGE) == ""
    assert refused(403, end, forum, mapping, who=THE_LIBRARY) == ""
    for who in (OTHER_LIBRARY, ELSEWHERE):
        assert refused(404, decide, forum, mapping, who=who) == ""
        assert refused(404, end, forum, mapping, who=who) == ""
        assert refused(404, forum.by, who, "get_mapping", mapping=mapping["id"]) == ""
        assert forum.by(who, "list_mappings").body["items"] == []
    for who in (THE_LIBRARY, THE_COLLEGE):
        assert forum.by(who, "list_mappings").body["items"] == [mapping]
        assert forum.by(who, "get_mapping", mapping=mapping["id"]).body == mapping
    assert forum.by(THE_LIBRARY, "list_mappings", query={"achievement": UNKNOWN}).body["items"] == []


def test_a_credential_says_nothing_twice_and_not_without_end(forum: VouchingDesk) -> None:
    achievement = forum.defined(alignments=[CTDL])
    assert refused(422, decide, forum, stated(forum, achievement).body) == ""
    for number in range(MOST_ACCEPTED):
        decide(forum, stated(forum, achievement, {**CTDL, "target_name": f"Number {number}"}).body)
    last = stated(forum, achievement, {**CTDL, "target_name": "One more"}).body
    assert refused(409, decide, forum, last) == ""
    assert len(alignments(forum.earned())) == 1 + MOST_ACCEPTED


def test_a_patrons_recognitions_say_what_their_credential_corresponds_to(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    forum.stated(achievement, takes={"of": [{"achievement": achievement["id"]}], "at_least": 1})
    stated(forum, achievement)
    stated(forum, achievement, {**CTDL, "target_name": "Elsewhere"}, who=a_principal("demo.mill", kind="college"))
    forum.earned()
    [near] = forum.near()
    [have] = near["have"]
    assert [each["target"]["target_name"] for each in have["corresponds_to"]] == ["Office certificate"]


def test_a_record_says_who_endorses_and_what_it_corresponds_to(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    forum.endorsed(achievement["id"])
    stated(forum, achievement)
    forum.earned()
    record = forum.call("make_record", {"name": "Learner record"}, patron=PATRON).body
    page = forum.ask("get_record_page", public_record=record["public_id"]).body
    assert b'"name":"Endorsed by","value":"Lakeside College"' in page
    assert b'"name":"Corresponds to","value":"Lakeside College: Office certificate"' in page
