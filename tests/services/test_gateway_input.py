"""Bad input is refused at the door, each kind in its own words, and never reaches a service."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug import Request
from werkzeug.test import create_environ

from tests.services.gateway_stage import Stage, staged

COURSE = {"title": "Spreadsheets", "activity_iri": "https://example.org/course"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


@pytest.fixture
def key(stage: Stage) -> str:
    stage.service.heard.clear()
    return stage.clients.invite("library")[0]


@pytest.mark.parametrize(("body", "field"), [
    ({}, "/title"),
    ({**COURSE, "title": 7}, "/title"),
    ({**COURSE, "title": "   "}, "/title"),
    ({**COURSE, "title": None}, "/title"),
    ({**COURSE, "titel": "misspelt"}, "/titel"),
    ({**COURSE, "activity_iri": "no iri"}, "/activity_iri"),
    ({**COURSE, "teaches": [{"label": "fine"}, {"label": ""}]}, "/teaches/1/label"),
    ({**COURSE, "url": "javascript:alert(1)"}, "/url"),
    *(({**COURSE, "teaches": [{"label": "fine", "uri": uri}]}, "/teaches/0/uri") for uri in (
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https:///x", "urn:", "urn:x", "no uri",
        "https://example.org/a b")),
    ({**COURSE, "language": "es_MX"}, "/language"),
])
def test_each_wrong_member_is_named(stage: Stage, key: str, body: Any, field: str) -> None:
    answer = stage.ask("POST", "/v1/courses", key, body)
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json["errors"]]
    assert not stage.service.heard


@pytest.mark.parametrize("uri", [
    "http://data.europa.eu/esco/skill/f", "HTTPS://example.org", "urn:libranet:skill:email", "URN:ISBN:0451450523"])
def test_a_skill_is_named_by_a_web_address_or_a_urn(stage: Stage, key: str, uri: str) -> None:
    body = {**COURSE, "teaches": [{"label": "fine", "uri": uri}]}
    assert stage.ask("POST", "/v1/courses", key, body).status_code == 200


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(stage: Stage, key: str, body: Any) -> None:
    answer = stage.ask("POST", "/v1/courses", key, b"null" if body is None else body)
    assert answer.status_code == 422


@pytest.mark.parametrize("body", [
    b"{", b"{'a': 1}", b"\xff\xfe", b"[" * 100_000, b'{"title": NaN}', b'{"a": 1} trailing', b'{"a": "\xed\xa0\x80"}'])
def test_a_body_that_is_not_json_is_refused(stage: Stage, key: str, body: bytes) -> None:
    answer = stage.ask("POST", "/v1/courses", key, body)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert not stage.service.heard


@pytest.mark.parametrize(("method", "path", "megabytes"), [
    ("POST", "/v1/courses", 2), ("POST", "/v1/verifications", 2), ("POST", "/xAPI/statements", 9)])
def test_an_oversized_body_is_refused(stage: Stage, method: str, path: str, megabytes: int) -> None:
    kind = "platform" if path.startswith("/xAPI") else "library"
    answer = stage.ask(method, path, stage.clients.invite(kind)[0], b'"' + b"x" * (megabytes * 2**20) + b'"')
    assert answer.status_code == 413


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_media_type_is_refused(stage: Stage, key: str, media_type: str) -> None:
    answer = stage.ask("POST", "/v1/courses", key, COURSE, headers={"Content-Type": media_type})
    assert answer.status_code == 415


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "application/ld+json"])
def test_json_under_any_of_its_names_is_taken(stage: Stage, key: str, media_type: str) -> None:
    answer = stage.ask("POST", "/v1/courses", key, COURSE, headers={"Content-Type": media_type})
    assert answer.status_code == 200


def test_an_empty_body_stands_for_an_empty_object(stage: Stage, key: str) -> None:
    assert stage.ask("POST", "/v1/patrons", key).status_code == 200
    assert stage.ask("POST", "/v1/courses", key).status_code == 422


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many", "limt=5", "cursor="])
def test_a_wrong_query_is_refused_by_name(stage: Stage, key: str, query: str) -> None:
    answer = stage.ask("GET", f"/v1/courses?{query}", key)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "/" + query.partition("=")[0]


@pytest.mark.parametrize("value", ["..", "%00", "a%20b", "%0d%0aX-Evil:1", "x" * 300, "%C3%A9", "-", "%3Cscript%3E"])
def test_a_path_value_that_can_be_no_id_is_unknown(stage: Stage, key: str, value: str) -> None:
    answer = stage.ask("GET", f"/v1/patrons/{value}", key)
    assert answer.status_code == 404
    assert not stage.service.heard


@pytest.mark.parametrize("value", ["", "with space", "x" * 201, "\xe9"])
def test_an_idempotency_key_is_visible_ascii(stage: Stage, key: str, value: str) -> None:
    answer = stage.ask("POST", "/v1/courses", key, COURSE, headers={"Idempotency-Key": value})
    assert answer.status_code == 400


def test_strangers_have_no_idempotency_keys_because_they_would_share_them(stage: Stage) -> None:
    answer = stage.ask("POST", "/v1/verifications", body={"credential": {}}, headers={"Idempotency-Key": "mine"})
    assert answer.status_code == 200
    assert "Idempotency-Key" not in stage.service.heard[-1].headers


def test_a_good_body_reaches_the_service_as_it_came(stage: Stage, key: str) -> None:
    body = b'{ "title" : "A",  "activity_iri": "https://example.org/c"}'
    stage.ask("POST", "/v1/courses", key, body, headers={"Idempotency-Key": "once-1"})
    heard = stage.service.heard[-1]
    assert (heard.method, heard.target, heard.body) == ("POST", "/v1/courses", body)
    assert heard.headers["Idempotency-Key"] == "once-1"
    assert heard.headers["Content-Type"] == "application/json"


def test_xapi_passes_through_untouched(stage: Stage) -> None:
    [key] = stage.clients.invite("platform")
    stage.service.heard.clear()
    body = b"--x\r\nnot json at all\r\n--x--"
    stage.ask("POST", "/xAPI/statements?a=%20b&a=2&statementId=x%2Fy", key, body, headers={
        "Content-Type": "multipart/mixed; boundary=x", "X-Experience-API-Version": "1.0.3"})
    heard = stage.service.heard[-1]
    assert (heard.target, heard.body) == ("/xAPI/statements?a=%20b&a=2&statementId=x%2Fy", body)
    assert heard.headers["Content-Type"] == "multipart/mixed; boundary=x"
    assert heard.headers["X-Experience-API-Version"] == "1.0.3"


def test_a_change_without_members_takes_an_empty_body_or_none(stage: Stage, key: str) -> None:
    share = "/v1/credentials/0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88/share"
    for body in (None, {}):
        assert stage.ask("POST", share, key, body).status_code == 200
    heard = len(stage.service.heard)
    refused = stage.ask("POST", share, key, {"why": "?"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "/why")
    assert stage.http.post(share, data=b"{", headers={
        "Authorization": f"Bearer {key}", "Content-Type": "application/json"}).status_code == 400
    assert stage.http.post(share, data=b"x", headers={
        "Authorization": f"Bearer {key}", "Content-Type": "text/plain"}).status_code == 415
    assert len(stage.service.heard) == heard


@pytest.mark.parametrize("arrived", [b"", b"{}", b'{"name": "Ada"}'])
@pytest.mark.parametrize("server", [{}, {"wsgi.input_terminated": True}])
def test_a_body_that_broke_off_changes_nothing(
        stage: Stage, key: str, arrived: bytes, server: dict[str, Any]) -> None:
    answer = stage.http.post("/v1/patrons", data=arrived, headers={
        "Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        environ_overrides={"CONTENT_LENGTH": "300", **server})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert not stage.service.heard


def test_whoever_stopped_sending_is_told_so_and_not_waited_for_again(stage: Stage, key: str) -> None:
    body = Stopped()
    answer = stage.http.post("/v1/patrons", input_stream=body, headers={
        "Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "300"})
    assert (answer.status_code, answer.headers["Connection"]) == (408, "close")
    assert body.waited == 1
    assert not stage.service.heard


class Stopped(io.BytesIO):
    """A client that sends no more: each read waits for the server's deadline."""

    waited = 0

    def readinto(self, _: Any) -> int:
        self.waited += 1
        raise BlockingIOError

    def read(self, size: int | None = -1) -> bytes:
        return bytes(self.readinto(size))


def test_an_oversized_body_of_unknown_length_is_refused_and_not_cut(stage: Stage, key: str) -> None:
    body = b'{"title": "A", "activity_iri": "https://example.org/c"}' + b" " * 2**20
    answer = stage.http.post("/v1/courses", input_stream=io.BytesIO(body), headers={
        "Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""})
    assert answer.status_code == 413
    assert not stage.service.heard


@pytest.mark.parametrize(("query", "passed_on", "read"), [
    ("q=\u00e9".encode(), "q=%C3%A9", ["\u00e9"]), (b"q=%C3%A9+%26&", "q=%C3%A9+%26&", ["\u00e9 &"]),
    (b"q=100%&q=%41", "q=100%25&q=%41", ["100%", "A"]), (b"q=%zz%", "q=%25zz%25", ["%zz%"]),
    (b"q=\xff\"<>", "q=%FF%22%3C%3E", ['%FF"<>']),
    (b"q=[a]{b}|\\^`", "q=%5Ba%5D%7Bb%7D%7C%5C%5E%60", ["[a]{b}|\\^`"])])
def test_a_service_reads_the_query_that_was_checked(
        stage: Stage, key: str, query: bytes, passed_on: str, read: list[str]) -> None:
    answer = stage.http.get("/v1/jobs", headers={"Authorization": f"Bearer {key}"}, environ_overrides={
        "QUERY_STRING": query.decode("latin-1")})
    assert answer.status_code == 200, answer.text
    assert stage.service.heard[-1].target == f"/v1/jobs?{passed_on}"
    assert Request({**create_environ(), "QUERY_STRING": passed_on}).args.getlist("q") == read


@pytest.mark.parametrize("value", ["Basic \u00ff", "Basic /w==", "Basic w78=", "Bearer \u00ff", "\u00ff \u00ff"])
def test_bytes_that_are_no_key_are_no_key(stage: Stage, value: str) -> None:
    assert stage.http.get("/v1/jobs", headers={"Authorization": value}).status_code == 401


@pytest.mark.parametrize(("query", "headers", "status"), [
    ("note=" + '"' * 2667, {}, 414), ("note=" + '"' * 2600, {}, 200),
    ("", {"Accept": "a" * 8001}, 431), ("", {"Accept": "a" * 8000}, 200)])
def test_what_a_service_cannot_take_is_refused_at_the_door(
        stage: Stage, query: str, headers: dict[str, str], status: int) -> None:
    answer = stage.http.get(f"/issuers/demo.riverside/did.json?{query}", headers=headers)
    assert answer.status_code == status, answer.text
    assert status == 200 or answer.content_type == "application/problem+json"
