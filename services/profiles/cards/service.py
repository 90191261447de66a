"""Calls about how libraries' systems are connected, and about reissued cards. Signing in is in `sign_in.py`."""

from collections.abc import Callable
from typing import Any

from contracts.calls import cards as calls
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.outside import addresses
from services.profiles.cards import views
from services.profiles.cards.adapters.sip2 import Question
from services.profiles.cards.adapters.systems import CardSystems
from services.profiles.cards.domain import answers as rules
from services.profiles.cards.domain import connection as connections
from services.profiles.cards.domain import numbers
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.frames import Dialect
from services.profiles.cards.domain.refusals import CardOfAnother, ConnectionUnusable
from services.profiles.cards.domain.steps import Step
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.refusals import NodeUnknown
from services.profiles.store import ProfilesStore

InStep = Callable[[Callable[[ProfilesStore], Any]], Any]
"""Runs an effect in a transaction of its own."""


class CardCalls:
    """Connections of libraries' systems, their tests, and reissued cards."""

    card_systems = CardSystems()

    @answers(calls.SET_CARD_CONNECTION)
    def set_card_connection(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = node_in_reach(request.path["node"], request.principal, store)
        connections.check_place(node)
        asked = dict(request.body)
        login = Login(**asked.pop("login")) if "login" in asked else None
        known = store.cards.find_connection(node.id)
        wanted = connection_of(node.id, asked, login.user if login else known.login_user if known else "")
        connections.check(wanted, login or Login())
        if login is None and known is not None:
            connections.check_same_place(known, wanted, store.cards.login_of(known))
        store.cards.save_connection(wanted, login)
        return Answer(views.connection(wanted, store.cards.networks_of(node.id)))

    @answers(calls.GET_CARD_CONNECTION)
    def get_card_connection(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = node_in_reach(request.path["node"], request.principal, store)
        return Answer(views.connection(store.cards.get_connection(node.id), store.cards.networks_of(node.id)))

    @answers(calls.REMOVE_CARD_CONNECTION)
    def remove_card_connection(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = node_in_reach(request.path["node"], request.principal, store)
        store.cards.remove_connection(node.id)
        return Answer()

    @answers(calls.TEST_CARD_CONNECTION, in_steps=True)
    def test_card_connection(self, request: CallRequest, step: InStep) -> Answer:
        """Asks the system once, whatever it has done before; the answer tells each step, redacted."""
        number, pin = request.body.get("card"), request.body.get("pin")
        if (number is None) != (pin is None):
            raise ConnectionUnusable("Send card and pin together, or neither.", "/pin" if pin is None else "/card")
        question = Question() if number is None else Question(numbers.card_number(number), numbers.pin(pin or ""))

        def settings(store: ProfilesStore) -> tuple[CardConnection, Login, list[str]]:
            node = node_in_reach(request.path["node"], request.principal, store)
            known = store.cards.get_connection(node.id)
            return known, store.cards.login_of(known), store.cards.networks_of(node.id)

        known, login, networks = step(settings)
        steps, answer = self.card_systems.examine(known, login, read_networks(networks), question)
        if answer is not None:
            steps = [*steps, *judged(answer)]
        works = bool(steps) and all(each.outcome != "failed" for each in steps)
        return Answer(views.tested(known.owner, steps, works))

    @answers(calls.LINK_CARD)
    def link_card(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """For a card that was lost and reissued: the new number leads to the same patron."""
        patron = store.patrons.get(request.path["patron"], request.principal)
        store.patrons.touch(patron)
        library = store.cards.nearest_connection(patron.owner).owner
        hashed = numbers.hash_of_card(numbers.card_number(request.body["card"]), library)
        holder = store.cards.find_patron(hashed)
        if holder not in (None, patron.id):
            raise CardOfAnother("Somebody signed in with this card before it was linked: erase that profile first, if "
                                "it is the same person's.", "/card")
        if holder is None:
            store.cards.add_way_in(hashed, "card", patron.id, patron.owner, now())
        shown = {"patron": patron.id, "cards": store.cards.count_cards(patron.id)}
        return Answer(shown, 201, about=patron.id)

    @answers(calls.ALLOW_CARD_NETWORK)
    def allow_card_network(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = node_in_reach(request.path["node"], request.principal, store)
        try:
            network = str(addresses.network(request.body["network"]))
        except ValueError as reason:
            raise ConnectionUnusable(f"Write a network like 10.20.0.0/16: {reason}.", "/network") from None
        known = set(store.cards.own_networks(node.id)) - {network}
        store.cards.save_networks(node.id, known | {network} if request.body["allowed"] else known)
        return Answer({"networks": store.cards.networks_of(node.id)})


def node_in_reach(node_id: str, principal: Principal, store: ProfilesStore) -> Node:
    """A node that the principal sees, or where they are a librarian; raises NodeUnknown for every other."""
    node = store.org.find_node(node_id)
    if node is None or not (principal.sees(node.id) or principal.holds("librarian", node.id)):
        raise NodeUnknown("There is no such node in your reach.")
    return node


def connection_of(owner: str, asked: dict[str, Any], user: str) -> CardConnection:
    """The connection that a body describes; `tls_authorities` and the like are empty where it leaves them out."""
    dialect = Dialect(**asked.pop("dialect", {}))
    prefixes, bars = tuple(asked.pop("card_prefixes")), tuple(asked.pop("bars"))
    return CardConnection(owner=owner, login_user=user, dialect=dialect, card_prefixes=prefixes, bars=bars,
                          changed_at=now(), **asked)


def read_networks(texts: list[str]) -> list[addresses.Network]:
    return [addresses.network(text) for text in texts]


def judged(answer: rules.CardAnswer) -> list[Step]:
    """What the answer means for somebody who signs in."""
    patron = Step("card", "ok" if answer.valid else "failed",
                  "BL is Y: the card is valid." if answer.valid else "BL is not Y: the card is not valid.")
    pin = Step("pin", "ok" if answer.pin_right else "failed",
               "CQ is Y: the PIN is right." if answer.pin_right else
               "CQ is not Y: the PIN is wrong, or the system does not check PINs. Nobody gets in without it.")
    return [patron, pin]
