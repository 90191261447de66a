"""Hands the libraries' systems to the service's methods: one breaker and a few places for each, in this process."""

import threading
from collections.abc import Sequence
from typing import Any

from nameko.extensions import DependencyProvider

from libranet.logs import log
from libranet.outside import guard
from libranet.outside.addresses import Network
from services.profiles.cards.adapters.breaker import Breaker
from services.profiles.cards.adapters.sip2 import AnswerUnusable, ExchangeFailed, Question, Sip2
from services.profiles.cards.domain.answers import CardAnswer
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.refusals import LibrarySystemAway
from services.profiles.cards.domain.steps import Step

BUSY_SECONDS = 2
PLACE_SECONDS = 1.0
"""How long somebody waits for one of the connections that a system allows; the gateway's own deadline follows soon."""


class Systems:
    """Asks libraries' systems. Threads share it."""

    def __init__(self, resolver: guard.Resolver = guard.system_resolver) -> None:
        self._resolver = resolver
        self._lock = threading.Lock()
        self._breakers: dict[str, Breaker] = {}
        self._places: dict[tuple[str, int], threading.BoundedSemaphore] = {}

    def ask(self, connection: CardConnection, login: Login, allowed: Sequence[Network], number: str,
            pin: str) -> CardAnswer:
        """What the system says about a card. Raises LibrarySystemAway, at once while the system is known to fail."""
        breaker, places = self._of(connection)
        pause = breaker.pause_left()
        if pause:
            raise LibrarySystemAway(int(pause) + 1)
        if not places.acquire(timeout=PLACE_SECONDS):
            raise LibrarySystemAway(BUSY_SECONDS)
        try:
            answer = Sip2(connection, login, allowed, self._resolver).ask(Question(number, pin))
        except ExchangeFailed as reason:
            breaker.note(isinstance(reason, AnswerUnusable))
            log().warning("a library's system gave no answer that can be used", node=connection.owner,
                          reason=str(reason))
            raise LibrarySystemAway from None
        finally:
            places.release()
        breaker.note(True)
        if answer is None:
            raise LibrarySystemAway
        return answer

    def examine(self, connection: CardConnection, login: Login, allowed: Sequence[Network],
                question: Question) -> tuple[list[Step], CardAnswer | None]:
        """The steps of one exchange, whatever the breaker says; a good one closes it."""
        steps: list[Step] = []
        try:
            answer = Sip2(connection, login, allowed, self._resolver, steps.append).ask(question)
        except ExchangeFailed:
            return steps, None
        self._of(connection)[0].note(True)
        return steps, answer

    def _of(self, connection: CardConnection) -> tuple[Breaker, threading.BoundedSemaphore]:
        with self._lock:
            breaker = self._breakers.setdefault(connection.owner, Breaker())
            place = (connection.owner, connection.places)
            return breaker, self._places.setdefault(place, threading.BoundedSemaphore(connection.places))


class CardSystems(DependencyProvider):
    """The process's Systems."""

    def setup(self) -> None:
        self._systems = Systems()

    def get_dependency(self, worker_ctx: Any) -> Systems:
        return self._systems
