"""How a query names a node with all below it."""

from typing import Any


def in_and_below(node: str) -> tuple[Any, ...]:
    """Conditions on a member that holds a node, one of which is met by it and by each below it."""
    return node, {"$gt": f"{node}.", "$lt": f"{node}/"}  # "/" follows "." in the alphabet
