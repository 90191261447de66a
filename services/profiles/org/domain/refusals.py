"""Why the org tree says no."""

from libranet.problems import NotAllowed, NotFound, Refusal


class NodeUnknown(NotFound):
    title = "No such node"


class NodeTaken(Refusal):
    status = 409
    title = "Another node has this id"


class NodeMisplaced(Refusal):
    title = "A node of this kind does not belong there"


class NodeOutOfReach(NotAllowed):
    """Somebody who is no operator builds only below their own node."""

    title = "This node is not below yours"
