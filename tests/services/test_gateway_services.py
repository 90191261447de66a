"""A service that is away, hangs or breaks off costs its own callers an honest 503 in time, and others nothing."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from gateway import bulkhead
from gateway.bulkhead import Bulkhead, NoRoom
from gateway.services import NAMES, Sent, Services
from libranet.problems import ServiceAway
from tests.patience import PATIENCE_SECONDS, is_done_within, until
from tests.services.gateway_stage import FakeService, Said, Stage, staged

DEADLINE_SECONDS = 0.6
COURSE = {"title": "Spreadsheets", "activity_iri": "https://example.org/course"}


def break_off() -> None:
    raise ConnectionError


@pytest.fixture
def stage() -> Iterator[Stage]:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and never listens
        with staged({"jobs": f"http://127.0.0.1:{closed.getsockname()[1]}"}, deadline_seconds=DEADLINE_SECONDS) as made:
            yield made


@pytest.fixture
def key(stage: Stage) -> str:
    return stage.clients.invite("library")[0]


def test_a_service_that_is_away_answers_503_with_retry_after_in_time(stage: Stage, key: str) -> None:
    def ask() -> None:
        answer = stage.ask("GET", "/v1/skills", key)
        assert answer.status_code == 503
        assert answer.mimetype == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0

    assert is_done_within(DEADLINE_SECONDS + 0.3, ask)
    assert stage.ask("GET", "/v1/courses", key).status_code == 200


def test_a_service_that_hangs_answers_503_within_the_deadline(stage: Stage, key: str) -> None:
    stage.service.script = [Said(before=lambda: time.sleep(1.5))]

    def ask() -> None:
        stage.service.heard.clear()
        answer = stage.ask("POST", "/v1/courses", key, COURSE)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert len(stage.service.heard) == 1

    assert is_done_within(DEADLINE_SECONDS + 0.3, ask)


def test_a_change_that_broke_off_is_not_sent_again(stage: Stage, key: str) -> None:
    stage.service.script = [Said(before=break_off), Said()]
    assert stage.ask("POST", "/v1/courses", key, COURSE).status_code == 503
    assert len(stage.service.heard) == 1


def test_a_change_with_an_idempotency_key_is_sent_again(stage: Stage, key: str) -> None:
    stage.service.script = [Said(before=break_off), Said(status=201)]
    answer = stage.ask("POST", "/v1/courses", key, COURSE, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 201
    assert len(stage.service.heard) == 2


def test_a_read_that_broke_off_is_sent_again(stage: Stage, key: str) -> None:
    stage.service.script = [Said(before=break_off), Said()]
    assert stage.ask("GET", "/v1/courses", key).status_code == 200
    assert len(stage.service.heard) == 2


def test_a_kept_connection_that_the_service_closed_meanwhile_does_not_show(stage: Stage, key: str) -> None:
    stage.service.script = [Said(headers={"Content-Type": "application/json", "Connection": "close"})]
    for _ in range(3):
        assert stage.ask("POST", "/v1/courses", key, COURSE).status_code == 200


def test_an_answer_that_drips_in_beyond_the_deadline_is_given_up() -> None:
    def drip() -> None:
        while True:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n")
            with suppress(OSError):
                for _ in range(20):
                    connection.sendall(b"x" * 10)
                    time.sleep(0.05)

    def ask() -> None:
        with pytest.raises(ServiceAway):
            services.call(Sent("jobs", "GET", "/v1/skills", {}))

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=drip, daemon=True).start()
    services = Services({"jobs": f"http://127.0.0.1:{listener.getsockname()[1]}"}, 0.4)
    assert is_done_within(1, ask)


def test_only_chosen_headers_of_the_service_reach_the_caller(stage: Stage) -> None:
    stage.service.script = [Said(headers={
        "Content-Type": "application/vc+ld+json", "ETag": '"7"', "Cache-Control": "public, max-age=60",
        "X-Robots-Tag": "noindex", "Server": "inside", "Set-Cookie": "a=b", "Content-Security-Policy": "none"})]
    answer = stage.ask("GET", "/credentials/abcdefghij", headers={"If-None-Match": '"6"'})
    assert answer.mimetype == "application/vc+ld+json"
    assert (answer.headers["ETag"], answer.headers["X-Robots-Tag"]) == ('"7"', "noindex")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers.get("Server") != "inside"
    assert stage.service.heard[-1].headers["If-None-Match"] == '"6"'


def test_a_refusal_of_the_service_reaches_the_caller_as_it_is(stage: Stage, key: str) -> None:
    problem = b'{"type": "urn:libranet:problem:course-unknown", "title": "No such course", "status": 404}'
    stage.service.script = [Said(404, problem, {"Content-Type": "application/problem+json"})]
    answer = stage.ask("GET", "/v1/courses/0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88", key)
    assert (answer.status_code, answer.data) == (404, problem)


@pytest.mark.parametrize(("status", "headers"), [
    (500, {"Content-Type": "text/plain"}), (404, {"Content-Type": "text/html"}),
    (401, {"Content-Type": "application/problem+json"})])
def test_an_answer_that_is_none_of_ours_is_a_502(stage: Stage, key: str, status: int, headers: dict[str, str]) -> None:
    stage.service.script = [Said(status, b"Traceback: secret inside", headers)]
    answer = stage.ask("GET", "/v1/courses", key)
    assert answer.status_code == 502
    assert b"Traceback" not in answer.data


def test_a_service_that_hangs_does_not_hold_the_threads_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkhead, "HUNG_SECONDS", 0.2)
    hanging, goes_on = FakeService(), threading.Event()
    hanging.script = [Said(before=goes_on.wait)]  # type: ignore[arg-type]
    services = Services({**dict.fromkeys(NAMES, "http://127.0.0.1:1"), "jobs": hanging.url}, PATIENCE_SECONDS, places=2)
    answered: list[int] = []

    def ask() -> None:
        answered.append(services.call(Sent("jobs", "GET", "/v1/skills", {})).status)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for each in threads:
        each.start()
    until(lambda: len(hanging.heard) == 2)
    time.sleep(0.25)

    def find_no_place() -> None:
        with pytest.raises(ServiceAway):
            ask()

    assert is_done_within(0.1, find_no_place)
    assert answered == [], "the others still hang"
    goes_on.set()
    for each in threads:
        each.join()
    assert answered == [200, 200]
    hanging.stop()


def test_whoever_finds_no_place_waits_while_the_service_answers() -> None:
    room, order, is_in = Bulkhead(1), [], threading.Event()

    def hold() -> None:
        with room.place():
            is_in.set()
            time.sleep(0.1)
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_in.wait(PATIENCE_SECONDS)
    with room.place():
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_nobody_waits_behind_a_call_that_hangs() -> None:
    time_now = [0.0]
    room = Bulkhead(1, lambda: time_now[0])
    with room.place():
        time_now[0] = 5.0
        with pytest.raises(NoRoom), room.place():
            pass
