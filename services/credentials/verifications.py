"""The call that judges a credential, whoever issued it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import eventlet
import orjson
from eventlet.semaphore import Semaphore
from pymongo.errors import PyMongoError

from contracts.calls import verification as calls
from libranet.calls import CallRequest, answers
from libranet.clock import now
from libranet.offhub import off_hub
from libranet.outside import guard
from libranet.problems import Refusal, ServiceAway
from services.credentials.adapters import outside_documents
from services.credentials.adapters.key_folder import KeyUnusable
from services.credentials.adapters.outside_documents import Errand, OutsideDocuments
from services.credentials.domain import clr, handed_in, tokens
from services.credentials.domain.handed_in import HandedIn
from services.credentials.domain.issuers import Book
from services.credentials.domain.keys import KeyKeeper, SigningKey
from services.credentials.domain.reading import Unread
from services.credentials.domain.refusals import NothingToVerify, RecordTooLarge
from services.credentials.domain.sources import OwnRecordsUnread, Sources
from services.credentials.domain.tokens import TokenUnreadable
from services.credentials.domain.verification import verify, verify_token
from services.credentials.issuers import platform_address
from services.credentials.life import own_list, public_record, shared_credential
from services.credentials.store import CredentialStore

Step = Callable[[Callable[[CredentialStore], Any]], Any]
"""Runs an effect in a transaction of its own, and gives what that gives."""
PUBLISHED = OutsideDocuments()
"""Lists and keys."""
HANDED_IN = OutsideDocuments("VERIFY_ALLOWED_NETWORKS", outside_documents.ANY_TYPES)
"""Credentials at addresses that anybody may name, so other networks are open to them than to those of issuers."""
MOST_RECORDS_AT_ONCE = 2
"""A record that was made to that end takes seconds of CPU; others are answered in between."""
_RECORD_PLACES = Semaphore(MOST_RECORDS_AT_ONCE)
SHARED = {"credentials": shared_credential, "records": public_record}
"""What is at our own addresses, by their first part."""


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
        """In steps, as what strangers publish may have to be fetched."""
        errand = Errand()
        given = _handed_in(request.body, step, errand)
        sources = self.sources(step, errand)
        document = _document_in(given)
        found = {"credential": document} if "credential" not in request.body and _is_credential(document) else {}
        inside = _contained(document)
        with _place(inside):
            judged = verify_token(given, sources) if isinstance(given, str) else verify(given, sources)
            contained = {"contained": [_judged_inside(each, sources) for each in inside]} if inside else {}
            return {**judged.as_dict(), **contained, **found}

    def sources(self, step: Step, errand: Errand) -> Sources:
        """What a verification may ask, of this platform and of others."""
        ours = partial(_of_ours, step)

        def status_of(credential: str) -> str | None:
            return ours(lambda store: store.status_of(credential))

        def recorded(credential: str) -> list[dict[str, Any]]:
            return [orjson.loads(text) for text in ours(lambda store: store.documents_of(credential))]

        def read_list(url: str) -> object:
            own = ours(lambda store: own_list(url, store, self.keys))
            return orjson.loads(own) if own is not None else errand.json_at(url, PUBLISHED)

        def known_as(issuer: str) -> str | None:
            return ours(lambda store: store.known_issuers.name_of(issuer))

        book = KNOWN_ISSUERS.book(self.keys.known(), platform_address())
        return Sources(now(), book, status_of, read_list, recorded, partial(errand.json_at, documents=PUBLISHED),
                       known_as, lambda: eventlet.sleep(0))


def _of_ours(step: Step, ask: Callable[[CredentialStore], Any]) -> Any:
    """What our own records say. Raises OwnRecordsUnread for faults of the database, and of the keys that
    sign lists."""
    try:
        return step(ask)
    except (PyMongoError, KeyUnusable, OSError) as error:
        raise OwnRecordsUnread(error) from error


def _handed_in(body: dict[str, Any], step: Step, errand: Errand) -> HandedIn:
    """What is to be judged. Raises NothingToVerify."""
    if "image" in body:
        return off_hub(handed_in.read, body["image"], "/image")
    if "url" in body:
        return off_hub(handed_in.read, _fetched(body["url"], step, errand), "/url")
    return body["jws"] if "jws" in body else body["credential"]


def _fetched(url: str, step: Step, errand: Errand) -> bytes:
    """What is at the address; at one of ours, without a detour. Raises NothingToVerify, or UrlRefused for what is no
    address of the web."""
    head, _, tail = url.partition(f"{platform_address()}/")
    kind, _, rest = tail.partition("/")
    try:
        if not head and kind in SHARED:
            public_id = rest.partition("?")[0]
            return str(step(lambda store: SHARED[kind](public_id, store))["document"]).encode()
        guard.read(url)
        return errand.bytes_at(url, HANDED_IN)
    except Unread as reason:
        raise NothingToVerify(
            f"Nothing was read there: {reason}. Download the file and hand that in.", "/url") from None
    except Refusal as refusal:
        raise NothingToVerify(refusal.detail, "/url") from None


def _document_in(given: HandedIn) -> object:
    """The credential in what was handed in, None where it cannot be read."""
    try:
        return tokens.read(given).credential if isinstance(given, str) else given
    except TokenUnreadable:
        return None


def _is_credential(document: object) -> bool:
    types = document.get("type") if isinstance(document, dict) else None
    return isinstance(types, list) and "VerifiableCredential" in types


def _contained(document: object) -> list[Any]:
    """The credentials in a record. Raises RecordTooLarge."""
    found = clr.contained(document)
    if len(found) > clr.MOST_CREDENTIALS:
        raise RecordTooLarge(
            f"Up to {clr.MOST_CREDENTIALS} credentials are judged at a time. Verify these one by one.")
    return found


def _judged_inside(credential: object, sources: Sources) -> dict[str, Any]:
    sources.pause()
    said = credential if isinstance(credential, dict) else {}
    named = {name: said[name] for name in ("id", "name") if isinstance(said.get(name), str)}
    return {**named, **verify(credential, sources).as_dict()}


@contextmanager
def _place(inside: list[Any]) -> Iterator[None]:
    """One of those for records, where there is something inside. Raises ServiceAway."""
    if inside and not _RECORD_PLACES.acquire(blocking=False):
        raise ServiceAway("Other records are being judged. Try again.", 1)
    try:
        yield
    finally:
        if inside:
            _RECORD_PLACES.release()
