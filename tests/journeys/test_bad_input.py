"""Whatever is sent as a body, the answer is a problem that names the place, and never a fault of ours."""

import json
from collections.abc import Iterator

import jsonschema_rs
import pytest

from libranet.local import Platform
from tests.journeys.described import DOCUMENT, JSON, WITH_BODY, Operation, ends, named
from tests.journeys.door import Answer, Door, check_each, is_problem
from tests.journeys.misshapen import Misshapen, is_free, missing_members, odd_texts, unknown_members, wrong_types
from tests.journeys.stage import Keys, Stage, keys_of_riverside
from tests.journeys.things import Things, made_things
from tests.library_system import LibrarySystem

pytestmark = pytest.mark.real
MIB = 2**20
NOT_JSON = {
    "cut off": b"{", "quoted like Python": b"{'a': 1}", "something after": b'{"a": 1} {"b": 2}', "no value": b'{"a": }',
    "not UTF-8": b'{"name": "\xff\xfe"}', "Latin-1": '{"name": "é"}'.encode("latin-1"),
    "UTF-16": '{"name": "a"}'.encode("utf-16"), "half a surrogate pair": b'{"name": "\xed\xa0\x80"}',
    "an escaped half": b'{"name": "\\ud800"}', "NUL": b"\x00", "NUL in a text": b'{"name": "a\x00b"}',
    "a line break in a text": b'{"name": "a\nb"}', "NaN": b'{"name": NaN}', "Infinity": b'{"name": -Infinity}',
    "open without end": b"[" * 100_000, "deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "comments": b"{/* */}",
    "only a blank": b" ", "a byte order mark": b'\xef\xbb\xbf{"name": "a"}',
}
NO_OBJECTS = (b"[]", b"[{}]", b"7", b"true", b"null", b'"text"')
OTHER_MEDIA_TYPES = ("", "text/plain", "text/html", "application/x-www-form-urlencoded",
                     "multipart/form-data; boundary=x", "application/xml", "json", "a/b/c; =;")
HUGE_NUMBERS = (b"1e999", b"-1e999", b"9" * 4000, b"1" + b"0" * 400, b"0." + b"3" * 4000, b"18446744073709551616")


@pytest.fixture(scope="module")
def mine(platform: Platform, keys: Keys, library_cards: LibrarySystem) -> Iterator[Things]:
    """Of this file alone: an odd text that is taken may end what it is about."""
    with Stage(platform, keys) as stage:
        yield made_things(stage, library_cards.port)


@pytest.fixture(scope="module")
def door(platform: Platform, keys: Keys, mine: Things) -> Door:
    """With an app of these things' patron."""
    return Door(platform.urls["gateway"], keys_of_riverside(keys), mine.app)


def send(door: Door, mine: Things, operation: Operation, body: bytes, media_type: str = JSON) -> Answer:
    return door.ask(operation.method, target(door, mine, operation), door.kinds_for(operation)[0], body,
                    {"Content-Type": media_type})


def target(door: Door, mine: Things, operation: Operation) -> str:
    """About mine, or about a fresh guest where the request may end them."""
    if not ends(operation):
        return mine.target(operation)
    body = json.dumps({"node": mine.ids["node"]}).encode()
    return mine.target(operation, guest=door.ask("POST", "/v1/guests", None, body).json["id"])


def send_misshapen(door: Door, mine: Things, wrong: Misshapen) -> Answer:
    return send(door, mine, wrong.operation, json.dumps(wrong.document(mine.body(wrong.operation))).encode())


def key_for(door: Door, operation: Operation) -> str:
    kind = door.kinds_for(operation)[0]
    return door.key_of(kind) if kind else ""


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_wrong_or_missing_or_unknown_member_is_refused_by_name(
        door: Door, mine: Things, operation: Operation) -> None:
    def check(wrong: Misshapen) -> None:
        answer = send_misshapen(door, mine, wrong)
        assert is_problem(answer, operation.invalid)
        assert any(field.startswith(wrong.place) for field in answer.fields), answer.json

    check_each(check, [*wrong_types(operation), *unknown_members(operation), *missing_members(operation)])


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_an_odd_text_is_taken_or_refused_by_name_and_refused_where_the_description_forbids_it(
        door: Door, mine: Things, operation: Operation) -> None:
    described = jsonschema_rs.validator_for({**(operation.body or {}), "components": DOCUMENT["components"]})

    def check(odd: Misshapen) -> None:
        answer = send_misshapen(door, mine, odd)
        if answer.status >= 400:
            assert is_problem(answer)
        if answer.status == operation.invalid and not is_free(operation, odd.place):
            assert any(field.startswith(odd.place) for field in answer.fields), answer.json
        if not described.is_valid(odd.document(operation.example)):
            assert answer.status == operation.invalid, "the description forbids it"

    check_each(check, [*odd_texts(operation)])


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_body_that_is_not_json_is_refused(door: Door, mine: Things, operation: Operation) -> None:
    check_each(lambda kind: is_problem(send(door, mine, operation, NOT_JSON[kind]),
                                       413 if len(NOT_JSON[kind]) > operation.most_bytes else 400), NOT_JSON)


@pytest.mark.parametrize("operation", [each for each in WITH_BODY if not each.is_xapi], ids=named)
def test_a_body_that_is_no_object_is_refused(door: Door, mine: Things, operation: Operation) -> None:
    check_each(lambda body: is_problem(send(door, mine, operation, body), operation.invalid), NO_OBJECTS)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_huge_numbers_are_refused(door: Door, mine: Things, operation: Operation) -> None:
    for number in HUGE_NUMBERS:
        for member in operation.example:
            assert is_problem(send(door, mine, operation, b'{"%s": %s}' % (member.encode(), number)))


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_deep_json_is_refused_by_name(door: Door, mine: Things, operation: Operation) -> None:
    for depth in (50, 900, 5000):
        for member in operation.example:
            body = b'{"%s": %s1%s}' % (member.encode(), b'{"a":' * depth, b"}" * depth)
            answer = send(door, mine, operation, body)
            assert (is_free(operation, f"/{member}/a") and answer.status == 200) or is_problem(answer, 400, 422)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_another_media_type_is_refused(door: Door, mine: Things, operation: Operation) -> None:
    body = json.dumps(operation.example).encode()
    check_each(lambda media_type: is_problem(
        send(door, mine, operation, body, media_type),
        operation.invalid if media_type in operation.media_types else 415), OTHER_MEDIA_TYPES)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_an_oversized_body_is_refused(door: Door, mine: Things, operation: Operation) -> None:
    limit = operation.most_bytes
    for size in (limit + 1, 15 * MIB):  # beyond 16 MiB the gateway hangs up
        assert is_problem(send(door, mine, operation, b'"%s"' % (b"x" * (size - 2))), 413)
    assert is_problem(send(door, mine, operation, b'"%s"' % (b"x" * (limit - 2))), operation.invalid)


@pytest.mark.parametrize("operation", WITH_BODY, ids=named)
def test_a_body_is_measured_even_when_it_hides_its_length(door: Door, mine: Things, operation: Operation) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    head = (f"{operation.method} {mine.target(operation)} HTTP/1.1\r\nHost: {door.address}\r\n"
            f"Authorization: Bearer {key_for(door, operation)}\r\nContent-Type: {JSON}\r\n"
            "X-Experience-API-Version: 1.0.3\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
    assert is_problem(door.send(head + chunk * (129 if operation.is_raw else 17) + b"0\r\n\r\n"), 413)
