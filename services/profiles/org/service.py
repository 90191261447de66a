"""Calls about the org tree: its nodes, what they decide, and who may do what at them."""

from contracts.calls import org as calls
from contracts.places import consortium_of
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.ids import is_uuid
from services.profiles.org import views
from services.profiles.org.domain import facts, nodes, roles, settings
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.refusals import NodeOutOfReach
from services.profiles.store import ProfilesStore

OPERATOR = "operator"


class OrgCalls:
    """Nodes, settings, roles."""

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
        found = store.org.list_nodes(consortium_of(place), request.query.get("cursor", ""), limit + 1)
        more = found[limit - 1].id if len(found) > limit else None
        return Answer({"items": [views.node(each) for each in found[:limit]], "next": more})

    @answers(calls.GET_NODE_SETTINGS)
    def get_node_settings(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = store.org.get_node_shared(request.path["node"], request.principal)
        line = store.org.settings_line(node.id)
        shown = [views.setting(settings.effective(name, line)) for name in sorted(settings.KNOWN)]
        return Answer({"node": node.id, "settings": shown})

    @answers(calls.SET_NODE_SETTING)
    def set_node_setting(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = store.org.get_node_governed(request.path["node"], request.principal)
        *above, own = store.org.settings_line(node.id)
        name = request.path["setting"]
        own = settings.put(own, above, name, request.body["value"], request.body.get("locked"))
        store.org.save_settings(own)
        return Answer(views.setting(settings.effective(name, [*above, own])))

    @answers(calls.UNSET_NODE_SETTING)
    def unset_node_setting(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """The answer tells what counts from now on."""
        node = store.org.get_node_governed(request.path["node"], request.principal)
        *above, own = store.org.settings_line(node.id)
        own = settings.unset(own, above, request.path["setting"])
        store.org.save_settings(own)
        return Answer(views.setting(settings.effective(request.path["setting"], [*above, own])))

    @answers(calls.LIST_ROLES)
    def list_roles(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = store.org.get_node_governed(request.path["node"], request.principal)
        limit, moment = request.query["limit"], now()
        found = store.org.list_roles(node, request.query.get("cursor", ""), limit + 1)
        more = found[limit - 1].id if len(found) > limit else None
        return Answer({"items": [views.role_grant(each, moment) for each in found[:limit]], "next": more})

    @answers(calls.GRANT_ROLE)
    def grant_role(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = store.org.get_node_governed(request.path["node"], request.principal)
        role, holder = request.path["role"], request.path["holder"]
        if is_uuid(holder):  # only patrons have ids of this form; they have to be the caller's to see
            store.patrons.touch(store.patrons.get(holder, request.principal))
        current = store.org.find_role(node, role, holder)
        granted = roles.grant(current, node, role, holder, request.body["ends_at"], now())
        if granted is not current:
            store.org.save_role(granted, [facts.role_granted(granted)], request.cause)
        return Answer(views.role_grant(granted, now()))

    @answers(calls.END_ROLE)
    def end_role(self, request: CallRequest, store: ProfilesStore) -> Answer:
        node = store.org.get_node_governed(request.path["node"], request.principal)
        roles.check_known(request.path["role"])
        current = store.org.get_role(node, request.path["role"], request.path["holder"])
        ended = roles.end(current, now())
        if ended is not current:
            store.org.save_role(ended, [facts.role_ended(ended)], request.cause)
        return Answer(views.role_grant(ended, now()))
