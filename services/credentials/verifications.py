"""The call that judges a credential, whoever issued it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import eventlet
import orjson
from eventlet.semaphore import Semaphore

from contracts.calls import credentials as calls
from libranet.calls import CallRequest, answers
from libranet.clock import now
from libranet.problems import ServiceAway
from services.credentials.adapters.outside_lists import OutsideLists
from services.credentials.domain import clr, tokens
from services.credentials.domain.issuers import Book
from services.credentials.domain.keys import KeyKeeper, SigningKey
from services.credentials.domain.refusals import RecordTooLarge
from services.credentials.domain.sources import Sources
from services.credentials.domain.status_check import MOST_ENTRIES, ListUnread
from services.credentials.domain.verification import verify, verify_token
from services.credentials.issuers import platform_address
from services.credentials.life import own_list
from services.credentials.store import CredentialStore

Step = Callable[[Callable[[CredentialStore], Any]], Any]
"""Runs an effect in a transaction of its own, and gives what that gives."""
OUTSIDE_LISTS = OutsideLists()
MOST_RECORDS_AT_ONCE = 2
"""A record that somebody made for that takes seconds of CPU; others are answered in between."""
_RECORD_PLACES = Semaphore(MOST_RECORDS_AT_ONCE)


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
            if own is not None:
                return orjson.loads(own)
            fetched.add(url)
            if len(fetched) > MOST_ENTRIES:
                raise ListUnread("the record names too many lists of others; verify its credentials one by one")
            return OUTSIDE_LISTS.get(url)

        body, fetched = request.body, set[str]()
        judge, given = (verify_token, body["jws"]) if "jws" in body else (verify, body["credential"])
        book = KNOWN_ISSUERS.book(self.keys.known(), platform_address())
        sources = Sources(now(), book, status_of, read_list, recorded, lambda: eventlet.sleep(0))
        inside = _contained(body)
        if not inside:
            return judge(given, sources).as_dict()
        with _record_place():
            return {**judge(given, sources).as_dict(), "contained": [_judged_inside(each, sources) for each in inside]}


def _contained(body: dict[str, Any]) -> list[Any]:
    """The credentials in a record. Raises RecordTooLarge."""
    try:
        document = tokens.read(body["jws"]).credential if "jws" in body else body["credential"]
    except tokens.TokenUnreadable:
        return []
    found = clr.contained(document)
    if len(found) > clr.MOST_CREDENTIALS:
        raise RecordTooLarge(
            f"Up to {clr.MOST_CREDENTIALS} credentials are judged at a time. Verify these one by one.",
            "/jws" if "jws" in body else "/credential/credentialSubject/verifiableCredential")
    return found


def _judged_inside(credential: object, sources: Sources) -> dict[str, Any]:
    sources.pause()
    said = credential if isinstance(credential, dict) else {}
    named = {name: said[name] for name in ("id", "name") if isinstance(said.get(name), str)}
    return {**named, **verify(credential, sources).as_dict()}


@contextmanager
def _record_place() -> Iterator[None]:
    if not _RECORD_PLACES.acquire(blocking=False):
        raise ServiceAway("Other records are being judged. Try again.", 1)
    try:
        yield
    finally:
        _RECORD_PLACES.release()
