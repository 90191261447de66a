"""Whatever is asked for, at whatever address: an unknown thing is 404, a wrong method 405, a wrong query named."""

import re

import pytest

from tests.journeys.described import OPERATIONS, PAGED, PATHS, WITH_IDS, Operation, named
from tests.journeys.door import Answer, Door, is_problem
from tests.journeys.things import Things

pytestmark = pytest.mark.real
NO_IDS = (
    "0", "-1", "null", "undefined", "*", "not-a-uuid", "00000000-0000-0000-0000-000000000000", "a" * 200, "a" * 3000,
    "..", "%2e%2e", "%2e%2e%2fme", "..%2f..%2fv1%2fme", "%2F", "%5c..%5c", "%00", "a%00b", "%0d%0aX-Evil:%201", "%ff",
    "%C3%A9", "%20", "%25", "%zz", "'", '"', "%7B%22$ne%22:1%7D", "$where", ";id=1", "a;b", "<script>", "~root")
NO_ADDRESSES = (
    "/nothing", "/v1", "/v1/",  "/V1/patrons", "/v1/patrons/", "/v1/patrons/a/b/c", "/v1/nothing",
    "/v1/../v1/me", "/v1/%2e%2e/v1/me", "/xAPI", "/xapi/statements", "/xAPI/statements/", "/docs/", "/openapi.json/",
    "/.env", "/.git/config", "/%00", "/%ff", "/v1/me%00", "/v1/me;x=1", "/static/../gateway/app.py", "/credentials/",
    "/" + "a" * 3000, "/" + "a/" * 1000)
NO_LIMITS = ("0", "201", "-1", "x", "", "1.5", "1e1", "%00", "%ff", "99999999999999999999", "null", "[]")
CURSORS = ("garbage", "0", "~", "%00", "%ff", "$ne", "%7B%7D", "a" * 500, "../..", "%F0%9F%93%9A", "null")
PASSED_ON = {
    "/credentials/{public_id}": "form=pdf", "/records/{public_record}": "form=pdf",
    "/endorsements/{public_endorsement}": "form=pdf",
    "/records/{public_record}/print": "language=xx", "/records/{public_record}/pdf": "language=xx"}
"""People pass these addresses on, and what they pass through adds parameters of its own; each with what it refuses."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "BREW", "TRACE", "PROPFIND")
NO_HTTP = {
    "no method": b" / HTTP/1.1\r\n\r\n", "a method in small letters": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /\r\n\r\n", "another protocol": b"GET / RTSP/1.0\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\r\n\r\n",
    "a blank in the path": b"GET /v1/a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in the path": b"GET /v1/\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    "a blank before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "a length in words": b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
    "a negative length": b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": (b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a chunk without a size": (b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "a chunk of a negative size": (b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                   b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n"),
    "chunks in another coding": (b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\n"
                                 b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    "chunks, with a blank before the colon": (b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\n"
                                              b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    "chunks in HTTP/1.0": (b"POST /v1/verifications HTTP/1.0\r\nHost: x\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two lengths in one": b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\n{}",
    "a length with a sign": b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}",
    "lines without CR": b"GET / HTTP/1.1\nHost: x\n\n",
    "a header over two lines": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "a long line": b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 20_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: a\r\n" * 200 + b"\r\n",
}


def ask(door: Door, mine: Things, operation: Operation, target: str) -> Answer:
    return door.ask(operation.method, target, door.kinds_for(operation)[0], mine.sent(operation))


def id_places() -> list[tuple[Operation, str]]:
    return [(operation, name) for operation in WITH_IDS for name in operation.parameters("path")]


@pytest.mark.parametrize(("operation", "name"), id_places(), ids=lambda each: getattr(each, "name", each))
def test_what_cannot_be_an_id_is_unknown(door: Door, mine: Things, operation: Operation, name: str) -> None:
    for value in NO_IDS:
        assert is_problem(ask(door, mine, operation, mine.target(operation, **{name: value})), 404), value


@pytest.mark.parametrize("address", NO_ADDRESSES, ids=lambda address: address[:30])
def test_an_unknown_address_is_a_problem(door: Door, address: str) -> None:
    for method in METHODS:
        assert is_problem(door.ask(method, address), 404)


def taken_at(path: str) -> set[str]:
    """The methods of the path and of every template that it fits (`/v1/guests/resume` fits `/v1/guests/{guest}`)."""
    fits = (methods for other, methods in PATHS.items()
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", re.escape(other).replace(r"\{", "{").replace(r"\}", "}")), path))
    return PATHS[path].union(*fits)


@pytest.mark.parametrize(("path", "taken"), [(path, taken_at(path)) for path in PATHS],
                         ids=lambda each: each if isinstance(each, str) else "")
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(
        door: Door, mine: Things, path: str, taken: set[str]) -> None:
    for method in set(METHODS) - taken:
        answer = door.ask(method, path.format(**mine.ids), "library", b"{}")
        assert is_problem(answer, 405), method
        assert taken <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("operation", PAGED, ids=named)
def test_a_limit_is_a_number_from_1_to_200(door: Door, mine: Things, operation: Operation) -> None:
    for limit in NO_LIMITS:
        answer = ask(door, mine, operation, f"{mine.target(operation)}?limit={limit}")
        assert is_problem(answer, 422), limit
        assert answer.fields == ["/limit"]
    for limit in ("1", "200"):
        assert ask(door, mine, operation, f"{mine.target(operation)}?limit={limit}").status == 200


@pytest.mark.parametrize("operation", PAGED, ids=named)
def test_a_cursor_that_nobody_gave_is_a_place_or_a_problem(door: Door, mine: Things, operation: Operation) -> None:
    for cursor in CURSORS:
        answer = ask(door, mine, operation, f"{mine.target(operation)}?cursor={cursor}")
        assert answer.status == 200 or (is_problem(answer, 422) and answer.fields == ["/cursor"]), cursor
    for cursor in ("", "a" * 501):
        answer = ask(door, mine, operation, f"{mine.target(operation)}?cursor={cursor}")
        assert is_problem(answer, 422)
        assert answer.fields == ["/cursor"]


@pytest.mark.parametrize("operation", [
    each for each in OPERATIONS if each.parameters("query") and each.path not in PASSED_ON], ids=named)
def test_an_unknown_query_member_is_refused_by_name(door: Door, mine: Things, operation: Operation) -> None:
    answer = ask(door, mine, operation, f"{mine.target(operation)}?unheardOf=1")
    assert is_problem(answer, operation.invalid)
    assert answer.fields == ["/unheardOf"]


@pytest.mark.parametrize("path", PASSED_ON)
def test_an_address_that_people_pass_on_may_collect_parameters(door: Door, mine: Things, path: str) -> None:
    operation = next(each for each in OPERATIONS if each.path == path)
    assert door.ask("POST", f"/v1/credentials/{mine.ids['credential']}/share", "library", b"{}").status == 200
    assert ask(door, mine, operation, f"{mine.target(operation)}?utm_source=mail").status == 200
    assert is_problem(ask(door, mine, operation, f"{mine.target(operation)}?{PASSED_ON[path]}"), 422)


@pytest.mark.parametrize("query", [
    "statementId=x", "statementId=", "statementId=%00", "agent=x", "agent={}", "agent=%7B%22mbox%22:7%7D", "verb=x",
    "activity=%00", "registration=x", "since=x", "since=2026-13-45", "until=yesterday", "limit=-1", "limit=x",
    "limit=99999999999999999999", "ascending=maybe", "cursor=", "cursor=%00", "unheardOf=1", "statementId=%ff",
    "format=nothing", "attachments=maybe", "voidedStatementId=x", "since=9999999-01-01T00:00:00Z"])
def test_a_wrong_query_for_statements_is_a_problem(door: Door, query: str) -> None:
    assert is_problem(door.ask("GET", f"/xAPI/statements?{query}", "platform"), 400)


@pytest.mark.parametrize("raw", NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_request_is_a_problem_too(door: Door, raw: bytes) -> None:
    assert is_problem(door.send(raw))
