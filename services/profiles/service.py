"""The profiles service: calls it answers and events it hears. Rules are in `domain/`, state is in `store.py`."""

from contracts.calls import profiles as calls
from contracts.event_types import all_types
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, parse_rfc3339
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.ids import new_id
from libranet.service import Service
from services.profiles import views
from services.profiles.domain import consents, erasures, facts, nodes, patrons
from services.profiles.domain.consents import Consent
from services.profiles.domain.nodes import Node
from services.profiles.domain.refusals import ErasureUnknown, NodeOutOfReach
from services.profiles.store import COLLECTIONS, ProfilesStore

OPERATOR = "operator"
ERASURE_ANSWER = "patron-data-erased"


class Profiles(Service):
    name = "profiles"
    collections = COLLECTIONS
    store = ProfilesStore

    @answers(calls.REGISTER_PATRON)
    def register_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        owner = request.principal.node
        patron = patrons.register(new_id(), request.body.get("name"), owner, store.find_node(owner), now())
        store.add_patron(patron, [facts.patron_registered(patron)], request.cause)
        shown = views.patron(patron, [], store.list_nodes(nodes.consortium_of(owner)), now())
        return Answer(shown, 201, {"Location": views.patron_path(patron.id)}, about=patron.id)

    @answers(calls.GET_PATRON)
    def get_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.get_patron(request.path["patron"], request.principal)
        places = store.list_nodes(nodes.consortium_of(patron.owner))
        return Answer(views.patron(patron, store.consents_of(patron), places, now()))

    @answers(calls.DECIDE_CONSENT)
    def decide_consent(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.get_patron(request.path["patron"], request.principal)
        store.touch(patron)
        purpose = consents.purpose_named(request.path["purpose"])
        recipient = store.get_node_beside(patron, request.path["recipient"])
        consents.check_recipient(purpose, patron, recipient)
        current = store.find_consent(patron, purpose.name, recipient.id)
        decided = consents.decide(current, Consent(
            patron.id, patron.owner, purpose.name, recipient.id, request.body["granted"], now(), 0,
            request.body.get("expires_at")))
        if decided is not current:
            store.save_consent(decided, facts.consent_decided(current, decided), request.cause)
        return Answer(views.receipt(decided, recipient), about=patron.id)

    @answers(calls.ERASE_PATRON)
    def erase_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """The same answer however often it is asked: the erasure, as far as it has come."""
        patron_id = request.path["patron"]
        erasure = store.find_erasure(erasures.erasure_id(patron_id), request.principal)
        if erasure is None:
            erasure = erasures.request(store.get_patron(patron_id, request.principal), erasure_answerers(), now())
            store.erase_patron(erasure, [facts.patron_erased(erasure)], request.cause)
        return Answer(views.erasure(erasure), 202, {"Location": views.erasure_path(erasure.id)})

    @answers(calls.GET_ERASURE)
    def get_erasure(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return Answer(views.erasure(store.get_erasure(request.path["erasure"], request.principal)))

    @answers(calls.ADD_NODE)
    def add_node(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """201 for a new node, 200 for the same one again. Operators act anywhere, others below their own node."""
        asked = Node(**request.body)
        if request.principal.kind != OPERATOR and not request.principal.sees(asked.parent or ""):
            raise NodeOutOfReach(f"Add nodes below {request.principal.node}, or ask your operator.", "/id")
        known = store.find_node(asked.id)
        node = nodes.add(asked, store.find_node(asked.parent), known)
        if known is None:
            store.add_node(node, [facts.node_added(node)], request.cause)
        return Answer(views.node(node), 201 if known is None else 200)

    @answers(calls.LIST_NODES)
    def list_nodes(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """The caller's consortium by id; an operator without a node gets every one. The cursor is the last id."""
        place, limit = request.principal.node, request.query["limit"]
        if not place and request.principal.kind != OPERATOR:
            raise NodeOutOfReach("You act for no node of the org tree.")
        found = store.list_nodes(nodes.consortium_of(place), request.query.get("cursor", ""), limit + 1)
        more = found[limit - 1].id if len(found) > limit else None
        return Answer({"items": [views.node(each) for each in found[:limit]], "next": more})

    @hears(*(name for name, each in all_types().items() if each.short_name == ERASURE_ANSWER), batch=100)
    def erasure_answers(self, events: list[Event], store: ProfilesStore) -> None:
        """Marks who has answered; the first answer of a service counts."""
        known = store.list_erasures(event.data["erasure"] for event in events)
        for event in events:
            erasure = known.get(event.data["erasure"])
            if erasure is None:
                raise ErasureUnknown(f"No erasure {event.data['erasure']} was asked for here.")
            known[erasure.id] = erasures.answer(
                erasure, event.data["patron"], publisher(event), parse_rfc3339(event.data["erased_at"]))
        for erasure in known.values():
            store.save_erasure(erasure)


def publisher(event: Event) -> str:
    """Who answered: by the type, which the broker lets nobody else publish."""
    return all_types()[event.type].publisher


def erasure_answerers() -> list[str]:
    """The services that answer an erasure: those that publish patron-data-erased."""
    return [each.publisher for each in all_types().values() if each.short_name == ERASURE_ANSWER]
