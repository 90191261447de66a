"""Calls about credentials that patrons earned elsewhere. In steps, as what their issuers publish is fetched."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.calls import credential_imports as calls
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.collection import Document
from libranet.offhub import off_hub
from services.credentials import import_views, views
from services.credentials.adapters import open_badges_2
from services.credentials.adapters.open_badges_2 import Gone, Reader, Unread
from services.credentials.adapters.outside_documents import Errand
from services.credentials.domain import baking, imported, tokens
from services.credentials.domain.imported import MOST_OF_PATRON, Given, Seen, Verdicts
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.reading import Unread as NothingRead
from services.credentials.domain.refusals import (
    CredentialNotTaken,
    ImageUnsuitable,
    ImportsFull,
    ImportUnknown,
)
from services.credentials.domain.sources import Sources
from services.credentials.domain.tokens import TokenUnreadable
from services.credentials.domain.verification import verify, verify_token
from services.credentials.issuers import platform_address
from services.credentials.patrons import library_of
from services.credentials.store import CredentialStore
from services.credentials.verifications import KNOWN_ISSUERS, PUBLISHED, Step

RENEWING_SECONDS = 1.0
"""What a list of them may take to be verified again."""


@dataclass(frozen=True)
class Owner:
    """Whose a credential from elsewhere is said to be, and who says so; `identity` is whom its issuer knew."""

    patron: str
    library: str
    principal: Principal
    identity: str | None = None


class ImportCalls:
    """Each as its issuer gave it, with what was found of it; never issued anew under a name of ours."""

    keys: KeyKeeper
    sources: Callable[[Step, Errand], Sources]

    @answers(calls.IMPORT_CREDENTIAL, in_steps=True)
    def import_credential(self, request: CallRequest, step: Step) -> Answer:
        patron, body = request.path["patron"], request.body
        owner = step(lambda store: library_of(patron, request.principal, store))
        place, errand = next(f"/{form}" for form in calls.FORMS if form in body), Errand()
        whose = Owner(patron, owner, request.principal, body.get("identity"))
        kept, is_new = self.taken_in(_given(body, _reader(errand)), whose, step, errand, place)
        headers = {"Location": f"/v1/patrons/{patron}/imports/{kept['_id']}"}
        return Answer(import_views.whole(kept), 201 if is_new else 200, headers)

    def taken_in(self, given: Given, whose: Owner, step: Step, errand: Errand, place: str) -> tuple[Document, bool]:
        """What is kept of a credential from elsewhere, verified first, and whether it is new. `place` is where it was
        handed in. Raises CredentialNotTaken, IdentityUnmatched, ImportsFull, ImportOfAnother or
        ImportOutdated."""
        seen, verdicts = self._judged(given, step, errand, place)
        imported.check_verdicts(verdicts)
        assert seen is not None
        if seen.issuer in KNOWN_ISSUERS.book(self.keys.known(), platform_address()).nodes:
            raise CredentialNotTaken("This platform issued it. GET /v1/patrons/{id}/credentials lists it.", place)
        bound = imported.binding(seen.identifiers, whose.identity)
        found = imported.record(seen, given, verdicts, bound, whose.patron, whose.library, now())
        kept: tuple[Document, bool] = step(lambda store: _kept(found, whose.principal, store))
        return kept

    @answers(calls.LIST_IMPORTS, in_steps=True)
    def list_imports(self, request: CallRequest, step: Step) -> dict[str, Any]:
        patron, limit = request.path["patron"], request.query["limit"]

        def listed(store: CredentialStore) -> list[Document]:
            library_of(patron, request.principal, store)
            return store.imports.of_patron(patron, request.query.get("cursor", ""), limit + 1)

        ends_at, shown = time.monotonic() + RENEWING_SECONDS, []
        for each in step(listed):
            is_due = imported.is_stale(each, now()) and time.monotonic() < ends_at
            shown.append(import_views.imported(self._renewed(each, step) if is_due else each))
        return views.page(shown, limit)

    @answers(calls.GET_IMPORT, in_steps=True)
    def get_import(self, request: CallRequest, step: Step) -> dict[str, Any]:
        found = step(lambda store: _own_import(request, store))
        return import_views.whole(self._renewed(found, step) if imported.is_stale(found, now()) else found)

    @answers(calls.VERIFY_IMPORT, in_steps=True)
    def verify_import(self, request: CallRequest, step: Step) -> dict[str, Any]:
        found = step(lambda store: _own_import(request, store))
        return import_views.whole(self._renewed(found, step))

    @answers(calls.REMOVE_IMPORT)
    def remove_import(self, request: CallRequest, store: CredentialStore) -> None:
        store.imports.remove(_own_import(request, store))

    def _renewed(self, kept: Document, step: Step) -> Document:
        _, verdicts = self._judged(imported.given_of(kept), step, Errand())
        renewed: Document = step(lambda store: store.imports.save_verdicts(kept, verdicts, now()))
        return renewed

    def _judged(self, given: Given, step: Step, errand: Errand, place: str = "") -> tuple[Seen | None, Verdicts]:
        """What it says, and what the checks of its standard say of it. Raises CredentialNotTaken, with the place where
        it was handed in."""
        document = _document(given, place)
        imported.check_size(document, place)
        if open_badges_2.is_assertion(document):
            return open_badges_2.judge(given, _reader(errand), now())
        seen = imported.seen(document, place)
        sources = self.sources(step, errand)
        judged = verify_token(given, sources) if isinstance(given, str) else verify(given, sources)
        return seen, judged.as_dict()


def _given(body: dict[str, Any], read: Reader) -> Given:
    """The credential in whichever form it is handed in. Raises CredentialNotTaken."""
    if "url" in body:
        return _published(body["url"], read, "/url")
    if "image" not in body:
        found: Given = body["jws"] if "jws" in body else body["credential"]
        return found
    try:
        text = off_hub(_in_picture, body["image"])
    except ImageUnsuitable as refusal:
        raise CredentialNotTaken(refusal.detail, "/image") from None
    if text.startswith(("https://", "http://")):
        return _published(text, read, "/image")
    return _of_json(text) if text.startswith("{") else text


def _in_picture(image: bytes) -> str:
    return open_badges_2.unbaked(image) or baking.unbake(image)


def _of_json(text: str) -> Given:
    try:
        found: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise CredentialNotTaken("What is in the picture is not written in JSON.", "/image") from None
    return found


def _published(address: str, read: Reader, place: str) -> Given:
    """What stands at an address. Raises CredentialNotTaken."""
    try:
        found = read(address)
    except Unread as reason:
        raise CredentialNotTaken(f"Nothing was read there: {reason}. Hand in the file itself.", place) from None
    if not isinstance(found, dict):
        raise CredentialNotTaken("There is no credential at this address. Hand in the file itself.", place)
    return found


def _document(given: Given, place: str) -> dict[str, Any]:
    if not isinstance(given, str):
        return given
    try:
        return tokens.read(given).credential
    except TokenUnreadable as error:
        raise CredentialNotTaken(f"It cannot be read: {error}.", place) from None


def _reader(errand: Errand) -> Reader:
    def read(address: str) -> object:
        try:
            return errand.json_at(address, PUBLISHED)
        except NothingRead as reason:
            raise (Gone if reason.status == 410 else Unread)(str(reason)) from None

    return read


def _own_import(request: CallRequest, store: CredentialStore) -> Document:
    """The one in the path, if the principal sees whose it is. Raises PatronUnknown or ImportUnknown."""
    patron = request.path["patron"]
    library_of(patron, request.principal, store)
    found = store.imports.find(patron, request.path["imported"])
    if found is None:
        raise ImportUnknown("GET /v1/patrons/{id}/imports lists those that there are.")
    return found


def _kept(found: Document, principal: Principal, store: CredentialStore) -> tuple[Document, bool]:
    """What is kept from now on, and whether it was not before. Of two of the same credential the later one counts."""
    patron = found["patron"]
    store.touch([patron])
    library_of(patron, principal, store)  # an erasure may have come while others were asked
    before = store.imports.find(patron, found["_id"])
    if before is None and store.imports.count_of(patron) >= MOST_OF_PATRON:
        raise ImportsFull(f"At most {MOST_OF_PATRON} are kept. Remove one that is not needed any more.")
    kept = found if before is None else imported.replacing(found, before)
    store.imports.save(kept)
    return kept, before is None
