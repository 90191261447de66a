"""How a query names a node with all below it, and how what meets one of several conditions is listed."""

from collections.abc import Iterable
from typing import Any

from libranet.collection import Document
from libranet.work import Work


def in_and_below(node: str) -> tuple[Any, ...]:
    """Conditions on a member that holds a node, one of which is met by it and by each below it."""
    return node, {"$gt": f"{node}.", "$lt": f"{node}/"}  # "/" follows "." in the alphabet


def first_of(work: Work, collection: str, sides: Iterable[Document], query: Document, after: str,
             limit: int) -> list[Document]:
    """Rows that meet the query and one of the sides, by id, after the id `after`: each side has an index of its own."""
    found = {row["_id"]: row for side in sides for row in work.find(
        collection, {**query, **side, "_id": {"$gt": after}}, [("_id", 1)], limit)}
    return [found[own_id] for own_id in sorted(found)][:limit]
