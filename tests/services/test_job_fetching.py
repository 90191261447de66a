"""Fetching a feed's address: what is public, also after a redirect, conditionally, within limits; failures are kept."""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest

from libranet.clock import now
from libranet.ids import new_id
from services.jobs.feeds import fetching
from services.jobs.feeds.adapters import web
from services.jobs.feeds.adapters.web import FetchFailed
from services.jobs.feeds.domain.feed import AFTER_FAILURES, Feed
from services.jobs.feeds.store import FeedStore
from tests.services.jobs_stage import Office, board, job

CONTENT = board(job(1), job(2))


class Board(BaseHTTPRequestHandler):
    """A board that answers by path, and remembers what it was asked."""

    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        type(self).asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        if self.path == "/jobs" and self.headers.get("If-None-Match") == '"one"':
            self.answer(304)
        elif self.path == "/jobs":
            self.answer(200, CONTENT, ETag='"one"', Last_Modified="Wed, 19 Aug 2026 23:10:38 GMT")
        elif self.path == "/packed":
            self.answer(200, gzip.compress(CONTENT), Content_Encoding="gzip")
        elif self.path == "/bomb":
            self.answer(200, gzip.compress(b"[" + b" " * 30_000_000), Content_Encoding="gzip")
        elif self.path.startswith("/to/"):
            self.answer(302, Location=unquote(self.path.removeprefix("/to/")))
        elif self.path == "/round":
            self.answer(302, Location="/round")
        elif self.path == "/short":
            self.answer(200, CONTENT, Content_Length=str(len(CONTENT) + 100))
        else:
            self.answer(int(self.path[1:]))

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("FEED_ALLOWED_NETWORKS", "127.0.0.0/8")
    Board.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Board)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def office(work_factory: Any) -> Office:
    return Office(work_factory)


def fetched(office: Office, feed: Feed) -> Feed:
    """The feed after its address was asked once."""
    office.transact(lambda work: FeedStore(work).save(feed))
    fetching.fetch(office, office.blobs, feed)  # type: ignore[arg-type]
    found = FeedStore(office.reading()).find(feed.id)
    assert found is not None
    return found


def a_feed(url: str) -> Feed:
    return Feed(new_id(), "demo.riverside", "Board", now(), url=url, every_hours=6, next_fetch_at=now())


def test_what_a_board_gives_becomes_an_import_and_is_asked_for_conditionally_next_time(
        office: Office, address: str) -> None:
    feed = fetched(office, a_feed(f"{address}/jobs"))
    work, = FeedStore(office.reading()).open_imports()
    assert (work.feed, work.owner, work.fetched, work.bytes_total) == (feed.id, feed.owner, True, len(CONTENT))
    office.go_on(work.id)
    assert set(office.postings()) == {"1", "2"}
    assert feed.last_fetch is not None
    assert feed.last_fetch.outcome == "imported"
    assert feed.next_fetch_at is not None
    assert timedelta(hours=5) < feed.next_fetch_at - now() <= timedelta(hours=6)
    again = fetched(office, feed)
    assert again.last_fetch is not None
    assert again.last_fetch.outcome == "unchanged"
    assert FeedStore(office.reading()).open_imports() == []
    assert Board.asked[0]["user-agent"].startswith("Libranet-Feeds/")
    assert (Board.asked[1]["if-none-match"], Board.asked[1]["if-modified-since"]) == (
        '"one"', "Wed, 19 Aug 2026 23:10:38 GMT")


def test_a_packed_answer_is_unpacked_and_redirects_are_followed(office: Office, address: str) -> None:
    fetched(office, a_feed(f"{address}/to//packed"))
    work, = FeedStore(office.reading()).open_imports()
    assert work.url == f"{address}/packed"
    assert work.bytes_total == len(CONTENT)


@pytest.mark.parametrize(("path", "words"), [
    ("/404", "answered 404"), ("/500", "answered 500"), ("/204", "answered 204"), ("/round", "redirects more than"),
    ("/short", "broke off"), ("/bomb", "larger than"), ("/to/ftp://a.example/", "https"),
    ("/to/http://169.254.169.254/latest/meta-data", "https on port 443"), ("/to/https://10.0.0.1/", "public internet"),
    ("/to/https://[::ffff:10.0.0.1]/", "public internet"), ("/to/https://2130706433/", "usual form"),
    ("/to/https://[a/", "no address")])
def test_a_failure_is_kept_with_its_reason_and_the_board_is_left_alone_for_a_while(
        office: Office, address: str, path: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_FILE_BYTES", 2**20)
    feed = fetched(office, a_feed(address + path))
    assert feed.last_fetch is not None
    assert (feed.last_fetch.outcome, feed.last_fetch.failures) == ("failed", 1)
    assert words in str(feed.last_fetch.detail)
    assert feed.next_fetch_at is not None
    assert feed.next_fetch_at - now() > timedelta(minutes=14)
    assert FeedStore(office.reading()).open_imports() == []
    assert fetched(office, feed).last_fetch.failures == 2  # type: ignore[union-attr]


def test_failures_are_asked_for_more_and_more_seldom_but_daily() -> None:
    assert list(AFTER_FAILURES) == sorted(AFTER_FAILURES)
    assert AFTER_FAILURES[-1] == timedelta(days=1)


def test_without_leave_nothing_inside_is_reached(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEED_ALLOWED_NETWORKS")
    for url in (f"{address}/jobs", "https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://0/"):
        with pytest.raises(FetchFailed), web.fetch(url):
            pass
    assert Board.asked == []


def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_checked(address: str) -> None:
    port = address.rpartition(":")[2]
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with web.fetch(f"http://board.example.org:{port}/jobs", resolve=lambda _host, _port: next(answers)) as reply:
        assert reply.read(10) == CONTENT[:10]
    assert Board.asked[0]["host"] == f"board.example.org:{port}"
    with pytest.raises(FetchFailed, match="443"), web.fetch(
            f"http://board.example.org:{port}/jobs", resolve=lambda _host, _port: next(answers)):
        pass


DRIPPING = """
import eventlet
eventlet.monkey_patch()
import socket, sys
from libranet.clock import now
from services.jobs.feeds import fetching
from services.jobs.feeds.domain.feed import Feed

listening = socket.create_server(("127.0.0.1", 0))

def drip():
    connection, _ = listening.accept()
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n" + sys.argv[1].encode())
    while True:
        connection.sendall(b"x")
        eventlet.sleep(0.05)

class Blobs:
    def store(self, read, *_):
        while read(1000):
            pass

class Database:
    def transact(self, effect):
        effect(None)

eventlet.spawn(drip)
fetching.FETCH_SECONDS = 1
fetching._save = lambda unit, feed, why_not, *_: print(why_not)
address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
fetching.fetch(Database(), Blobs(), Feed("feed", "demo", "Board", now(), url=address))
"""


@pytest.mark.parametrize("beginning", ["X-A: ", "Content-Length: 10000\r\n\r\n"])
def test_an_answer_that_drips_is_given_up(beginning: str) -> None:
    """In a process of its own, with green sockets as the service has them."""
    environment = {**os.environ, "FEED_ALLOWED_NETWORKS": "127.0.0.0/8"}
    ran = subprocess.run([sys.executable, "-c", DRIPPING, beginning], env=environment, capture_output=True, text=True)
    assert ran.stdout == "it took longer than 1 seconds\n", ran.stderr


def test_a_fault_of_ours_is_kept_like_a_failure_so_that_the_board_is_left_alone(
        office: Office, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(office.blobs, "store", broken)
    feed = fetched(office, a_feed(f"{address}/jobs"))
    assert feed.last_fetch is not None
    assert (feed.last_fetch.outcome, feed.last_fetch.detail) == ("failed", "a fault of ours, which is logged")


def test_what_was_fetched_for_a_feed_that_is_gone_is_nobodys(office: Office, address: str) -> None:
    feed = a_feed(f"{address}/jobs")
    fetching.fetch(office, office.blobs, feed)  # type: ignore[arg-type]
    assert FeedStore(office.reading()).open_imports() == []
