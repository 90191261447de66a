"""Whoever falls silent in the middle of a request is refused or hung up on, and holds up nobody else."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from libranet.local import Platform
from tests.journeys.stage import Stage, whole_lines
from tests.patience import PATIENCE_SECONDS, until

pytestmark = pytest.mark.real
BODY_OF = b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SILENT = {
    "in the request's first line": b"GET /v1/m",
    "in the head": b"GET /v1/me HTTP/1.1\r\nHost: x\r\nX-A: a",
    "in the body": BODY_OF + b'Content-Length: 20\r\n\r\n{"credential',
    "before the body": BODY_OF + b"Content-Length: 20\r\n\r\n",
    "in a chunk": BODY_OF + b'Transfer-Encoding: chunked\r\n\r\n14\r\n{"credential',
    "before a chunk": BODY_OF + b'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n',
}
"""What was sent before the silence."""
MORE_THAN_THREADS = 30
"""The gateway serves with 24."""
REFUSALS = (b"HTTP/1.1 400 ", b"HTTP/1.1 408 ")


@pytest.fixture
def open_clients(platform: Platform) -> Iterator["OpenClients"]:
    with ExitStack() as stack:
        yield OpenClients(platform.urls["gateway"], stack)


class OpenClients:
    """Each sends something, and nothing more for as long as the test goes on."""

    def __init__(self, gateway: str, stack: ExitStack) -> None:
        host, _, port = gateway.removeprefix("http://").partition(":")
        self._address, self._stack = (host, int(port)), stack

    def __call__(self, sent: bytes) -> socket.socket:
        client = self._stack.enter_context(socket.create_connection(self._address, timeout=PATIENCE_SECONDS))
        client.sendall(sent)
        return client


def told(client: socket.socket) -> bytes:
    """All that comes until the gateway hangs up; that it never does is a TimeoutError."""
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize("sent", SILENT.values(), ids=SILENT)
def test_a_client_that_falls_silent_is_refused_or_hung_up_on(open_clients: OpenClients, sent: bytes) -> None:
    answer = told(open_clients(sent))
    assert not answer or answer.startswith(REFUSALS), answer


@pytest.mark.parametrize("sent", [SILENT["in the head"], SILENT["in the body"]], ids=["heads", "bodies"])
def test_more_silent_clients_than_there_are_threads_hold_up_nobody(
        open_clients: OpenClients, stage: Stage, sent: bytes) -> None:
    silent = [open_clients(sent) for _ in range(MORE_THAN_THREADS)]
    assert stage.library.raw("GET", "/v1/me").status == 200
    assert all(not answer or answer.startswith(REFUSALS) for answer in map(told, silent))


def test_a_client_that_falls_silent_is_no_fault_of_ours(platform: Platform, open_clients: OpenClients) -> None:
    log = platform.log("gateway")
    before = len(whole_lines(log))
    told(open_clients(SILENT["in the head"]))

    def events() -> list[str]:
        return [json.loads(line)["event"] for line in whole_lines(log)[before:] if line.startswith("{")]

    until(lambda: "a client fell silent in its request" in events(), what="the line about the client")
    assert "Socket error processing request." not in events()
