"""The credentials service: what it answers and what it hears. The rules are in domain/, the state in
store.py."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import eventlet
import orjson

from contracts.calls import credentials as calls
from contracts.principal import Principal
from libranet import holdings
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, parse_rfc3339
from libranet.cloudevent import Cause, Event
from libranet.consume import hears
from libranet.holdings import Holding
from libranet.ids import new_id
from libranet.offhub import off_hub
from libranet.problems import NotYet
from libranet.service import Service
from libranet.work import Work
from services.credentials import views
from services.credentials.adapters.expiry import Expiry
from services.credentials.adapters.outside_lists import OutsideLists
from services.credentials.adapters.signing_keys import SigningKeys
from services.credentials.adapters.status_places import Places, StatusPlaces
from services.credentials.domain import issuers, issuing, keys, life, tokens
from services.credentials.domain.achievements import Achievement, define_achievement
from services.credentials.domain.consents import DATA_CLASS, PURPOSE, Consent, consent_needed, is_given, is_newer
from services.credentials.domain.issuers import Book, Issuer
from services.credentials.domain.issuing import Completion
from services.credentials.domain.keys import KeyKeeper, SigningKey
from services.credentials.domain.refusals import (
    AchievementUnknown,
    CourseUnknown,
    CredentialErased,
    CredentialUnknown,
    IssuerUnknown,
    PatronUnknown,
)
from services.credentials.domain.verification import verify, verify_token
from services.credentials.life import LifeCalls, issuer_of, own_credential, platform_address
from services.credentials.store import COLLECTIONS, CredentialStore

PATRON_REGISTERED = "org.libranet.profiles.patron-registered.v1"
PATRON_ERASED = "org.libranet.profiles.patron-erased.v1"

Step = Callable[[Callable[[CredentialStore], Any]], Any]
"""Runs an effect in a transaction of its own, and gives what that gives."""
OUTSIDE_LISTS = OutsideLists()

KIND_OF_FORM = {views.JWS: keys.RSA, views.JWT_VC_JSON: keys.P256}


class Credentials(LifeCalls, Service):
    """Achievements, credentials and their verification."""

    name = "credentials"
    collections = COLLECTIONS
    store = CredentialStore
    keys: KeyKeeper = SigningKeys()
    places: Places = StatusPlaces()
    expiry = Expiry()
    _bound: tuple[object, str, Book] | None = None

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        return holdings.of(COLLECTIONS, views.HELD, CredentialStore(work).held(person, principal))

    @answers(calls.DEFINE_ACHIEVEMENT)
    def define_achievement(self, request: CallRequest, store: CredentialStore) -> Answer:
        body = {**request.body, "course": str(request.body["course"]) if request.body.get("course") else None}
        if body["course"]:
            self._check_course(body["course"], request.principal, store)
        achievement = define_achievement(Achievement(id=new_id(), owner=request.principal.node, **body))
        issuing.check_signable(achievement, self._issuer(achievement.owner, store))
        return Answer(views.achievement(store.save_achievement(achievement, now())), status=201)

    def _check_course(self, course: str, principal: Principal, store: CredentialStore) -> None:
        """One that the library shares; what it cannot see is as unknown as what there is not."""
        owner = store.owner_of_course(course)
        if owner is None or not principal.shares(owner):
            unknown = CourseUnknown("Name a course that GET /v1/courses lists.", "/course")
            raise unknown if owner else NotYet(unknown)

    @answers(calls.LIST_ACHIEVEMENTS)
    def list_achievements(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        limit = request.query["limit"]
        found = store.list_achievements(request.principal.node, request.query.get("cursor", ""), limit + 1)
        return views.page([views.achievement(each) for each in found], limit)

    @answers(calls.GET_ACHIEVEMENT)
    def get_achievement(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = store.find_achievement(request.path["achievement"], request.principal)
        if found is None:
            raise AchievementUnknown("There is no such achievement here. GET /v1/achievements lists them.")
        return views.achievement(found)

    @answers(calls.LIST_CREDENTIALS)
    def list_credentials(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron, limit = request.path["patron"], request.query["limit"]
        if store.owner_of(patron, request.principal) is None:
            unknown = PatronUnknown("There is no such patron here.")
            raise unknown if store.knows(patron) else NotYet(unknown, patron)
        earned = store.list_credentials(patron, request.query.get("cursor", ""), limit + 1)
        waiting = store.waiting_of([patron])
        body = views.page([views.credential(each, now()) for each in earned], limit)
        return Answer({**body, "waiting": [views.waiting(each) for each in waiting]}, about=patron)

    @answers(calls.SHARE_CREDENTIAL)
    def share_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = own_credential(request, store)
        shared = issuing.share(found, now())
        if shared is not found:
            store.touch([found["patron"]])
            store.save_shared(shared, request.cause)
        return Answer(views.credential(shared, now()), about=shared["patron"])

    @answers(calls.GET_PUBLIC_CREDENTIAL)
    def get_public_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        public_id = request.path["public_id"]
        found = store.find_public(public_id)
        if found is None and store.was_erased(public_id):
            raise CredentialErased("Its learner asked for erasure. Ask the learner for another proof.")
        if found is None or not found["shared_at"]:
            raise CredentialUnknown("No credential is shared at this address.")
        form, media_type = views.form_asked(request.query.get("form"), request.headers.get("Accept"))
        body = found["document"].encode() if form == views.JSON_LD else self._token(found, form)
        headers = {views.STATUS_HEADER: life.status_at(found, now()), "Vary": "Accept"}
        return views.public(body, request, media_type, headers=headers)

    def _token(self, credential: dict[str, Any], form: str) -> bytes:
        """The credential as JWS, signed with the key of today."""
        node, address = credential["owner"], platform_address()
        key = off_hub(self.keys.signing_key, node, KIND_OF_FORM[form])  # the first RSA key of a node takes 0.1 s
        name = issuers.key_address if form == views.JWS else issuers.method_of
        return tokens.sign(orjson.loads(credential["document"]), key, name(key, address, node)).encode()

    @answers(calls.GET_ISSUER)
    def get_issuer(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = self._published(request, store)
        document = issuers.profile(issuer, ring, platform_address())
        return views.public(orjson.dumps(document), request, "application/json")

    @answers(calls.GET_ISSUER_DID)
    def get_issuer_did(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = self._published(request, store)
        document = issuers.did_document(issuer, ring, platform_address())
        return views.public(orjson.dumps(document), request, calls.GET_ISSUER_DID.media_type)

    @answers(calls.GET_ISSUER_KEYS)
    def get_issuer_keys(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = self._published(request, store)
        body = orjson.dumps(issuers.jwk_set(ring, platform_address(), issuer.node))
        return views.public(body, request, calls.GET_ISSUER_KEYS.media_type)

    @answers(calls.GET_ISSUER_KEY)
    def get_issuer_key(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = self._published(request, store)
        key = next((each for each in ring if each.id == request.path["key"]), None)
        if key is None:
            raise IssuerUnknown("This issuer has no such key. GET /issuers/{node}/jwks.json lists them.")
        document = issuers.key_document(key, issuer.did, platform_address(), issuer.node)
        return views.public(orjson.dumps(document), request, "application/json")

    def _published(self, request: CallRequest, store: CredentialStore) -> tuple[Issuer, tuple[SigningKey, ...]]:
        """An issuer that has signed something, and all its keys."""
        node = request.path["node"]
        ring = self.keys.keys_of(node)
        if not ring:
            raise IssuerUnknown("No issuer of this name has issued here.")
        return self._issuer(node, store), ring

    @answers(calls.VERIFY_CREDENTIAL, in_steps=True)
    def verify_credential(self, request: CallRequest, step: Step) -> dict[str, Any]:
        """In steps, as a stranger's status list may have to be fetched."""

        def status_of(credential: str) -> str | None:
            return step(lambda store: store.status_of(credential))

        def recorded(credential: str) -> dict[str, Any] | None:
            text = step(lambda store: store.document_of(credential))
            return None if text is None else orjson.loads(text)

        def read_list(url: str) -> object:
            own = step(lambda store: self.own_list(url, store))
            return orjson.loads(own) if own is not None else OUTSIDE_LISTS.get(url)

        body = request.body
        judge, given = (verify_token, body["jws"]) if "jws" in body else (verify, body["credential"])
        return judge(given, now(), self._book(), status_of, read_list, recorded).as_dict()

    def _book(self) -> Book:
        """Made anew only when a key was."""
        known, address = self.keys.known(), platform_address()
        if self._bound is None or self._bound[0] is not known or self._bound[1] != address:
            self._bound = known, address, Book.of(known, address)
        return self._bound[2]

    @hears("org.libranet.learning.course-offered.v1", batch=100)
    def courses(self, events: list[Event], store: CredentialStore) -> None:
        """Knows whose courses there are."""
        store.add_courses({event.data["course"]: event.owner for event in events})

    @hears("org.libranet.learning.course-completed.v1", batch=100)
    def completions(self, events: list[Event], store: CredentialStore) -> None:
        """Issues what each completion earns, or lets it wait for consent. Reads all first, then writes."""
        heard = [(_completion(event), event.cause) for event in events]
        achievements = store.achievements_of(completion.course for completion, _ in heard)
        earned = {
            issuing.credential_id(completion, achievement): (completion, achievement, cause)
            for completion, cause in heard
            for achievement in achievements.get(completion.course, [])
            if issuing.may_earn(achievement, completion)
        }
        known = store.known(earned)
        fresh = [each for own_id, each in earned.items() if own_id not in known]
        erased = store.touch({completion.patron for completion, _, _ in fresh})
        given = store.consents(consent_needed(completion) for completion, _, _ in fresh)
        for completion, achievement, cause in fresh:
            if completion.patron in erased:
                continue
            if is_given(given.get(consent_needed(completion)), now()):
                self._issue(completion, achievement, cause, store)
            else:
                store.save_waiting(issuing.waiting(completion, achievement, now()))

    @hears("org.libranet.profiles.consent-given.v1", "org.libranet.profiles.consent-withdrawn.v1", batch=100)
    def consents(self, events: list[Event], store: CredentialStore) -> None:
        """Keeps the newest state of each consent to issue, and issues what waited for it."""
        newest: dict[str, tuple[Consent, Cause]] = {}
        for event in events:
            consent = _consent(event)
            if consent.purpose != PURPOSE:
                continue
            if consent.id not in newest or consent.sequence > newest[consent.id][0].sequence:
                newest[consent.id] = (consent, event.cause)
        kept = store.consents(newest)
        fresh = [each for own_id, each in newest.items() if is_newer(each[0], kept.get(own_id))]
        erased = store.touch({consent.patron for consent, _ in fresh})
        changed = {
            (consent.patron, consent.recipient): (consent, cause)
            for consent, cause in fresh
            if consent.patron not in erased
        }
        for consent, _ in changed.values():
            store.save_consent(consent)
        given = {place: cause for place, (consent, cause) in changed.items() if is_given(asdict(consent), now())}
        self._release(given, store)

    @hears("org.libranet.profiles.node-added.v1", batch=100)
    def nodes(self, events: list[Event], store: CredentialStore) -> None:
        for event in events:
            store.save_node(event.data["node"], event.data["title"])

    @hears(PATRON_REGISTERED, PATRON_ERASED, batch=100)
    def patrons(self, events: list[Event], store: CredentialStore) -> None:
        store.add_patrons({each.data["patron"]: each.owner for each in events if each.type == PATRON_REGISTERED})
        for event in events:
            if event.type == PATRON_ERASED:
                store.erase(event.data["patron"], event.owner, event.data["erasure"], now(), event.cause)

    def _release(self, given: dict[tuple[str, str], Cause], store: CredentialStore) -> None:
        """Issues what waited for consents that were just given, by patron and recipient."""
        waiting = [
            each
            for each in store.waiting_of(patron for patron, _ in given)
            if (each["patron"], each["recipient"]) in given
        ]
        achievements = store.achievements(each["achievement"] for each in waiting)
        for each in waiting:
            cause = given[each["patron"], each["recipient"]]
            self._issue(Completion(**each["completion"]), achievements[each["achievement"]], cause, store)
            store.end_waiting(each["_id"])

    def _issue(self, completion: Completion, achievement: Achievement, cause: Cause, store: CredentialStore) -> None:
        issuer = self._issuer(completion.owner, store)
        place = self.places.take(issuer.node, issuer.did)
        store.save_issued(issuing.issue(completion, achievement, issuer, platform_address(), now(), place), cause)
        eventlet.sleep(0)  # signing is CPU; calls and health probes get their turn

    def _issuer(self, node: str, store: CredentialStore) -> Issuer:
        return issuer_of(node, store, self.keys)


def _completion(event: Event) -> Completion:
    names = ("patron", "course", "completed_at")
    return Completion(
        id=event.data["completion"],
        owner=event.owner,
        event=event.id,
        **{name: event.data[name] for name in names},
    )


def _consent(event: Event) -> Consent:
    expires_at = event.data.get("expires_at")
    return Consent(
        patron=event.data["patron"],
        purpose=event.data["purpose"],
        recipient=event.data["recipient"],
        granted=event.short_type == "consent-given" and DATA_CLASS in event.data.get("data_classes", (DATA_CLASS,)),
        sequence=event.sequence,
        expires_at=parse_rfc3339(expires_at) if expires_at else None,
    )
