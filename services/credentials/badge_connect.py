"""Calls of the Open Badges 3.0 API: what an app reads and hands in for the patron who let it in, and nobody else."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from contracts.calls import badge_connect as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import rfc3339
from libranet.collection import Document
from libranet.problems import MediaTypeUnsupported
from services.credentials.adapters.outside_documents import Errand
from services.credentials.domain import imported, tokens
from services.credentials.domain.imported import OPEN_BADGES_3, Given
from services.credentials.domain.paging import Page, fitting
from services.credentials.domain.refusals import CredentialNotTaken
from services.credentials.domain.tokens import TokenUnreadable
from services.credentials.imports import Owner
from services.credentials.issuers import platform_address
from services.credentials.patrons import library_of
from services.credentials.store import CredentialStore
from services.credentials.verifications import Step
from services.credentials.views import document_in

EACH_READ = 25
"""A page may end long before its limit."""


class BadgeConnectCalls:
    """The patron is whoever acts: an app's token stands for one alone."""

    taken_in: Callable[[Given, Owner, Step, Errand, str], tuple[Document, bool]]

    @answers(calls.GET_CREDENTIALS)
    def get_credentials(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron, asked = request.principal.actor, request.query
        library_of(patron, request.principal, store)
        limit, offset = min(asked["limit"], calls.MOST_CREDENTIALS), asked["offset"]
        found = [each for each in _dated(patron, store) if "since" not in asked or each[0] > asked["since"]]
        shown = fitting(_kept([own_id for _, own_id in found[offset:offset + limit]], store))
        kept = (("since", rfc3339(asked["since"])),) if "since" in asked else ()
        page = Page(len(found), limit, offset, len(shown), kept)
        return Answer(_sorted(shown), headers=page.headers(platform_address() + calls.GET_CREDENTIALS.path),
                      about=patron)

    @answers(calls.POST_CREDENTIAL, in_steps=True)
    def upsert_credential(self, request: CallRequest, step: Step) -> Answer:
        patron, media_type = request.principal.actor, _media_type(request)
        library = step(lambda store: library_of(patron, request.principal, store))
        whose = Owner(patron, library, request.principal)
        _, is_new = self.taken_in(_given(request.raw, media_type), whose, step, Errand(), "")
        return Answer(request.raw, 201 if is_new else 200, about=patron, media_type=media_type)


def _dated(patron: str, store: CredentialStore) -> list[tuple[Any, str]]:
    """When each of the patron's credentials was made, and its id; the oldest first."""
    issued = [(each.get("revalidated_at") or each["issued_at"], each["_id"]) for each in store.dates_of(patron)]
    taken = [(each["valid_from"] or each["imported_at"], each["_id"])
             for each in store.imports.dates_of(patron, OPEN_BADGES_3)]
    return sorted(issued + taken)


def _kept(chosen: list[str], store: CredentialStore) -> Iterator[Given]:
    """In the order in which they were chosen, without what was removed since; read as they are asked for."""
    for start in range(0, len(chosen), EACH_READ):
        some = chosen[start:start + EACH_READ]
        given = {own_id: document_in(row) for own_id, row in store.many(some).items()}
        given |= {own_id: imported.given_of(row) for own_id, row in store.imports.get_many(some).items()}
        yield from (given[each] for each in some if each in given)


def _sorted(given: list[Given]) -> dict[str, list[Any]]:
    return {"credential": [each for each in given if not isinstance(each, str)],
            "compactJwsString": [each for each in given if isinstance(each, str)]}


def _media_type(request: CallRequest) -> str:
    """Raises MediaTypeUnsupported."""
    sent = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if sent not in (*calls.JSON_TYPES, calls.JWS_TYPE):
        raise MediaTypeUnsupported(f"Send {', '.join(calls.JSON_TYPES)}, or a compact JWS as {calls.JWS_TYPE}.")
    return sent


def _given(raw: bytes, media_type: str) -> Given:
    """The credential as it was sent, which says what each has to say. Raises CredentialNotTaken."""
    given, said = _jws(raw) if media_type == calls.JWS_TYPE else _json(raw)
    missing = [name for name in calls.REQUIRED if name not in said]
    if missing:
        raise CredentialNotTaken("This is no AchievementCredential of Open Badges 3.0.", errors=[
            {"field": f"/{name}", "detail": "It is missing."} for name in missing])
    return given


def _jws(raw: bytes) -> tuple[Given, Document]:
    text = raw.decode(errors="replace").strip()
    try:
        return text, tokens.read(text).credential
    except TokenUnreadable as error:
        raise CredentialNotTaken(f"It cannot be read: {error}.", "") from None


def _json(raw: bytes) -> tuple[Given, Document]:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise CredentialNotTaken(f"The body is not JSON in UTF-8: {error}.", "") from None
    if not isinstance(found, dict):
        raise CredentialNotTaken("Send one credential, a JSON object.", "")
    return found, found
