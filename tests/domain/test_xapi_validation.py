"""What is a valid statement, and what a refusal says about one that is not."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime

import orjson
import pytest

from services.learning.domain.refusals import StatementsInvalid, StatementTooLarge
from services.learning.domain.statements import MAX_AGENTS, MAX_STATEMENT_BYTES, MAX_STATEMENTS, Receipt, receive
from services.learning.domain.xapi import MAX_FINDINGS
from services.learning.domain.xapi.values import read_timestamp

RECEIPT = Receipt(datetime(2026, 11, 21, tzinfo=UTC), {"mbox": "mailto:lrs@example.org"}, "1.0.3")
AGENT = {"mbox": "mailto:reader@example.org"}
ACTIVITY = {"id": "https://example.org/course/1"}
PLAIN = {"actor": AGENT, "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}, "object": ACTIVITY}
UUID = "6f2b8c1e-4a54-4b3f-9b7e-2d0c7a5e1f00"
ATTACHMENT = {
    "usageType": "https://example.org/certificate", "display": {"en": "Certificate"}, "contentType": "text/plain",
    "length": 12, "sha2": "aa", "fileUrl": "https://example.org/file",
}


def statement(**changes: object) -> dict[str, object]:
    return {**deepcopy(PLAIN), **changes}


def errors_of(body: object) -> list[str]:
    with pytest.raises(StatementsInvalid) as refused:
        receive(body, RECEIPT)
    return [error["field"] for error in refused.value.errors]


GOOD = {
    "nothing but the three members": {},
    "a group with members only": {"actor": {"objectType": "Group", "member": [AGENT]}},
    "a group with its own account": {
        "actor": {"objectType": "Group", "account": {"homePage": "https://example.org", "name": "team"}}},
    "an openid": {"actor": {"openid": "https://reader.example.org/"}},
    "an upper-case sha1": {"actor": {"mbox_sha1sum": "EBD31E95054C018B10727CCFFD2EF2EC3A016EE9"}},
    "empty extensions": {"object": {**ACTIVITY, "definition": {"extensions": {}}}, "context": {"extensions": {}}},
    "null inside an extension": {"result": {"extensions": {"https://example.org/x": {"deep": [None]}}}},
    "seven digits of a second": {"timestamp": "2026-09-30T22:41:07.1234567Z"},
    "a timestamp without a zone": {"timestamp": "2026-09-30T22:41:07"},
    "a short offset": {"timestamp": "2026-09-30T22:41:07+02"},
    "weeks": {"result": {"duration": "P2W"}},
    "a leading zero in a duration": {"result": {"duration": "PT03M15S"}},
    "one context activity without its array": {"context": {"contextActivities": {"parent": ACTIVITY}}},
    "a reference": {"object": {"objectType": "StatementRef", "id": UUID}},
    "a person as object": {"object": {"objectType": "Agent", **AGENT}},
    "a sub-statement": {"object": {**PLAIN, "objectType": "SubStatement"}},
    "an attachment by its address": {"attachments": [ATTACHMENT]},
    "a choice": {"object": {**ACTIVITY, "definition": {
        "interactionType": "choice", "choices": [{"id": "a", "description": {"en": "A"}}],
        "correctResponsesPattern": ["a"]}}},
    "version 2": {"version": "2.0.0", "context": {
        "contextAgents": [{"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["https://example.org/t"]}],
        "contextGroups": [{"objectType": "contextGroup", "group": {"objectType": "Group", "member": [AGENT]}}]}},
    "an IRI beyond ASCII": {"object": {"id": "https://example.org/cours/été"}},
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD.keys())
def test_a_valid_statement_is_taken(changes: dict[str, object]) -> None:
    assert len(receive(statement(**changes), RECEIPT)) == 1


BAD = {
    "/actor": {"actor": {"name": "nobody"}},
    "/actor/mbox": {"actor": {"mbox": "reader@example.org"}},
    "/actor/mbox_sha1sum": {"actor": {"mbox_sha1sum": "abc"}},
    "/actor/account/name": {"actor": {"account": {"homePage": "https://example.org", "name": ""}}},
    "/actor/account/homePage": {"actor": {"account": {"name": "1"}}},
    "/actor/member": {"actor": {"objectType": "Group", "name": "nobody"}},
    "/actor/member/0/objectType": {
        "actor": {"objectType": "Group", "member": [{"objectType": "Group", "mbox": "mailto:a@example.org"}]}},
    "/actor/objectType": {"actor": {**AGENT, "objectType": "Person"}},
    "/verb/id": {"verb": {"id": "completed"}},
    "/verb/display/en~1US": {"verb": {"id": "https://example.org/v", "display": {"en/US": "x"}}},
    "/object/id": {"object": {}},
    "/object/objectType": {"object": {**ACTIVITY, "objectType": "Course"}},
    "/object/object/objectType": {
        "object": {**PLAIN, "objectType": "SubStatement", "object": {**PLAIN, "objectType": "SubStatement"}}},
    "/object/definition/type": {"object": {**ACTIVITY, "definition": {"type": None}}},
    "/object/definition/extensions/short": {"object": {**ACTIVITY, "definition": {"extensions": {"short": 1}}}},
    "/object/definition/choices": {"object": {**ACTIVITY, "definition": {
        "interactionType": "choice", "choices": [{"id": "a"}, {"id": "a"}]}}},
    "/object/definition/scale": {
        "object": {**ACTIVITY, "definition": {"interactionType": "choice", "scale": [{"id": "a"}]}}},
    "/object/definition/interactionType": {"object": {**ACTIVITY, "definition": {"choices": [{"id": "a"}]}}},
    "/result/score/scaled": {"result": {"score": {"scaled": 1.5}}},
    "/result/score/raw": {"result": {"score": {"raw": 11, "min": 0, "max": 10}}},
    "/result/score/max": {"result": {"score": {"min": 10, "max": 10}}},
    "/result/score/min": {"result": {"score": {"min": True}}},
    "/result/completion": {"result": {"completion": "true"}},
    "/result/duration": {"result": {"duration": "PT"}},
    "/context/registration": {"context": {"registration": "42"}},
    "/context/team/objectType": {"context": {"team": AGENT}},
    "/context/platform": {"object": {"objectType": "StatementRef", "id": UUID}, "context": {"platform": "x"}},
    "/context/contextActivities/parents": {"context": {"contextActivities": {"parents": []}}},
    "/context/language": {"context": {"language": "not a tag"}},
    "/timestamp": {"timestamp": "2026-09-30T22:41:07-00:00"},
    "/stored": {"stored": "yesterday"},
    "/version": {"version": "0.95"},
    "/id": {"id": "not-a-uuid"},
    "/authority/member": {"authority": {"objectType": "Group", "member": [AGENT]}},
    "/attachments/0/fileUrl": {"attachments": [{k: v for k, v in ATTACHMENT.items() if k != "fileUrl"}]},
    "/attachments/0/length": {"attachments": [{**ATTACHMENT, "length": -1}]},
    "/extra": {"extra": 1},
    "/result": {"result": None},
}


@pytest.mark.parametrize(("place", "changes"), BAD.items(), ids=BAD.keys())
def test_an_error_names_its_place(place: str, changes: dict[str, object]) -> None:
    assert errors_of(statement(**changes)) == [place]


def test_two_identifiers_are_one_too_many() -> None:
    assert errors_of(statement(actor={**AGENT, "openid": "https://reader.example.org/"})) == ["/actor"]


def test_only_a_statement_can_be_voided() -> None:
    assert errors_of(statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"})) == ["/object/objectType"]


def test_an_error_in_an_array_names_the_position_of_its_statement() -> None:
    broken = statement(actor={"mbox": "reader@example.org"})
    assert errors_of([statement(), statement(), broken]) == ["/2/actor/mbox"]


def test_every_invalid_statement_of_an_array_is_named() -> None:
    assert errors_of([statement(extra=1), statement(), statement(id="x")]) == ["/0/extra", "/2/id"]


def test_the_list_of_errors_is_bounded() -> None:
    assert len(errors_of([{}] * 100)) == MAX_FINDINGS


def test_an_id_may_stand_once_in_an_array() -> None:
    assert errors_of([statement(id=UUID), statement(id=UUID.upper())]) == ["/1/id"]


def test_a_request_of_too_many_statements_is_refused() -> None:
    assert errors_of([PLAIN] * (MAX_STATEMENTS + 1)) == ["/"]


def group_of(size: int) -> dict[str, object]:
    return {"objectType": "Group", "member": [AGENT] * size}


CROWDS = {
    "actor": lambda size: {"actor": group_of(size)},
    "object": lambda size: {"object": group_of(size)},
    "sub-statement": lambda size: {"object": {**PLAIN, "objectType": "SubStatement", "actor": group_of(size)}},
    "team": lambda size: {"context": {"team": group_of(size)}},
    "context agents": lambda size: {"context": {
        "contextAgents": [{"objectType": "contextAgent", "agent": AGENT}] * size}},
    "context groups": lambda size: {"context": {
        "contextGroups": [{"objectType": "contextGroup", "group": group_of(size // 2)}] * 2}},
    "several places": lambda size: {"actor": group_of(size // 2), "context": {"team": group_of(size // 2)}},
}


@pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS.keys())
def test_a_statement_names_no_more_agents_than_can_be_taken_out_of_it(
        crowd: Callable[[int], dict[str, object]]) -> None:
    assert len(receive(statement(**crowd(MAX_AGENTS - 10)), RECEIPT)) == 1
    assert errors_of(statement(**crowd(MAX_AGENTS + 2))) == ["/"]
    assert errors_of([statement(), statement(**crowd(MAX_AGENTS + 2))]) == ["/1"]


def test_a_statement_that_is_too_large_is_refused_with_its_place_and_its_neighbours() -> None:
    large = statement(result={"response": "x" * MAX_STATEMENT_BYTES})
    for body, place in ((large, "/"), ([statement(), large], "/1")):
        with pytest.raises(StatementTooLarge) as refused:
            receive(body, RECEIPT)
        assert [error["field"] for error in refused.value.errors] == [place]
        assert refused.value.status == 413


def test_a_statement_is_as_large_as_it_is_given_back() -> None:
    numbers = orjson.loads(b"[%s]" % b",".join([b"1e15"] * (MAX_STATEMENT_BYTES // 10)))
    with pytest.raises(StatementTooLarge):
        receive(statement(result={"extensions": {"https://example.org/x": numbers}}), RECEIPT)


def test_a_large_statement_that_was_taken_is_taken_again_as_it_is_given_back() -> None:
    room = MAX_STATEMENT_BYTES - len(orjson.dumps(receive(statement(result={"response": ""}), RECEIPT)[0].content))
    [taken] = receive(statement(result={"response": "x" * room}), RECEIPT)
    assert receive(taken.content, RECEIPT)[0].content == taken.content


def test_deep_nesting_in_an_extension_is_refused() -> None:
    deep: list[object] = []
    for _ in range(40):
        deep = [deep]
    assert errors_of(statement(result={"extensions": {"https://example.org/x": deep}})) == [
        "/result/extensions/https:~1~1example.org~1x"]


@pytest.mark.parametrize("body", [None, 1, "text", True, [None], [[]]])
def test_what_is_no_object_is_refused(body: object) -> None:
    assert errors_of(body) in (["/"], ["/0"])


def test_fractions_of_a_second_are_cut_after_six_digits() -> None:
    assert read_timestamp("2026-09-30T22:41:07.1234567+02:00") == datetime(2026, 9, 30, 20, 41, 7, 123456, UTC)


@pytest.mark.parametrize("text", [
    "0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z", "2026-09-30", "2026-09-30T24:01Z"])
def test_a_time_that_never_was_is_no_timestamp(text: str) -> None:
    assert read_timestamp(text) is None
