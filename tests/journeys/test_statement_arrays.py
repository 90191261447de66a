"""An array of statements is stored whole or not at all."""

import json
import uuid
from typing import Any

import pytest

from tests.journeys.door import Answer, Door, is_problem
from tests.journeys.stage import ISSUE, Stage
from tests.patience import until

pytestmark = pytest.mark.real
HOME = "https://courses.example.org"
INVALID: dict[str, Any] = {
    "null": None, "a text": "statement", "a number": 7, "an array": [], "empty": {}, "no verb": {"verb": None},
    "no actor": {"actor": {}}, "a verb that is no IRI": {"verb": {"id": "passed"}}, "an id that is none": {"id": "7"},
    "an unknown member": {"unheardOf": 1}, "two identifiers": {"actor": {"mbox": "mailto:a@a.org", "openid": HOME}},
    "a score too high": {"result": {"score": {"scaled": 2}}}, "a time that is none": {"timestamp": "yesterday"},
}


def a_statement(**members: Any) -> dict[str, Any]:
    good = {"id": str(uuid.uuid4()), "actor": {"account": {"homePage": HOME, "name": str(uuid.uuid4())}},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/attempted"}, "object": {"id": f"{HOME}/course/any"}}
    return good | members


def spoilt(kind: str) -> Any:
    wrong = INVALID[kind]
    return a_statement(**wrong) if isinstance(wrong, dict) and wrong else wrong


def post(door: Door, statements: list[Any]) -> Answer:
    return door.ask("POST", "/xAPI/statements", "platform", json.dumps(statements).encode())


def is_stored(door: Door, statement: dict[str, Any]) -> bool:
    return door.ask("GET", f"/xAPI/statements?statementId={statement['id']}", "platform").status == 200


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("kind", INVALID)
def test_with_one_invalid_nothing_is_stored(door: Door, kind: str, position: int) -> None:
    good = [a_statement(), a_statement()]
    answer = post(door, [*good[:position], spoilt(kind), *good[position:]])
    assert is_problem(answer, 400)
    assert all(field.split("/")[1] == str(position) for field in answer.fields), answer.json
    assert not any(is_stored(door, each) for each in good)


def test_two_with_one_id_are_not_stored(door: Door) -> None:
    first = a_statement()
    answer = post(door, [a_statement(), first, a_statement(id=first["id"])])
    assert is_problem(answer, 400)
    assert answer.fields == ["/2/id"]
    assert not is_stored(door, first)


def test_one_that_contradicts_a_stored_one_keeps_its_neighbours_out(door: Door) -> None:
    stored, neighbour = a_statement(), a_statement()
    assert post(door, [stored]).status == 200
    assert is_problem(post(door, [neighbour, a_statement(id=stored["id"])]), 409)
    assert not is_stored(door, neighbour)


def test_too_many_are_not_stored(door: Door) -> None:
    many = [a_statement() for _ in range(1001)]
    assert is_problem(post(door, many), 400)
    assert not is_stored(door, many[0])


def test_many_good_ones_are_stored_in_their_order(door: Door) -> None:
    good = [a_statement() for _ in range(200)]
    assert post(door, good).json == [each["id"] for each in good]
    assert all(is_stored(door, each) for each in (good[0], good[99], good[199]))


def test_a_completion_beside_an_invalid_one_earns_nothing_until_it_is_sent_again(stage: Stage, door: Door) -> None:
    course, account = stage.course(), stage.account()
    patron = stage.patron(ISSUE)
    stage.enrol(patron, course, account)
    completion = stage.passed(account, course)
    assert is_problem(post(door, [completion, spoilt("no verb")]), 400)
    later = stage.patron(ISSUE)
    stage.completed(later, stage.course())
    assert stage.credentials(patron) == [], "a later completion is through, this one never was"
    assert post(door, [completion]).status == 200
    until(lambda: len(stage.credentials(patron)) == 1)
