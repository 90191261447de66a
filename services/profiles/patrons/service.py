"""Calls about patrons."""

from contracts.calls import profiles as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.ids import new_id
from services.profiles.org.domain import nodes
from services.profiles.patrons import views
from services.profiles.patrons.domain import facts, patrons
from services.profiles.store import ProfilesStore


class PatronCalls:
    """Registering and reading patrons."""

    @answers(calls.REGISTER_PATRON)
    def register_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        owner = request.principal.node
        patron = patrons.register(new_id(), request.body.get("name"), owner, store.org.find_node(owner), now())
        store.patrons.add(patron, [facts.patron_registered(patron)], request.cause)
        shown = views.patron(patron, [], store.org.list_nodes(nodes.consortium_of(owner)), now())
        return Answer(shown, 201, {"Location": views.patron_path(patron.id)}, about=patron.id)

    @answers(calls.GET_PATRON)
    def get_patron(self, request: CallRequest, store: ProfilesStore) -> Answer:
        patron = store.patrons.get(request.path["patron"], request.principal)
        places = store.org.list_nodes(nodes.consortium_of(patron.owner))
        return Answer(views.patron(patron, store.consents.of(patron), places, now()))
