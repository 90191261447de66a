"""Partners' streams as they are kept, for whoever reads them outside a unit of work; and after a restore."""

from typing import Any

from gateway.deliveries.collections import STREAMS
from gateway.deliveries.domain import stream
from libranet.collection import Document


def stream_of(database: Any, node: str) -> Document:
    """The node's; an empty one where nothing was put into it yet."""
    found = database[STREAMS.name].find_one({"_id": node})
    return STREAMS.read(found) if found else stream.empty(node)


def begin_eras(database: Any) -> None:
    """After a restore streams do not know what they gave since the backup. No position that a partner holds leads to
    another event than before, and none of them past a new one."""
    for row in list(database[STREAMS.name].find({})):
        after = stream.restored(STREAMS.read(row))
        database[STREAMS.name].replace_one(
            {"_id": row["_id"]}, {**after, "schema_version": STREAMS.schema_version})
