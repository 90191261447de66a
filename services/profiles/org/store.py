"""The org tree in MongoDB: nodes, their settings, and the roles granted at them.

What the tree says of places is open to whoever acts for one of the consortium; what a place decides is not.
"""

from collections.abc import Iterable
from typing import Any

from contracts.places import consortium_of, line_of
from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.profiles.org.domain import settings
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.refusals import NodeUnknown, RoleNotGranted
from services.profiles.org.domain.roles import RoleGrant, grant_id
from services.profiles.org.domain.settings import NodeSettings

Row = dict[str, Any]

COLLECTIONS = (
    Collection("nodes", Retention.forever("a place in the org tree stays as long as records belong to it"),
               (Index("consortium", "kind"),)),
    Collection("node_settings", Retention.forever("what a place has decided, as long as the place is in the tree")),
    Collection("role_grants", Retention.of_days(3 * 365, "ends_at", "who could do what when; erased with a patron"),
               (Index("node"), Index("holder")), personal=True),
)


class OrgStore:
    """One unit of work's view of the tree."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # nodes

    def find_node(self, node_id: str | None) -> Node | None:
        row = self._work.get("nodes", node_id) if node_id else None
        return _node(row) if row else None

    def get_node_beside(self, owner: str, node_id: str) -> Node:
        """A node of the same consortium as `owner`; raises NodeUnknown for any other."""
        node = self.find_node(node_id)
        if node is None or node.consortium != consortium_of(owner):
            raise NodeUnknown(f"There is no node {node_id}. GET /v1/nodes lists the libraries and partners.")
        return node

    def get_node_shared(self, node_id: str, principal: Principal) -> Node:
        """A node that the principal acts for, or one above or below it; raises NodeUnknown for any other."""
        return self._get_node(node_id, principal.shares(node_id))

    def get_node_governed(self, node_id: str, principal: Principal) -> Node:
        """The principal's own node or one below it; raises NodeUnknown for any other."""
        return self._get_node(node_id, principal.sees(node_id))

    def _get_node(self, node_id: str, may: bool) -> Node:
        node = self.find_node(node_id) if may else None
        if node is None:
            raise NodeUnknown("There is no such node at or below yours. GET /v1/nodes lists the consortium's.")
        return node

    def list_nodes(self, consortium: str, after: str = "", limit: int = 0) -> list[Node]:
        """The nodes of a consortium (of all where it is empty) whose ids sort after `after`, by id."""
        query: Row = {"consortium": consortium} if consortium else {}
        rows = self._work.find("nodes", {**query, "_id": {"$gt": after}}, [("_id", 1)], limit)
        return [_node(row) for row in rows]

    def list_nodes_of_kinds(self, consortium: str, kinds: Iterable[str], besides: Iterable[str]) -> list[Node]:
        """The nodes of a consortium that are of these kinds, and those with the ids `besides`, in no order."""
        of_kinds = self._work.find("nodes", {"consortium": consortium, "kind": {"$in": sorted(kinds)}})
        rows = {row["_id"]: row for row in of_kinds} | self._work.get_many("nodes", set(besides))
        return [_node(row) for row in rows.values()]

    def add_node(self, node: Node, decided: Iterable[Fact], cause: Cause) -> None:
        self._work.insert("nodes", {"_id": node.id, "owner": node.id, "consortium": node.consortium,
                                    "kind": node.kind, "name": node.name})
        self._work.save_facts(decided, cause)

    # settings

    def settings_line(self, node_id: str) -> list[NodeSettings]:
        """What each node from the root down to this one has set itself."""
        line = line_of(node_id)
        rows = self._work.get_many("node_settings", line)
        return [_settings(each, rows.get(each)) for each in line]

    def setting(self, node_id: str, name: str) -> Any:
        """The value that counts at a node; raises SettingUnknown."""
        return settings.effective(name, self.settings_line(node_id)).value

    def save_settings(self, own: NodeSettings) -> None:
        self._work.replace("node_settings", {"_id": own.node, "owner": own.node, "values": own.values,
                                             "locked": sorted(own.locked)})

    # roles

    def find_role(self, node: Node, role: str, holder: str) -> RoleGrant | None:
        row = self._work.get("role_grants", grant_id(node.id, role, holder))
        return _grant(row) if row else None

    def get_role(self, node: Node, role: str, holder: str) -> RoleGrant:
        """Raises RoleNotGranted."""
        found = self.find_role(node, role, holder)
        if found is None:
            raise RoleNotGranted(f"{role} was not granted to them at {node.id}. GET /v1/nodes/{node.id}/roles lists "
                                 "what was.")
        return found

    def list_roles(self, node: Node, after: str, limit: int) -> list[RoleGrant]:
        """Those granted at the node itself, by id, after the id `after`."""
        rows = self._work.find("role_grants", {"node": node.id, "_id": {"$gt": after}}, [("_id", 1)], limit)
        return [_grant(row) for row in rows]

    def save_role(self, grant: RoleGrant, decided: Iterable[Fact], cause: Cause) -> None:
        self._work.replace("role_grants", {
            "_id": grant.id, "owner": grant.node, "node": grant.node, "role": grant.role, "holder": grant.holder,
            "granted_at": grant.granted_at, "ends_at": grant.ends_at, "sequence": grant.sequence})
        self._work.save_facts(decided, cause)

    def erase(self, patron_id: str) -> None:
        """The roles that the patron held; whoever projects them hears of the erasure."""
        self._work.delete("role_grants", {"holder": patron_id})


def _node(row: Row) -> Node:
    return Node(row["_id"], row["kind"], row["name"])


def _settings(node_id: str, row: Row | None) -> NodeSettings:
    return NodeSettings(node_id, row["values"], frozenset(row["locked"])) if row else NodeSettings(node_id)


def _grant(row: Row) -> RoleGrant:
    return RoleGrant(row["node"], row["role"], row["holder"], row["granted_at"], row["ends_at"], row["sequence"])
