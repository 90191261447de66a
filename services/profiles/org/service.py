"""Calls about the org tree."""

from contracts.calls import profiles as calls
from libranet.calls import Answer, CallRequest, answers
from services.profiles.org import views
from services.profiles.org.domain import facts, nodes
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.refusals import NodeOutOfReach
from services.profiles.store import ProfilesStore

OPERATOR = "operator"


class OrgCalls:
    """Nodes of the tree."""

    @answers(calls.ADD_NODE)
    def add_node(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """201 for a new node, 200 for the same one again. Operators act anywhere, others below their own node."""
        asked = Node(**request.body)
        if request.principal.kind != OPERATOR and not request.principal.sees(asked.parent or ""):
            raise NodeOutOfReach(f"Add nodes below {request.principal.node}, or ask your operator.", "/id")
        known = store.org.find_node(asked.id)
        node = nodes.add(asked, store.org.find_node(asked.parent), known)
        if known is None:
            store.org.add_node(node, [facts.node_added(node)], request.cause)
        return Answer(views.node(node), 201 if known is None else 200)

    @answers(calls.LIST_NODES)
    def list_nodes(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """The caller's consortium by id; an operator without a node gets every one. The cursor is the last id."""
        place, limit = request.principal.node, request.query["limit"]
        if not place and request.principal.kind != OPERATOR:
            raise NodeOutOfReach("You act for no node of the org tree.")
        found = store.org.list_nodes(nodes.consortium_of(place), request.query.get("cursor", ""), limit + 1)
        more = found[limit - 1].id if len(found) > limit else None
        return Answer({"items": [views.node(each) for each in found[:limit]], "next": more})
