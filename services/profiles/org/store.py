"""The org tree in MongoDB. What the tree says of places is open to whoever acts for one of them."""

from collections.abc import Iterable
from typing import Any

from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.profiles.org.domain.nodes import Node, consortium_of
from services.profiles.org.domain.refusals import NodeUnknown

Row = dict[str, Any]

COLLECTIONS = (
    Collection("nodes", Retention.forever("a place in the org tree stays as long as records belong to it"),
               (Index("consortium"),)),
)


class OrgStore:
    """One unit of work's view of the tree."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def find_node(self, node_id: str | None) -> Node | None:
        row = self._work.get("nodes", node_id) if node_id else None
        return _node(row) if row else None

    def get_node_beside(self, owner: str, node_id: str) -> Node:
        """A node of the same consortium as `owner`; raises NodeUnknown for any other."""
        node = self.find_node(node_id)
        if node is None or node.consortium != consortium_of(owner):
            raise NodeUnknown(f"There is no node {node_id}. GET /v1/nodes lists the libraries and partners.")
        return node

    def list_nodes(self, consortium: str, after: str = "", limit: int = 0) -> list[Node]:
        """The nodes of a consortium (of all where it is empty) whose ids sort after `after`, by id."""
        query: Row = {"consortium": consortium} if consortium else {}
        rows = self._work.find("nodes", {**query, "_id": {"$gt": after}}, [("_id", 1)], limit)
        return [_node(row) for row in rows]

    def add_node(self, node: Node, decided: Iterable[Fact], cause: Cause) -> None:
        self._work.insert("nodes", {"_id": node.id, "owner": node.id, "consortium": node.consortium,
                                    "kind": node.kind, "name": node.name})
        self._work.save_facts(decided, cause)


def _node(row: Row) -> Node:
    return Node(row["_id"], row["kind"], row["name"])
