"""The org tree: a consortium, its libraries and partners, and the branches of libraries.

A node's id is its path of slugs, so everything about its place follows from the id alone.
"""

from dataclasses import dataclass

from contracts.places import consortium_of
from services.profiles.org.domain.refusals import NodeMisplaced, NodeTaken

PARENT_KINDS: dict[str, str | None] = {
    "consortium": None,
    "library": "consortium",
    "partner": "consortium",
    "branch": "library",
}
"""Of which kind the node above has to be; a consortium has none above."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place: `id` is like `demo.riverside`, `kind` one of PARENT_KINDS."""

    id: str
    kind: str
    name: str

    @property
    def parent(self) -> str | None:
        """The id of the node above, None at the root."""
        return self.id.rpartition(".")[0] or None

    @property
    def consortium(self) -> str:
        return consortium_of(self.id)


def add(node: Node, parent: Node | None, known: Node | None) -> Node:
    """The node as it may be added; the same one again is fine.

    Raises NodeTaken when another one has the id, NodeMisplaced when the place does not fit the kind.
    """
    if known is not None:
        if known != node:
            raise NodeTaken(f"{node.id} is the {known.kind} {known.name!r}: choose another id.", "/id")
        return known
    wanted = PARENT_KINDS[node.kind]
    if wanted is None:
        if node.parent is not None:
            raise NodeMisplaced(f"A consortium is a root: its id has no dot, like {node.consortium}.", "/id")
    elif parent is None:
        above = node.parent or f"a {wanted}"
        raise NodeMisplaced(f"Add {above} first: a {node.kind} lies below a {wanted}.", "/id")
    elif parent.kind != wanted:
        raise NodeMisplaced(f"A {node.kind} lies below a {wanted}; {parent.id} is a {parent.kind}.", "/id")
    return node
