"""Calls about recognitions, and what is heard that makes somebody reach one or lose it."""

from collections.abc import Sequence
from typing import Any

from contracts.calls import recognition as calls
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.ids import new_id
from libranet.problems import NotAllowed
from services.credentials import beside, reaching, recognition_views, views
from services.credentials.award import Awarding, Earned
from services.credentials.consenting import keep_newest
from services.credentials.domain import consents, deciding, facts, reaches, recognition
from services.credentials.domain.consents import SHARING
from services.credentials.domain.reaches import LOST, UNKNOWN, Reach
from services.credentials.domain.recognition import Recognition
from services.credentials.domain.recognition_refusals import ReachUnknown, RecognitionUnknown
from services.credentials.patrons import library_of
from services.credentials.recognition_views import Names
from services.credentials.store import CredentialStore

CONSENTS = ("consent-given", "consent-withdrawn")


class RecognitionCalls(Awarding):
    """A college states what it takes; patrons see how near they are; the college answers whoever reached it."""

    @answers(calls.STATE_RECOGNITION)
    def state_recognition(self, request: CallRequest, store: CredentialStore) -> Answer:
        node = request.principal.node
        recognition.check_room(store.recognitions.count_current(node))
        stated = recognition.state(new_id(), node, request.body, 1, now())
        return Answer(_saved(stated, request.principal, store), status=201)

    @answers(calls.REPLACE_RECOGNITION)
    def replace_recognition(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        current = _own(request, store)
        stated = recognition.following(current, request.body, now())
        return recognition_views.recognition(current) if stated is current else _saved(stated, request.principal, store)

    @answers(calls.END_RECOGNITION)
    def end_recognition(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        current = _own(request, store)
        ended = recognition.ended(current, now())
        if ended is not current:
            store.recognitions.save(ended)
        return recognition_views.recognition(ended)

    @answers(calls.LIST_RECOGNITIONS)
    def list_recognitions(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        query = request.query
        found = store.recognitions.list_current(
            request.principal.node, query.get("college"), query.get("cursor", ""), query["limit"] + 1)
        return views.page([recognition_views.recognition(each) for each in found], query["limit"])

    @answers(calls.LIST_RECOGNISABLE)
    def list_recognisable_achievements(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        query = request.query
        found = store.recognitions.recognisable(request.principal.node, query.get("cursor", ""), query["limit"] + 1)
        return views.page([recognition_views.recognisable(each) for each in found], query["limit"])

    @answers(calls.GET_RECOGNITION)
    def get_recognition(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        return recognition_views.recognition(_found(request, store))

    @answers(calls.GET_RECOGNITION_VERSION)
    def get_recognition_version(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        found = store.recognitions.find_version(
            request.path["recognition"], request.path["version"], request.principal.node)
        if found is None:
            raise RecognitionUnknown("There is no such version here. The recognition tells the newest one's number.")
        return recognition_views.recognition(found)

    @answers(calls.LIST_REACHED)
    def list_reached(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        """A page may have fewer than asked for: whoever agrees no more is passed over."""
        own, limit = _own(request, store), request.query["limit"]
        found = store.recognitions.reaches_to(own, request.query.get("cursor", ""), limit + 1)
        known = reaching.known_to_college(found, store, now())
        shown = views.page([recognition_views.reach(each) for each in found], limit)
        return {**shown, "items": [each for each in shown["items"] if each["id"] in known]}

    @answers(calls.ANSWER_RECOGNITION)
    def answer_recognition(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = store.recognitions.find_reach(_own(request, store), str(request.body["reached"]))
        if found is None or not reaching.known_to_college([found], store, now()):
            raise ReachUnknown(UNKNOWN, "/reached")
        answered = reaches.answered(found, request.body["answer"], request.body.get("reason"), now())
        if answered is not found:
            store.touch([answered["patron"]])
            store.recognitions.save_reach(answered, [facts.recognition_answered(answered)], request.cause)
            self._award(answered, request, store)
        return Answer(recognition_views.reach(answered), about=answered["patron"])

    @answers(calls.LIST_PATRON_RECOGNITIONS)
    def list_patron_recognitions(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron = request.path["patron"]
        items = _standings(patron, library_of(patron, request.principal, store), store)
        return Answer(recognition_views.nearest(items, request.query.get("cursor"), request.query["limit"]),
                      about=patron)

    @hears("org.libranet.credentials.credential-issued.v1", "org.libranet.credentials.credential-revoked.v1",
           "org.libranet.credentials.credential-suspended.v1", "org.libranet.credentials.credential-reinstated.v1",
           "org.libranet.credentials.credential-revalidated.v1",
           "org.libranet.profiles.consent-given.v1", "org.libranet.profiles.consent-withdrawn.v1", batch=100)
    def recognitions(self, events: list[Event], store: CredentialStore) -> None:
        """Notes who reaches what and who loses it; tells colleges, also when a patron lets them know later."""
        decided = [each for each in events if each.short_type in CONSENTS]
        self._let_know(decided, store)
        self._judge([each for each in events if each.short_type not in CONSENTS], store)

    def _award(self, answered: Reach, request: CallRequest, store: CredentialStore) -> None:
        """Issues, or lets wait for the patron's consent to this issuer, what the grant awards, if it does."""
        earned_by = reaches.awarded(answered, request.id)
        if earned_by is not None:
            _check_awarding(earned_by.issuer, request.principal)
            own_id = answered["gives"]["awards"]
            self.award([Earned(earned_by, store.achievements([own_id])[own_id], request.cause)], store)

    def _let_know(self, decided: Sequence[Event], store: CredentialStore) -> None:
        given = keep_newest(decided, SHARING, store)
        causes = {patron: cause for (patron, _), cause in given.items()}
        waiting = [each for each in store.recognitions.reaches_of(causes)
                   if (each["patron"], each["college"]) in given and reaches.is_to_tell(each)]
        reaching.tell(waiting, store, now(), causes)

    def _judge(self, changed: Sequence[Event], store: CredentialStore) -> None:
        """Those whose credentials some college takes, or who reached something before."""
        if not changed:
            return
        named = store.recognitions.naming(each.data["achievement"] for each in changed)
        taken = {achievement for each in named for achievement in each["achievements"]}
        before = {each["patron"] for each in store.recognitions.reaches_of(each.data["patron"] for each in changed)}
        reaching.judge(named, store, now(), {
            each.data["patron"]: each.cause for each in changed
            if each.data["achievement"] in taken or each.data["patron"] in before})


def _saved(stated: Recognition, principal: Principal, store: CredentialStore) -> dict[str, Any]:
    """Kept, if that may be taken and awarded; from when it applies on a walk looks for who meets it already."""
    known = store.achievements(recognition.named_in(stated))
    recognition.check_takes(stated, known)
    recognition.check_awards(stated, known)
    if "awards" in stated["gives"]:
        _check_awarding(stated["owner"], principal)
    store.recognitions.save(stated, walk_from=max(stated["stated_at"], stated["applies_from"] or stated["stated_at"]))
    return recognition_views.recognition(stated)


def _check_awarding(college: str, principal: Principal) -> None:
    """Raises NotAllowed for whoever recognises there, and does not define."""
    if not deciding.may_award(principal, college):
        raise NotAllowed(f"{college} signs what it awards: that takes achievements:write there.")


def _found(request: CallRequest, store: CredentialStore) -> Recognition:
    found = store.recognitions.find(request.path["recognition"], request.principal.node)
    if found is None:
        raise RecognitionUnknown("There is no such recognition here. GET /v1/recognitions lists them.")
    return found


def _own(request: CallRequest, store: CredentialStore) -> Recognition:
    """One that the principal's own college states."""
    found = _found(request, store)
    if not request.principal.sees(found["owner"]):
        raise NotAllowed(f"{found['owner']} states it; who acts there, or above, may.")
    return found


def _standings(patron: str, library: str, store: CredentialStore) -> list[dict[str, Any]]:
    """What the patron reached, and how near they are to what else applies now."""
    moment, found = now(), reaching.records([patron], store)
    kept = [each for each in found.reaches[patron] if each["state"] != LOST]
    known = reaching.known_to_college(kept, store, moment)
    there = {each["_id"] for each in kept}
    near = [(each, recognition.judge(each, found.earned[patron], found.versions, moment))
            for each in store.recognitions.list_current(library, None)
            if recognition.applies(each, moment) and reaches.reach_id(each, patron) not in there]
    names = Names(store.achievements({own_id for each, _ in near for own_id in each["achievements"]}),
                  {each["achievement"]: consents.agreeing(each) for each in store.waiting_of([patron])},
                  {own_id: [beside.mapping(each, store) for each in said]
                   for own_id, said in beside.corresponding(found.earned[patron], store).items()})
    return [*(recognition_views.reached(each, patron, each["_id"] in known, names) for each in kept),
            *(recognition_views.standing(each, standing, patron, names) for each, standing in near)]
