"""What strangers publish is fetched from public addresses only, within limits, and not again and again."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from services.credentials.adapters import outside_documents
from services.credentials.adapters.outside_documents import Errand, OutsideDocuments
from services.credentials.domain.reading import Unread


class Issuer(BaseHTTPRequestHandler):
    """Somebody else's server."""

    answers: ClassVar[dict[str, tuple[int, bytes]]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, body = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv(outside_documents.ALLOWED, "127.0.0.0/8")
    Issuer.answers, Issuer.asked = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_list_is_fetched_once_and_kept_for_a_while(address: str) -> None:
    Issuer.answers["/s"] = (200, b'{"type": "BitstringStatusListCredential"}')
    moment = [0.0]
    lists = OutsideDocuments(clock=lambda: moment[0])
    for at in (1.0, 2.0, outside_documents.KEPT_SECONDS):
        moment[0] = at
        assert lists.get(f"{address}/s") == b'{"type": "BitstringStatusListCredential"}'
    assert len(Issuer.asked) == 1
    moment[0] = 2 + outside_documents.KEPT_SECONDS
    lists.get(f"{address}/s")
    assert len(Issuer.asked) == 2


@pytest.mark.parametrize(("status", "body"), [
    (500, b"{}"), (302, b""), (200, b"x" * (outside_documents.MOST_BYTES + 1))])
def test_what_is_no_list_is_unread_and_not_asked_for_at_once_again(address: str, status: int, body: bytes) -> None:
    Issuer.answers["/s"] = (status, body)
    lists = OutsideDocuments()
    for _ in range(3):
        with pytest.raises(Unread):
            lists.get(f"{address}/s")
    assert Issuer.asked == ["/s"]


@pytest.mark.parametrize("url", [
    "http://127.0.0.1/s", "https://10.0.0.1/s", "https://169.254.169.254/latest", "file:///etc/passwd", "gopher://x",
    "https://user:word@college.example/s", "https://college.example:8443/s", "", "x" * 3000])
def test_nothing_inside_is_ever_asked(url: str) -> None:
    with pytest.raises(Unread) as unread:
        OutsideDocuments(resolve=lambda _host, _port: ["203.0.113.7"]).get(url)
    assert "203.0.113.7" not in str(unread.value)


def test_a_name_that_leads_inside_is_not_asked() -> None:
    with pytest.raises(Unread, match="not connected to"):
        OutsideDocuments(resolve=lambda _host, _port: ["127.0.0.1"]).get("https://college.example/s")


def test_where_nobody_listens_nothing_is_read(address: str) -> None:
    with pytest.raises(Unread, match="cannot be fetched"):
        OutsideDocuments().get("http://127.0.0.1:1/s")


def test_only_so_many_are_remembered(address: str) -> None:
    lists = OutsideDocuments()
    for number in range(outside_documents.MOST_KEPT + 5):
        Issuer.answers[f"/{number}"] = (200, b"{}")
        lists.get(f"{address}/{number}")
    lists.get(f"{address}/{outside_documents.MOST_KEPT}")
    assert len(Issuer.asked) == outside_documents.MOST_KEPT + 5
    lists.get(f"{address}/0")
    assert len(Issuer.asked) == outside_documents.MOST_KEPT + 6


def test_a_failure_for_want_of_time_is_not_remembered(address: str) -> None:
    documents = OutsideDocuments()
    with pytest.raises(Unread):
        documents.get(f"{address}/s", outside_documents.LEAST_SECONDS)
    Issuer.answers["/s"] = (200, b"{}")
    assert documents.get(f"{address}/s") == b"{}"


def test_what_is_no_json_is_unread(address: str) -> None:
    Issuer.answers["/s"] = (200, b"eyJhbGciOiJub25lIn0.e30.")
    with pytest.raises(Unread, match="not written in JSON"):
        Errand().json_at(f"{address}/s", OutsideDocuments())


def test_one_verification_asks_others_for_a_few_seconds_in_all(address: str) -> None:
    moment = [0.0]
    errand, documents = Errand(clock=lambda: moment[0]), OutsideDocuments()
    Issuer.answers["/s"] = (200, b"{}")
    assert errand.json_at(f"{address}/s", documents) == {}
    moment[0] = outside_documents.ERRAND_SECONDS
    with pytest.raises(Unread, match="no time left"):
        errand.json_at(f"{address}/s", documents)
