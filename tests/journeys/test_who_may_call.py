"""Nobody gets in without a key, nobody further than their scopes, and who may come in is answered as described."""

import base64

import jsonschema_rs
import pytest

from tests.journeys.described import DOCUMENT, OPERATIONS, PRIVATE, Operation, named
from tests.journeys.door import Door, check_each, is_problem
from tests.journeys.spares import spare_things
from tests.journeys.stage import Stage
from tests.journeys.things import Things

pytestmark = pytest.mark.real
KINDS = ("library", "platform", "college", "operator")


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


def test_the_gateway_describes_itself_as_these_tests_read_it(door: Door) -> None:
    assert door.ask("GET", "/openapi.json").json == DOCUMENT
    page = door.ask("GET", "/docs")
    assert page.status == 200
    assert all(each.path in page.data.decode() for each in OPERATIONS)


@pytest.mark.parametrize("operation", PRIVATE, ids=named)
def test_without_a_key_nothing_is_answered(door: Door, mine: Things, operation: Operation) -> None:
    answer = door.ask(operation.method, mine.target(operation), None, mine.sent(operation))
    assert is_problem(answer, 401)
    assert "Bearer" in answer.headers["www-authenticate"]
    assert ("Basic" in answer.headers["www-authenticate"]) != operation.is_for_apps


@pytest.mark.parametrize("operation", PRIVATE, ids=named)
def test_a_wrong_secret_opens_nothing(door: Door, mine: Things, operation: Operation) -> None:
    for kind, key in door.keys.items():
        for wrong in (key[:-1] + ("A" if key[-1] != "A" else "B"), key.partition(".")[0] + "." + "x" * 43):
            answer = door.ask(operation.method, mine.target(operation), None, mine.sent(operation),
                              {"Authorization": f"Bearer {wrong}"})
            assert is_problem(answer, 401), kind


@pytest.mark.parametrize("operation", PRIVATE, ids=named)
def test_a_key_without_the_scope_is_refused(door: Door, mine: Things, operation: Operation) -> None:
    def check(kind: str) -> None:
        answer = door.ask(operation.method, mine.target(operation), kind, mine.sent(operation))
        if operation.is_for_apps:
            assert is_problem(answer, 401), "a key is no access token"
        else:
            assert is_problem(answer, 403)
            assert operation.allows[0] in answer.json["detail"]

    check_each(check, set(KINDS) - set(door.kinds_for(operation)))


@pytest.mark.parametrize("operation", [each for each in PRIVATE if not each.is_for_apps], ids=named)
def test_what_a_patron_gave_an_app_opens_nothing_else(door: Door, mine: Things, operation: Operation) -> None:
    assert is_problem(door.ask(operation.method, mine.target(operation), "app", mine.sent(operation)), 401)


def test_a_platform_only_handles_statements_and_a_college_touches_no_person(door: Door) -> None:
    opened = {kind: {each.name for each in PRIVATE if kind in door.kinds_for(each)} for kind in KINDS}
    assert opened["platform"] == {"store_statements", "get_statements", "who_am_i", "sign_out"}
    assert not {each.name for each in PRIVATE if "/patrons" in each.path or "/xAPI" in each.path} & opened["college"]
    assert not {each.name for each in PRIVATE if "/patrons" in each.path} & opened["operator"]


@pytest.mark.parametrize("shown", [
    "", " ", "Bearer", "Bearer ", "Bearer x", "Bearer a.b", "Bearer ..", "Basic", "Basic !!!", "Basic Og==", "Digest x",
    "Token x", basic(b"\xff\xfe"), basic(b"nobody:nothing"), basic(b"k_aaaaaaaaaaaaaaaa:" + b"x" * 5000),
    "Bearer k_aaaaaaaaaaaaaaaa." + "x" * 5000, "Bearer k_aaaaaaaaaaaaaaaa.secret, Basic x", "bearer\tx",
    "Bearer \xff\xfe", "Bearer {\"$ne\":1}.x"])
def test_what_is_no_key_is_refused(door: Door, shown: str) -> None:
    assert is_problem(door.ask("GET", "/v1/me", headers={"Authorization": shown}), 401)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_works_as_bearer_and_as_basic(door: Door, kind: str) -> None:
    client_id, _, secret = door.keys[kind].partition(".")
    by_bearer = door.ask("GET", "/v1/me", kind).json
    by_basic = door.ask("GET", "/v1/me", headers={"Authorization": basic(f"{client_id}:{secret}".encode())}).json
    assert by_bearer == by_basic
    assert by_bearer["actor"] == client_id


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_a_good_request_is_answered_as_described(stage: Stage, door: Door, mine: Things, operation: Operation) -> None:
    """The counter-test to all refusals: it is not the request as such that is refused."""
    target = mine.target(operation, **spare_things(operation, mine, stage, door))
    answer = door.ask(operation.method, target, door.kinds_for(operation)[0], mine.sent(operation),
                      mine.headers(operation))
    assert 200 <= answer.status < 300, answer.data
    assert str(answer.status) in operation.described["responses"] or answer.status == 200
    schema = operation.answer(min(int(code) for code in operation.described["responses"] if code.isdigit()))
    if schema:
        jsonschema_rs.validate({**schema, "components": DOCUMENT["components"]}, answer.json)
