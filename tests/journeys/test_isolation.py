"""What belongs to one library or college does not exist for another one: not by its id, not in a list, not in words."""

import json
import uuid
from typing import Any

import pytest

from libranet.local import Platform
from tests.journeys.described import (
    NOT_OWNED,
    OF_THE_CONSORTIUM,
    OPERATIONS,
    OWNED,
    PRIVATE,
    WITH_IDS,
    Operation,
    named,
)
from tests.journeys.door import Answer, Door, check_each, is_problem
from tests.journeys.stage import LIBRARY, OTHER_COLLEGE, OTHER_LIBRARY, XAPI_VERSION, Keys, Stage, first_told, libranet
from tests.journeys.things import Things

pytestmark = pytest.mark.real
LISTS = [each for each in PRIVATE
         if each.method == "GET" and not each.parameters("path") and each.name not in OF_THE_CONSORTIUM]


@pytest.fixture(scope="module")
def other_door(platform: Platform, keys: Keys, theirs: Things) -> Door:
    """With the keys of hillside, its platforms, its own operators, and northgate, and an app of hillside's patron."""
    operator = libranet(platform, "client", "add", OTHER_LIBRARY, "operator", "Operators of hillside").strip()
    return Door(platform.urls["gateway"], {
        "library": keys[OTHER_LIBRARY]["key"], "platform": keys[OTHER_LIBRARY]["platform_key"],
        "college": keys[OTHER_COLLEGE]["key"], "operator": operator}, theirs.app)


def owned_places() -> list[tuple[Operation, str]]:
    return [(operation, name) for operation in OWNED for name in operation.parameters("path") if name not in NOT_OWNED]


def ask(door: Door, theirs: Things, operation: Operation, **ids: str) -> Answer:
    """As they would ask about their own things, with these ids instead."""
    return door.ask(operation.method, theirs.target(operation, **ids), door.kinds_for(operation)[0],
                    theirs.sent(operation))


def everything(door: Door, mine: Things) -> dict[str, Any]:
    """All that can be read of somebody's things; of the deliveries only the one, as others and a replay go on. Each
    reading is one more that the audit tells of."""
    read = [(each.name, door.ask("GET", mine.target(each), door.kinds_for(each)[0]))
            for each in WITH_IDS if each.method == "GET"]
    found = {name: answer.content if answer.status == 200 else answer.same for name, answer in read}
    deliveries, subscription = found.pop("list_deliveries")["items"], found["get_subscription"]
    found["get_subscription"] = subscription | {"replay": subscription.get("replay", {}).get("id"), "failing": None}
    del found["list_touches"], found["export_patron"]["made_at"]
    return found | {"delivery": [each for each in deliveries if each["id"] == mine.ids["delivery"]]}


def test_somebody_elses_id_answers_like_an_unknown_one_and_changes_nothing(
        door: Door, other_door: Door, mine: Things, theirs: Things) -> None:
    def check(place: tuple[Operation, str]) -> None:
        operation, name = place
        by_their_id = ask(other_door, theirs, operation, **{name: mine.ids[name]})
        assert is_problem(by_their_id, 404)
        assert by_their_id.same == ask(other_door, theirs, operation, **{name: str(uuid.uuid4())}).same
        assert mine.mark not in by_their_id.data.decode()

    before = everything(door, mine)
    check_each(check, owned_places())
    assert everything(door, mine) == before


@pytest.mark.parametrize("operation", [
    each for each in OWNED if len(each.parameters("path")) > 1 and not set(each.parameters("path")) <= set(NOT_OWNED)],
    ids=named)
def test_all_of_somebody_elses_ids_together_are_unknown_too(
        other_door: Door, mine: Things, theirs: Things, operation: Operation) -> None:
    assert is_problem(ask(other_door, theirs, operation, **mine.ids), 404)


@pytest.mark.parametrize("operation", LISTS, ids=named)
def test_a_list_shows_nothing_of_somebody_else(
        other_door: Door, mine: Things, theirs: Things, operation: Operation) -> None:
    kind = other_door.kinds_for(operation)[0]
    shown = other_door.ask("GET", operation.path, kind).data.decode()
    assert [each for each in mine.private if each in shown] == []


@pytest.mark.parametrize("name", ["list_courses", "list_achievements", "list_taught_skills"])
def test_the_same_list_shows_what_is_ones_own(door: Door, mine: Things, name: str) -> None:
    operation = next(each for each in LISTS if each.name == name)
    answer = door.ask("GET", f"{operation.path}?limit=200", "library")
    while mine.mark not in answer.data.decode():
        assert answer.json["next"], f"{name} should show what is ours"
        answer = door.ask("GET", f"{operation.path}?limit=200&cursor={answer.json['next']}", "library")


@pytest.mark.parametrize("member", ["patron", "course"])
def test_somebody_elses_id_in_a_body_is_refused_like_an_unknown_one(
        other_door: Door, mine: Things, theirs: Things, member: str) -> None:
    for operation in OPERATIONS:
        if operation.body is None or member not in operation.example or operation.name == "define_achievement":
            continue
        target, kind = theirs.target(operation), other_door.kinds_for(operation)[0]
        told = [other_door.ask(operation.method, target, kind, theirs.sent(operation, **{member: value}))
                for value in (mine.ids[member], str(uuid.uuid4()))]
        assert is_problem(told[0], 404, 422)
        assert told[0].same == told[1].same


def test_an_achievement_for_somebody_elses_course_earns_their_patron_nothing(other_door: Door, stage: Stage) -> None:
    patron, course = stage.patron("issue-credentials"), stage.course()
    body = {"name": "Foreign", "description": "Not theirs.", "criteria": "None.", "kind": "engagement",
            "course": course["id"]}
    assert other_door.ask("POST", "/v1/achievements", "library", json.dumps(body).encode()).status in (201, 404, 422)
    stage.completed(patron, course)
    assert [each["achievement_name"] for each in stage.credentials(patron)] == ["Spreadsheets: completed"]


@pytest.mark.parametrize("recipient", [OTHER_LIBRARY, "test", "test.nowhere", "elsewhere.library"])
def test_a_credential_is_issued_by_ones_own_library_only(door: Door, mine: Things, recipient: str) -> None:
    target = f"/v1/patrons/{mine.ids['patron']}/consents/issue-credentials/{recipient}"
    assert is_problem(door.ask("PUT", target, "library", b'{"granted": true}'), 404, 422)


@pytest.mark.parametrize("node", [LIBRARY, "test", "test.riverside.central", "", "elsewhere"])
def test_measures_of_another_place_do_not_exist(other_door: Door, node: str) -> None:
    answer = other_door.ask("GET", f"/v1/measures?node={node}", "library")
    assert is_problem(answer, 404)
    assert answer.same == other_door.ask("GET", "/v1/measures?node=test.nowhere", "library").same


def test_statements_are_seen_by_their_own_library_only(door: Door, other_door: Door, mine: Things) -> None:
    one = f"/xAPI/statements?statementId={mine.statement}"
    assert door.ask("GET", one, "platform").status == 200
    answer = other_door.ask("GET", one, "platform")
    assert is_problem(answer, 404)
    assert answer.same == other_door.ask("GET", f"/xAPI/statements?statementId={uuid.uuid4()}", "platform").same


def test_the_same_statement_id_at_two_libraries_is_two_statements(
        stage: Stage, platform: Platform, keys: Keys) -> None:
    with Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as hillside:
        course, account = stage.course(), stage.account()
        statement = stage.passed(account, course)
        other = statement | {"actor": {"account": hillside.account()}}
        assert stage.report(statement) == hillside.report(other)
        one = f"/xAPI/statements?statementId={statement['id']}"
        seen = [each.learning_platform.ask("GET", one, headers=XAPI_VERSION)["actor"]["account"]["name"]
                for each in (stage, hillside)]
        assert seen == [account["name"], other["actor"]["account"]["name"]]


def test_an_account_of_one_library_completes_nothing_at_another(stage: Stage, platform: Platform, keys: Keys) -> None:
    with Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as hillside:
        account, iri = stage.account(), f"https://courses.example.org/{uuid.uuid4()}"
        courses = [each.library.ask("POST", "/v1/courses", {"title": "Both", "activity_iri": iri})
                   for each in (stage, hillside)]
        patrons = [each.patron() for each in (stage, hillside)]
        for side, patron, course in zip((stage, hillside), patrons, courses, strict=True):
            side.enrol(patron, course, account)
        stage.report(stage.passed(account, courses[0]))
        done = [side.enrol(patron, course, account)["completed"]
                for side, patron, course in zip((stage, hillside), patrons, courses, strict=True)]
        assert done == [True, False]


def test_a_college_hears_of_nobody_who_did_not_consent_to_it(stage: Stage, platform: Platform, keys: Keys) -> None:
    with Stage(platform, keys, LIBRARY, OTHER_COLLEGE) as northgate:
        consented, other = stage.college_listens("credential-issued"), northgate.college_listens("*")
        patron = stage.patron("issue-credentials", "share-credentials")
        credential = stage.completed(patron, stage.course())
        first_told(consented, "credential-issued")
        assert credential["public_id"] not in json.dumps(other.deliveries)
        assert patron not in json.dumps(consented.deliveries), "a college knows the patron by an id of its own"
