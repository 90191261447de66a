"""xAPI statements in, one whole array or nothing; completions told once; statements read back."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import orjson
import pytest

from libranet.problems import BodyUnreadable, MediaTypeUnsupported
from services.learning.domain.refusals import (
    StatementConflict,
    StatementsInvalid,
    StatementUnknown,
    VersionMissing,
)
from tests.services.learning_desk import (
    ACCOUNT,
    CONSORTIUM,
    LAKESIDE,
    SPREADSHEETS,
    Desk,
    desk,
    enrolled,
    sample,
)

__all__ = ["desk", "enrolled"]


def pages_of(desk: Desk, **query: str) -> Iterator[list[dict[str, Any]]]:
    more = True
    while more:
        page = orjson.loads(desk.read(**query).body)
        yield page["statements"]
        more = page["more"]
        query |= {name: value for name, [value] in parse_qs(urlsplit(more).query).items()} if more else {}


class TestStatements:
    def test_one_invalid_statement_keeps_the_whole_array_out(self, enrolled: Desk) -> None:
        with pytest.raises(StatementsInvalid) as refused:
            enrolled.post([sample("openedx_course_passed"), {"actor": {}}])
        assert refused.value.headers == {"X-Experience-API-Version": "1.0.3"}
        assert enrolled.state["statements"] == {}

    def test_other_content_under_a_kept_id_is_a_conflict(self, desk: Desk) -> None:
        desk.post(sample("openedx_course_passed"))
        with pytest.raises(StatementConflict):
            desk.post({**sample("openedx_course_failed"), "id": sample("openedx_course_passed")["id"]})

    def test_two_libraries_may_use_the_same_id_and_do_not_see_each_other(self, desk: Desk) -> None:
        desk.post(sample("openedx_course_passed"))
        desk.post({**sample("openedx_course_failed"), "id": sample("openedx_course_passed")["id"]}, LAKESIDE)
        assert len(desk.state["statements"]) == 2

    @pytest.mark.parametrize("headers", [{}, {"X-Experience-API-Version": "0.95"}])
    @pytest.mark.parametrize("method", ["store_statements", "get_statements"])
    def test_the_version_is_asked_for(self, desk: Desk, method: str, headers: dict[str, str]) -> None:
        with pytest.raises(VersionMissing):
            desk.call(method, raw=b"[]", headers=headers)

    @pytest.mark.parametrize("name", ["X-Experience-Api-Version", "x-experience-api-version"])
    def test_the_name_of_the_version_header_may_be_written_in_any_case(self, desk: Desk, name: str) -> None:
        assert desk.call("store_statements", raw=b"[]", headers={name: "1.0.3"}).body == []

    def test_the_version_is_answered(self, desk: Desk) -> None:
        assert desk.post([], version="1.0").headers == {"X-Experience-API-Version": "1.0.3"}
        assert desk.post([], version="2.0.0").headers == {"X-Experience-API-Version": "2.0.0"}

    def test_a_body_that_is_not_json_is_refused(self, desk: Desk) -> None:
        with pytest.raises(BodyUnreadable):
            desk.call("store_statements", raw=b"{", headers={"X-Experience-API-Version": "1.0.3"})

    def test_files_beside_statements_are_refused_with_the_reason(self, desk: Desk) -> None:
        headers = {"X-Experience-API-Version": "1.0.3", "Content-Type": "multipart/mixed; boundary=x"}
        with pytest.raises(MediaTypeUnsupported, match="fileUrl"):
            desk.call("store_statements", raw=b"--x--", headers=headers)

    def test_a_statement_is_read_back_as_it_was_sent(self, desk: Desk) -> None:
        sent = sample("openedx_course_passed")
        desk.post(sent)
        answer = desk.read(statementId=sent["id"])
        kept = orjson.loads(answer.body)
        assert {name: kept[name] for name in sent} == sent
        assert kept["authority"]["account"]["name"] == "client-1"
        assert "X-Experience-API-Consistent-Through" in answer.headers

    def test_a_node_above_reads_it_and_another_library_does_not(self, desk: Desk) -> None:
        desk.post(sample("openedx_course_passed"))
        assert desk.read(CONSORTIUM, statementId=sample("openedx_course_passed")["id"])
        assert orjson.loads(desk.read(LAKESIDE).body) == {"statements": [], "more": ""}
        with pytest.raises(StatementUnknown):
            desk.read(LAKESIDE, statementId=sample("openedx_course_passed")["id"])

    def test_filters_choose(self, desk: Desk) -> None:
        desk.post([sample("openedx_course_passed"), sample("moodle_course_completed")[0]])
        for query in ({"verb": "http://adlnet.gov/expapi/verbs/passed"}, {"activity": SPREADSHEETS},
                      {"agent": json.dumps({"account": ACCOUNT})}):
            [found] = orjson.loads(desk.read(**query).body)["statements"]
            assert found["object"]["id"] == SPREADSHEETS
        assert orjson.loads(desk.read(since="2030-01-01T00:00:00Z").body)["statements"] == []

    @pytest.mark.parametrize("ascending", ["true", "false"])
    def test_more_leads_through_everything_in_order(self, desk: Desk, ascending: str) -> None:
        sent = [{**sample("openedx_course_passed"), "id": str(uuid4())} for _ in range(5)]
        desk.post(sent)
        pages = list(pages_of(desk, limit="2", ascending=ascending))
        assert [len(each) for each in pages] == [2, 2, 1]
        seen, expected = [each["id"] for page in pages for each in page], [each["id"] for each in sent]
        assert seen == (expected if ascending == "true" else expected[::-1])

    def test_a_page_of_large_statements_ends_early_and_more_leads_on(self, desk: Desk) -> None:
        large = {**sample("openedx_course_passed"), "result": {"response": "é" * 500_000}}
        sent = [{**large, "id": str(uuid4())} for _ in range(12)]
        for each in sent:
            desk.post(each)
        pages = list(pages_of(desk, ascending="true"))
        assert [each["id"] for page in pages for each in page] == [each["id"] for each in sent]
        assert [len(each) for each in pages] == [9, 3]
