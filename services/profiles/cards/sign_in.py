"""Signing in: by a card and its PIN, which the library's own system judges, or by an account that the gateway has
checked. The first time registers a patron of that library.

Every refusal of a card takes at least REFUSAL_SECONDS and has the same words, so neither tells whether a card exists.
"""

import time
from datetime import date, timedelta
from typing import Any

from contracts.calls import cards as calls
from contracts.places import line_of
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.ids import new_id
from services.profiles.cards.domain import answers as rules
from services.profiles.cards.domain import attempts, numbers
from services.profiles.cards.domain.answers import CardAnswer
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.frames import is_sendable
from services.profiles.cards.domain.refusals import (
    CardNotAccepted,
    LibrarySystemAway,
    TooManyAttempts,
)
from services.profiles.cards.service import CardCalls, InStep, read_networks
from services.profiles.patrons.domain import facts, patrons
from services.profiles.store import ProfilesStore

REFUSAL_SECONDS = 0.5
CROWDED_SECONDS = 60
LAST_ZONE = timedelta(hours=12)
"""A card is good until its day has ended everywhere: libraries' zones are not known here."""


class SignInCalls(CardCalls):
    """Whom a card or an account names."""

    @answers(calls.SIGN_IN_BY_CARD, in_steps=True)
    def sign_in_by_card(self, request: CallRequest, step: InStep) -> Answer:
        started, body = time.monotonic(), request.body
        number, pin = numbers.card_number(body["card"]), numbers.pin(body["pin"])
        known = step(lambda store: store.cards.nearest_connection(body["node"]))
        hashed = numbers.hash_of_card(number, known.owner)
        try:
            self._check_card(known, hashed, number, pin, body["crowded"], step)
        except (CardNotAccepted, TooManyAttempts) as refusal:
            time.sleep(max(0.0, REFUSAL_SECONDS - (time.monotonic() - started)))
            raise (too_crowded() if body["crowded"] else refusal) from None
        answer: Answer = step(lambda store: entered(store, "card", hashed, known.owner, request.cause))
        return answer

    @answers(calls.LIST_SIGN_IN_PLACES)
    def list_sign_in_places(self, request: CallRequest, store: ProfilesStore) -> dict[str, Any]:
        connected = store.cards.connected_nodes()
        return {"places": [
            {"node": each.id, "name": each.name, "cards": not connected.isdisjoint(line_of(each.id))}
            for each in store.org.list_nodes("") if each.kind in patrons.REGISTERING_KINDS]}

    def _check_card(self, known: CardConnection, hashed: str, number: str, pin: str, crowded: bool,
                    step: InStep) -> None:
        """Returns only for a card that may be used."""
        login, networks = step(lambda store: try_counted(store, known, hashed, crowded))
        if not numbers.is_of(number, known.card_prefixes) or not is_sendable(pin, known.dialect):
            raise CardNotAccepted
        try:
            answer: CardAnswer = self.card_systems.ask(known, login, read_networks(networks), number, pin)
        except LibrarySystemAway:
            step(lambda store: give_back(store, hashed))
            raise
        if answer.valid is True and answer.pin_right is True:
            step(lambda store: store.cards.forget_attempts(hashed))
        rules.check(answer, known.bars, today())

    @answers(calls.SIGN_IN_BY_ACCOUNT)
    def sign_in_by_account(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """The gateway has checked the account; here it becomes a patron of the node."""
        node = request.body["node"]
        hashed = numbers.hash_of_account(request.body["issuer"], request.body["subject"], node)
        return entered(store, "account", hashed, node, request.cause)


def try_counted(store: ProfilesStore, known: CardConnection, hashed: str, crowded: bool) -> tuple[Login, list[str]]:
    """Counts the try before anybody is asked. Raises TooManyAttempts; where it is crowded, for a card that was never
    here as well: whoever tries number after number gets no further, and the branch's regulars still do."""
    store.cards.save_attempts(attempts.another(store.cards.find_attempts(hashed), hashed, now()))
    if crowded and store.cards.find_patron(hashed) is None:
        raise too_crowded()
    return store.cards.login_of(known), store.cards.networks_of(known.owner)


def give_back(store: ProfilesStore, hashed: str) -> None:
    counted = store.cards.find_attempts(hashed)
    if counted is not None:
        store.cards.save_attempts(attempts.given_back(counted))


def entered(store: ProfilesStore, kind: str, hashed: str, owner: str, cause: Cause) -> Answer:
    """The patron behind a way in; the first time a new one, whom the library registers by this."""
    patron_id = store.cards.find_patron(hashed)
    if patron_id is not None:
        return Answer({"patron": patron_id, "node": owner, "registered": False})
    patron = patrons.register(new_id(), None, owner, store.org.find_node(owner), now())
    store.patrons.add(patron, facts.patron_registered(patron), cause)
    store.cards.add_way_in(hashed, kind, patron.id, owner, now())
    return Answer({"patron": patron.id, "node": owner, "registered": True})


def too_crowded() -> TooManyAttempts:
    return TooManyAttempts("Too many tries failed at your network's address. Wait as long as Retry-After says, or ask "
                           "at your library's desk.", CROWDED_SECONDS)


def today() -> date:
    return (now() - LAST_ZONE).date()
