"""One POST: what a receiver may do to us, and what comes of it."""

import socket
import threading
import time
from typing import Any

import pytest

from gateway.deliveries import guard
from gateway.deliveries.post import PostFailed, post
from libranet.outside import asking
from tests.services.gateway_stage import FakeService


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")


def target(port: int, scheme: str = "http", host: str = "127.0.0.1") -> guard.Target:
    return guard.check(f"{scheme}://{host}:{port}/", guard.allowed_networks(), lambda *_: ["127.0.0.1"])


def test_a_proxy_from_the_environment_is_not_used(receiver: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(target(int(receiver.url.rpartition(":")[2])), b"{}", {}).status == 204


def test_nobody_listening_is_a_reason_not_a_crash() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(PostFailed, match="refused"):
        post(target(port), b"{}", {})


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"", b"HTTP/1.1 200", b"\x00" * 100])
def test_what_is_no_http_is_a_reason_not_a_crash(answer: bytes) -> None:
    with listening(answer) as port:
        if answer == b"HTTP/1.1 200":
            assert post(target(port), b"{}", {}).status == 200
            return
        with pytest.raises(PostFailed):
            post(target(port), b"{}", {})


def test_an_endless_answer_is_cut_off() -> None:
    with listening(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000_000) as port:
        assert post(target(port), b"{}", {}).status == 200


def test_an_answer_that_drips_after_its_status_was_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.deliveries.post.TOTAL_SECONDS", 0.3)
    server = listening(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", drips=100)
    with server as port:
        assert post(target(port), b"{}", {}).status == 200
        assert server.was_left.wait(60)


@pytest.mark.parametrize(("answer", "drip"), [
    (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"), (b"HTTP/1.1 2", b"0"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n")])
def test_a_head_that_drips_is_no_answer_in_time(answer: bytes, drip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.deliveries.post.TOTAL_SECONDS", 0.3)
    monkeypatch.setattr("libranet.outside.asking.TOTAL_SECONDS", 0.3)
    with listening(answer, drips=100, drip=drip) as port, pytest.raises(PostFailed, match="in time"):
        post(target(port), b"{}", {})
    with listening(answer, drips=100, drip=drip) as port, pytest.raises(asking.NoReply, match="Timeout"):
        asking.ask("GET", target(port), {}, 100)


def test_a_body_that_drips_is_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libranet.outside.asking.TOTAL_SECONDS", 0.3)
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", drips=99) as port, \
            pytest.raises(asking.NoReply, match="Timeout"):
        asking.ask("GET", target(port), {}, 100)


def test_tls_without_a_trusted_certificate_is_refused(receiver: FakeService) -> None:
    with pytest.raises(PostFailed, match="TLS"):
        post(target(int(receiver.url.rpartition(":")[2]), "https"), b"{}", {})


class listening:  # noqa: N801 - reads as a word
    """A bare server that says `answer` to the first who connects, and closes, after `drips` times a `drip` more."""

    def __init__(self, answer: bytes, drips: int = 0, drip: bytes = b"x") -> None:
        self._answer = answer
        self._drip = drip
        self._drips = drips
        self.was_left = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._server.getsockname()[1])

    def __exit__(self, *_: Any) -> None:
        self._server.close()

    def _serve(self) -> None:
        connection, _ = self._server.accept()
        with connection:
            try:
                connection.recv(65536)
                connection.sendall(self._answer)
                for _ in range(self._drips):
                    connection.sendall(self._drip)
                    time.sleep(0.05)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                self.was_left.set()
