"""The call that judges a credential, whoever issued it."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from contracts.calls import credentials as calls
from libranet.calls import CallRequest, answers
from libranet.clock import now
from libranet.problems import ServiceAway
from services.credentials.adapters.outside_lists import OutsideLists
from services.credentials.domain import clr, tokens
from services.credentials.domain.issuers import Book
from services.credentials.domain.keys import KeyKeeper, SigningKey
from services.credentials.domain.sources import Sources
from services.credentials.domain.verification import verify, verify_token
from services.credentials.issuers import platform_address
from services.credentials.life import own_list
from services.credentials.store import CredentialStore

Step = Callable[[Callable[[CredentialStore], Any]], Any]
"""Runs an effect in a transaction of its own, and gives what that gives."""
OUTSIDE_LISTS = OutsideLists()


class KnownIssuers:
    """The book of this process: made anew only when a key or the public address was."""

    def __init__(self) -> None:
        self._made: tuple[Mapping[str, tuple[SigningKey, ...]], str, Book] | None = None

    def book(self, known: Mapping[str, tuple[SigningKey, ...]], address: str) -> Book:
        """`known` is the same object until a key changes (`KeyKeeper.known`)."""
        if self._made is None or self._made[0] is not known or self._made[1] != address:
            self._made = known, address, Book.of(known, address)
        return self._made[2]


KNOWN_ISSUERS = KnownIssuers()


class VerificationCalls:
    """Every check by itself, and unknown where it cannot be told."""

    keys: KeyKeeper

    @answers(calls.VERIFY_CREDENTIAL, in_steps=True)
    def verify_credential(self, request: CallRequest, step: Step) -> dict[str, Any]:
        """In steps, as a stranger's status list may have to be fetched."""

        def status_of(credential: str) -> str | None:
            return step(lambda store: store.status_of(credential))

        def recorded(credential: str) -> dict[str, Any] | None:
            text = step(lambda store: store.document_of(credential))
            return None if text is None else orjson.loads(text)

        def read_list(url: str) -> object:
            own = step(lambda store: own_list(url, store, self.keys))
            return orjson.loads(own) if own is not None else OUTSIDE_LISTS.get(url)

        body = request.body
        judge, given = (verify_token, body["jws"]) if "jws" in body else (verify, body["credential"])
        book = KNOWN_ISSUERS.book(self.keys.known(), platform_address())
        return judge(given, Sources(now(), book, status_of, read_list, recorded)).as_dict()
