"""What was decided about the org tree, in the past tense. Of names only those of places."""

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.roles import RoleGrant

PREFIX = "org.libranet.profiles."


def node_added(node: Node) -> Fact:
    return Fact(f"{PREFIX}node-added.v1", node.id, node.id, {"node": node.id, "kind": node.kind, "title": node.name})


def role_granted(grant: RoleGrant) -> Fact:
    return Fact(f"{PREFIX}role-granted.v1", grant.id, grant.node, {
        "grant": grant.id, "node": grant.node, "role": grant.role, "holder": grant.holder,
        "granted_at": rfc3339(grant.granted_at), "ends_at": rfc3339(grant.ends_at)}, grant.sequence)


def role_ended(grant: RoleGrant) -> Fact:
    """Ended before its time; one that runs out is told by its grant already."""
    return Fact(f"{PREFIX}role-ended.v1", grant.id, grant.node, {
        "grant": grant.id, "node": grant.node, "role": grant.role, "holder": grant.holder,
        "ended_at": rfc3339(grant.ends_at)}, grant.sequence)
