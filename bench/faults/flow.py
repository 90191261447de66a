"""The events: a thousand statements of completions, sent at a steady pace until each is taken, as a platform does."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from urllib3.exceptions import HTTPError

from demo.api import Client

SENDING = 3
"""Senders at once, each with posts of its own."""
A_POST = 5
XAPI = {"X-Experience-API-Version": "1.0.3"}
PATIENCE_SECONDS = 180
PAUSE_SECONDS = 0.3


class Flow:
    """`first_tried` tells for each statement, by its place in the list, when it was first sent; `posts` how many each
    client got through."""

    def __init__(self, clients: Sequence[Client], statements: Sequence[dict[str, Any]], seconds: float) -> None:
        self._statements = statements
        self._pace = seconds / len(statements)
        self.first_tried: dict[int, float] = {}
        self.posts: Counter[Client] = Counter()
        self.failures: list[str] = []
        self._next = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send, args=(client,), daemon=True) for client in clients]
        self._has_begun, self._began = False, 0.0

    def until(self, share: float) -> None:
        """Waits until this share of the time is over; begins with the first call."""
        if not self._has_begun:
            self._has_begun, self._began = True, time.monotonic()
            for each in self._threads:
                each.start()
        due = self._began + self._pace * len(self._statements) * share
        time.sleep(max(0.0, due - time.monotonic()))

    def join(self) -> None:
        """Waits until all is taken; raises what a sender was refused for."""
        self.until(0)
        for each in self._threads:
            each.join()
        if self.failures:
            raise RuntimeError(self.failures[0])

    @contextmanager
    def through(self, client: Client) -> Iterator[None]:
        """One more sender meanwhile, where the flow has begun."""
        over = threading.Event()
        sender = threading.Thread(target=self._send, args=(client, over), daemon=True)
        sender.start()
        try:
            yield
        finally:
            over.set()
            sender.join()

    def _send(self, client: Client, over: threading.Event | None = None) -> None:
        while not (over and over.is_set()) and not self.failures and (numbers := self._take()):
            time.sleep(max(0.0, self._began + numbers[0] * self._pace - time.monotonic()))
            self.first_tried |= dict.fromkeys(numbers, time.monotonic())
            self._until_taken(client, [self._statements[number] for number in numbers])

    def _take(self) -> list[int]:
        with self._lock:
            numbers = list(range(self._next, min(self._next + A_POST, len(self._statements))))
            self._next += len(numbers)
        return numbers

    def _until_taken(self, client: Client, batch: list[dict[str, Any]]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = client.raw("POST", "/xAPI/statements", batch, XAPI)
            except HTTPError:
                time.sleep(PAUSE_SECONDS)
                continue
            if answer.status == 200:
                self.posts[client] += 1
                return
            if answer.status < 500:
                self.failures.append(f"refused with {answer.status}: {answer.data[:500]!r}")
                return
            time.sleep(PAUSE_SECONDS)
        self.failures.append(f"not taken within {PATIENCE_SECONDS} s")
