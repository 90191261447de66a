"""Calls about patrons, and the events that tell what they can do."""

from typing import Any

from contracts.calls import badge_connect
from contracts.calls import profiles as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.cloudevent import Cause, Event
from libranet.consume import hears
from libranet.ids import new_id
from services.profiles.consents.domain import guardians
from services.profiles.patrons import signals, views
from services.profiles.patrons.domain import facts, patrons
from services.profiles.patrons.domain.patrons import Patron
from services.profiles.patrons.domain.skill_names import SkillName
from services.profiles.patrons.domain.skills import PublicName
from services.profiles.store import ProfilesStore

SKILL_JOINED = "org.libranet.jobs.skill-joined.v1"
NOTHING_SAID: dict[str, Any] = {
    "name": None, "age_band": None, "languages": (), "interests": (), "goal": None, "skills": ()}


class PatronCalls:
    """Registering and reading patrons, and what they and others say of their skills."""

    @answers(calls.REGISTER_PATRON)
    def register_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        owner, moment = request.principal.node, now()
        patron = patrons.register(new_id(), request.body.get("name"), owner, store.org.find_node(owner), moment)
        patron = patrons.first_told(patron, request.body, moment)
        patron = patrons.by_names_of_now(patron, store.skill_names.of(patron.skills))
        store.patrons.add(patron, facts.patron_registered(patron), request.cause)
        return Answer(_shown(patron, store), 201, {"Location": views.patron_path(patron.id)}, about=patron.id)

    @answers(calls.GET_PATRON)
    def get_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return Answer(_shown(store.patrons.get(request.path["patron"], request.principal), store))

    @answers(calls.REPLACE_PROFILE)
    def replace_profile(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return self._tell(request, store, {**NOTHING_SAID, **request.body})

    @answers(calls.CHANGE_PROFILE)
    def change_profile(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return self._tell(request, store, request.body)

    @answers(badge_connect.WHO_LETS_IN)
    def who_lets_in(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.patrons.get(request.principal.actor, request.principal)
        below = store.org.setting(patron.owner, guardians.SETTING)
        return Answer({"name": patron.name or "", "needs_guardian": guardians.is_needed(patron.age_band, below)},
                      about=patron.id)

    @answers(badge_connect.GET_PROFILE)
    def get_profile(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.patrons.get(request.principal.actor, request.principal)
        return Answer(views.profile(patron), about=patron.id)

    @answers(badge_connect.PUT_PROFILE)
    def put_profile(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.patrons.get(request.principal.actor, request.principal)
        patrons.check_subject(patron, request.body["id"])
        told = self._told(patron, {"name": request.body.get("name")}, store, request.cause)
        return Answer(views.profile(told), about=patron.id)

    def _tell(self, request: CallRequest, store: ProfilesStore, said: dict[str, Any]) -> Answer:
        patron = store.patrons.get(request.path["patron"], request.principal)
        if request.principal.is_person and "age_band" in said:
            guardians.check_band(patron.age_band, said["age_band"], store.org.setting(patron.owner, guardians.SETTING))
        return Answer(_shown(self._told(patron, said, store, request.cause), store), about=patron.id)

    def _told(self, patron: Patron, said: dict[str, Any], store: ProfilesStore, cause: Cause) -> Patron:
        told = patrons.tell(patron, said, now())
        if told is not patron:
            told = patrons.by_names_of_now(told, store.skill_names.of(told.skills))
            store.patrons.save(told, facts.profile_changed(patron, told), cause)
        return told

    @hears(signals.COURSE_COMPLETED, signals.CREDENTIAL_ISSUED, signals.CREDENTIAL_REVOKED, *signals.COUNTS_AFTER,
           *signals.COMPLETION_COUNTS_AFTER, batch=100)
    def signals(self, events: list[Event], store: ProfilesStore) -> None:
        """One write and one fact for each event that gives a skill a basis or takes it away; an erased patron learns
        nothing."""
        known = store.patrons.heard_of(event.data["patron"] for event in events)
        names = store.skill_names.of_uris(signals.uris(events))
        for event in events:
            patron = known.get(event.data["patron"])
            if patron is None:
                continue
            learnt = signals.applied(patron, event)
            if learnt is not patron:
                learnt = patrons.by_names_of_now(learnt, names)
                store.patrons.save(learnt, facts.profile_changed(patron, learnt), event.cause)
                known[patron.id] = learnt

    @hears(SKILL_JOINED, batch=100)
    def skill_names(self, events: list[Event], store: ProfilesStore) -> None:
        """Keeps what stands for a skill; those who hold it by another URI follow in the background."""
        for event in events:
            name = PublicName(event.data["label"], event.data["uri"])
            store.skill_names.save_if_newer(
                SkillName(name, tuple(event.data["others"]), event.sequence, event.time, check_at=now()))


def _shown(patron: Patron, store: ProfilesStore) -> dict[str, Any]:
    decided = store.consents.of(patron)
    return views.patron(patron, decided, store.recipients(patron, decided), now())
