"""Calls about a learner's records: making one, taking it back, and what anybody gets at its address."""

from typing import Any

import orjson
from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from contracts.calls import records as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, rfc3339
from libranet.collection import Document
from libranet.ids import new_id
from services.credentials import beside, views
from services.credentials.adapters.record_paper import Papers
from services.credentials.adapters.status_places import Places
from services.credentials.domain import clr, record_page
from services.credentials.domain.consents import PURPOSE, consent_id, is_given
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.record_words import ENGLISH, LANGUAGES, Words
from services.credentials.domain.refusals import ConsentMissing, PatronUnknown, RecordUnknown
from services.credentials.issuers import issuer_of, platform_address
from services.credentials.life import public_record
from services.credentials.patrons import library_of
from services.credentials.sharing import token_of
from services.credentials.store import CredentialStore

HTML = "text/html"
PAPERS = Papers()


class RecordCalls:
    """What a learner shows of all that they earned, as one signed document."""

    keys: KeyKeeper
    places: Places

    @answers(calls.MAKE_RECORD)
    def make_record(self, request: CallRequest, store: CredentialStore) -> Answer:
        """Reads all first, then writes; two at once touch the same patron, so the later one finds the earlier."""
        patron = request.path["patron"]
        library = library_of(patron, request.principal, store)
        if store.touch([patron]):
            raise PatronUnknown("There is no such patron here.")
        _check_consent(patron, library, store)
        name, chosen, is_partial = _asked(request, store)
        made = store.records.find_like(clr.content_of(name, chosen, is_partial), patron)
        if made is not None:
            return Answer(record_view(made), 200, about=patron)
        clr.check_room(store.records.count_open(patron))
        issuer = issuer_of(library, store, self.keys)
        place = self.places.take(issuer.node, issuer.did)
        made = clr.make(patron, name, chosen, is_partial, issuer, platform_address(), now(), new_id(), place)
        store.records.add(made)
        return Answer(record_view(made), about=patron)

    @answers(calls.LIST_RECORDS)
    def list_records(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron, limit = request.path["patron"], request.query["limit"]
        library_of(patron, request.principal, store)
        found = store.records.list_records(patron, request.query.get("cursor", ""), limit + 1)
        return Answer(views.page([record_view(each) for each in found], limit), about=patron)

    @answers(calls.GET_RECORD)
    def get_record(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own_record(request, store)
        signed = {"credential": views.document_in(found)} if found["document"] else {}
        return Answer({**record_view(found), **signed}, about=found["patron"])

    @answers(calls.WITHDRAW_RECORD)
    def withdraw_record(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own_record(request, store)
        withdrawn = clr.withdraw(found, now())
        if withdrawn is not found:
            store.touch([found["patron"]])
            store.records.save_withdrawn(withdrawn)
        return Answer(record_view(withdrawn), about=found["patron"])

    @answers(calls.GET_PUBLIC_RECORD)
    def get_public_record(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = public_record(request.path["public_record"], store)
        named, accept = request.query.get("form"), request.headers.get("Accept")
        if named is None and _reads_pages(accept):
            return Answer(None, 303, {"Location": f"{found['public_url']}/print", "Vary": "Accept"})
        form, media_type = views.form_asked(named, accept)
        body = found["document"].encode() if form == views.JSON_LD else token_of(found, form, self.keys)
        headers = {views.STATUS_HEADER: found["status"], "Vary": "Accept"}
        return views.public(body, request, media_type, headers=headers)

    @answers(calls.GET_RECORD_PAGE)
    def get_record_page(self, request: CallRequest, store: CredentialStore) -> Answer:
        body = {"page": _page(request, store)}
        return views.public(orjson.dumps(body), request, "application/json", headers={"Vary": "Accept-Language"})

    @answers(calls.GET_RECORD_PDF)
    def get_record_pdf(self, request: CallRequest, store: CredentialStore) -> Answer:
        page, made_at = _page(request, store), public_record(request.path["public_record"], store)["made_at"]
        headers = {"Content-Disposition": 'inline; filename="record.pdf"', "Vary": "Accept-Language"}
        return views.public(PAPERS.pdf(page, made_at), request, calls.GET_RECORD_PDF.media_type, headers=headers)


def record_view(record: Document) -> dict[str, Any]:
    """As contracts/calls/records.py has it, without the signed document."""
    url = record["public_url"]
    withdrawn = {"withdrawn_at": rfc3339(record["withdrawn_at"])} if record["withdrawn_at"] else {}
    return {
        "id": record["_id"],
        **{name: record[name] for name in ("patron", "name", "credentials", "status", "public_id", "public_url")},
        "issuer": record["owner"],
        "partial": record["is_partial"],
        "made_at": rfc3339(record["made_at"]),
        **withdrawn,
        "page_url": f"{url}/print",
        "pdf_url": f"{url}/pdf",
        "sharing": calls.TAKEN_BACK if withdrawn else calls.SHARING,
    }


def _asked(request: CallRequest, store: CredentialStore) -> tuple[str, list[clr.Credential], bool]:
    """Name and credentials of the record, and whether there are more that hold."""
    name, named = request.body["name"], request.body.get("credentials")
    clr.check_name(name)
    every = store.list_credentials(request.path["patron"], "", 0)
    chosen = clr.chosen(every, None if named is None else [str(each) for each in named])
    return name, chosen, len(chosen) < sum(map(clr.holds, every))


def _check_consent(patron: str, library: str, store: CredentialStore) -> None:
    """A record is another credential of the library's, and those take consent."""
    needed = consent_id(patron, PURPOSE, library)
    if not is_given(store.consents([needed]).get(needed), now()):
        raise ConsentMissing(f"PUT /v1/patrons/{patron}/consents/{PURPOSE}/{library} with granted true first.")


def _own_record(request: CallRequest, store: CredentialStore) -> Document:
    """The record in the path, if it is the patron's and the principal sees it. Raises RecordUnknown."""
    found = store.records.find(request.path["record"], request.path["patron"], request.principal)
    if found is None:
        raise RecordUnknown("There is no such record here. GET /v1/patrons/{id}/records lists them.")
    return found


def _page(request: CallRequest, store: CredentialStore) -> record_page.Page:
    """What there is to read and print, with each credential as it is now."""
    found = public_record(request.path["public_record"], store)
    held = {each["_id"]: each for each in store.list_credentials(found["patron"], "", 0)}
    said = beside.in_words([held[own_id] for own_id in found["credentials"]], store)
    return record_page.page(found, held, said, _words(request), now())


def _words(request: CallRequest) -> Words:
    """In the language asked for, else in the one that the reader likes best."""
    liked = parse_accept_header(request.headers.get("Accept-Language"), LanguageAccept).values()
    asked = [request.query.get("language", ""), *(each.partition("-")[0].lower() for each in liked)]
    return next((LANGUAGES[each] for each in asked if each in LANGUAGES), ENGLISH)


def _reads_pages(accept: str | None) -> bool:
    """Whether it is a browser, for a person: a QR code leads here."""
    liked = parse_accept_header(accept or "*/*", MIMEAccept)
    return liked.best_match([*views.FORM_OF_TYPE, HTML], views.JSON_LD_TYPE) == HTML
