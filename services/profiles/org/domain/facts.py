"""What was decided about the org tree, in the past tense. Of names only those of places."""

from libranet.cloudevent import Fact
from services.profiles.org.domain.nodes import Node

PREFIX = "org.libranet.profiles."


def node_added(node: Node) -> Fact:
    return Fact(f"{PREFIX}node-added.v1", node.id, node.id, {"node": node.id, "kind": node.kind, "title": node.name})
