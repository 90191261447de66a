"""The first visit and what follows from it: skills resolved when they are said, jobs that match in the same answer,
and the sessions of guests. Profiles keeps the people, jobs the postings; only the gateway talks to both.
"""

from typing import Any

import orjson
from flask import Flask, Response, request
from pymongo.errors import PyMongoError

from contracts.call import Call
from contracts.calls import guests, profiles
from contracts.calls import matches as calls
from contracts.principal import Principal
from gateway.guard import Asked, Guard
from gateway.matching import Matching
from gateway.passage import Passage, given_back
from gateway.rates import Rates
from gateway.routes.answers import json_of
from gateway.routes.publish import publish
from gateway.services import Received
from gateway.sessions import PERSON_SCOPES, SessionStore
from libranet.logs import log, words_of

COMPOSED = (profiles.REGISTER_PATRON, profiles.REPLACE_PROFILE, profiles.CHANGE_PROFILE, guests.START_GUEST,
            guests.RESUME_GUEST, guests.TELL_GUEST, guests.END_GUEST, guests.REGISTER_GUEST)
"""Calls of profiles that are published here instead of being passed on as they are."""
NOBODY_YET = "guest"
"""Who asks for the skills of a guest that does not exist yet."""


def install(app: Flask, guard: Guard, passage: Passage, sessions: SessionStore, rates: Rates) -> None:
    routes = Routes(passage, sessions, rates)
    for call, answer in (
        (profiles.REGISTER_PATRON, routes.register_patron), (profiles.REPLACE_PROFILE, routes.tell),
        (profiles.CHANGE_PROFILE, routes.tell), (guests.START_GUEST, routes.start_guest),
        (guests.RESUME_GUEST, routes.resume_guest), (guests.TELL_GUEST, routes.tell),
        (guests.END_GUEST, routes.end_guest), (guests.REGISTER_GUEST, routes.register_guest),
        (calls.GET_PATRON_MATCHES, routes.patron_matches), (calls.GET_GUEST_MATCHES, routes.guest_matches),
    ):
        publish(app, guard, call, answer)


class Routes:
    """The answers, each to an admitted request."""

    def __init__(self, passage: Passage, sessions: SessionStore, rates: Rates) -> None:
        self._passage = passage
        self._matching = Matching(passage)
        self._sessions = sessions
        self._rates = rates

    def register_patron(self, asked: Asked) -> Response:
        received = self._told(asked, asked.principal)
        if received.status >= 300:
            return given_back(asked.call, received)
        matches = self._matching.of_if_there(asked.principal, orjson.loads(received.body))
        return given_back(asked.call, received, {"matches": matches})

    def tell(self, asked: Asked) -> Response:
        return given_back(asked.call, self._told(asked, asked.principal))

    def start_guest(self, asked: Asked) -> Response:
        visitor = Principal(actor=NOBODY_YET, kind="guest", node=asked.body["node"])
        return self._as_guest(asked, self._told(asked, visitor))

    def resume_guest(self, asked: Asked) -> Response:
        """A whole branch has one address: wrong codes are counted, and right ones let in however many were wrong."""
        received = self._passage.hand_on(asked)
        if received.status == 404:
            self._rates.count_wrong_code(request.remote_addr or "")
        return self._as_guest(asked, received)

    def end_guest(self, asked: Asked) -> Response:
        received = self._passage.hand_on(asked)
        if received.status < 300:
            self._sign_out(asked.path["guest"])
        return given_back(asked.call, received)

    def register_guest(self, asked: Asked) -> Response:
        """Whoever did it themselves goes on as the patron; the guest is signed out in any case."""
        received = self._passage.hand_on(asked)
        if received.status >= 300:
            return given_back(asked.call, received)
        self._sign_out(asked.path["guest"])
        if not asked.principal.is_person:
            return given_back(asked.call, received)
        patron = orjson.loads(received.body)
        return given_back(asked.call, received, {"session": self._begin("patron", patron)})

    def patron_matches(self, asked: Asked) -> Response:
        return self._matches(asked, profiles.GET_PATRON)

    def guest_matches(self, asked: Asked) -> Response:
        return self._matches(asked, guests.GET_GUEST)

    def _matches(self, asked: Asked, reading: Call) -> Response:
        received = self._passage.hand_on(Asked(reading, asked.principal, asked.path, {}, None, b"", None))
        if received.status != 200:
            return given_back(reading, received)
        person = orjson.loads(received.body)
        wishes = {"limit": asked.query["count"], **({"near": asked.query["near"]} if "near" in asked.query else {})}
        found = self._matching.of(asked.principal, person, **wishes)
        return json_of({"matches": found, "matches_url": person["matches_url"]})

    def _told(self, asked: Asked, who: Principal) -> Received:
        """What profiles says once the skills in the body are resolved."""
        said = orjson.loads(asked.raw or b"{}")
        return self._passage.hand_on_completed(asked, self._matching.resolved(who, said))

    def _as_guest(self, asked: Asked, received: Received) -> Response:
        """The guest with a session and matches."""
        if received.status >= 300:
            return given_back(asked.call, received)
        guest = orjson.loads(received.body)
        who = Principal(actor=guest["id"], kind="guest", node=guest["owner"])
        return given_back(asked.call, received, {
            "session": self._begin("guest", guest), "matches": self._matching.of_if_there(who, guest)})

    def _begin(self, kind: str, person: dict[str, Any]) -> dict[str, Any] | None:
        """None while the database does not answer: the guest has a code, the patron has the library."""
        try:
            return self._sessions.begin(kind, person["id"], person["owner"], PERSON_SCOPES).shown
        except PyMongoError as error:
            log().warning("a session could not be begun", error=words_of(error))
            return None

    def _sign_out(self, person: str) -> None:
        """Whoever is gone from profiles finds nothing with an old session; it is ended to be tidy."""
        try:
            self._sessions.end_all(person)
        except PyMongoError as error:
            log().warning("sessions could not be ended", error=words_of(error))
