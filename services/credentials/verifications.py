"""The call that judges a credential, whoever issued it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from contracts.calls import credentials as calls
from libranet.calls import CallRequest, answers
from libranet.clock import now
from libranet.offhub import off_hub
from libranet.outside import guard
from services.credentials.adapters import outside_documents
from services.credentials.adapters.outside_documents import Errand, OutsideDocuments
from services.credentials.domain import handed_in, tokens
from services.credentials.domain.handed_in import HandedIn
from services.credentials.domain.issuers import Book
from services.credentials.domain.keys import KeyKeeper, SigningKey
from services.credentials.domain.reading import Unread
from services.credentials.domain.refusals import CredentialErased, CredentialUnknown, NothingToVerify
from services.credentials.domain.sources import Sources
from services.credentials.domain.tokens import TokenUnreadable
from services.credentials.domain.verification import verify, verify_token
from services.credentials.issuers import platform_address
from services.credentials.life import own_list, shared_credential
from services.credentials.store import CredentialStore

Step = Callable[[Callable[[CredentialStore], Any]], Any]
"""Runs an effect in a transaction of its own, and gives what that gives."""
PUBLISHED = OutsideDocuments()
"""Lists and keys."""
HANDED_IN = OutsideDocuments("VERIFY_ALLOWED_NETWORKS", outside_documents.ANY_TYPES)
"""Credentials at addresses that anybody may name, so other networks are open to them than to those of issuers."""


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
        sources = self._sources(step, errand)
        judged = verify_token(given, sources) if isinstance(given, str) else verify(given, sources)
        found = {} if "credential" in request.body else _found(given)
        return {**judged.as_dict(), **found}

    def _sources(self, step: Step, errand: Errand) -> Sources:
        def status_of(credential: str) -> str | None:
            return step(lambda store: store.status_of(credential))

        def recorded(credential: str) -> dict[str, Any] | None:
            text = step(lambda store: store.document_of(credential))
            return None if text is None else orjson.loads(text)

        def read_list(url: str) -> object:
            own = step(lambda store: own_list(url, store, self.keys))
            return orjson.loads(own) if own is not None else errand.json_at(url, PUBLISHED)

        def known_as(issuer: str) -> str | None:
            return step(lambda store: store.known_issuers.name_of(issuer))

        book = KNOWN_ISSUERS.book(self.keys.known(), platform_address())
        return Sources(now(), book, status_of, read_list, recorded, partial(errand.json_at, documents=PUBLISHED),
                       known_as)


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
    own = f"{platform_address()}/credentials/"
    public_id = url.removeprefix(own).partition("?")[0]
    try:
        if url.startswith(own):
            return str(step(lambda store: shared_credential(public_id, store))["document"]).encode()
        guard.read(url)
        return errand.bytes_at(url, HANDED_IN)
    except Unread as reason:
        raise NothingToVerify(
            f"Nothing was read there: {reason}. Download the file and hand that in.", "/url") from None
    except (CredentialErased, CredentialUnknown) as refusal:
        raise NothingToVerify(refusal.detail, "/url") from None


def _found(given: HandedIn) -> dict[str, Any]:
    """What was judged, for whoever did not see it yet."""
    try:
        document = tokens.read(given).credential if isinstance(given, str) else given
    except TokenUnreadable:
        return {}
    types = document.get("type")
    return {"credential": document} if isinstance(types, list) and "VerifiableCredential" in types else {}
