"""Why analytics says no."""

from libranet.problems import NotFound


class NodeUnknown(NotFound):
    """The caller does not see this node."""

    title = "No such node"
