"""The pull feed: a partner reads its stream, and is shown what it may know at the moment it asks.

Gives: stable positions in the order in which events were told, none left out that commits later, each at least once.
Does not give: what was told before the partner's first subscription, or more than 30 days ago.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gateway.deliveries.domain import consents, partner_view, stream, subscriptions
from gateway.deliveries.partner_streams import stream_of
from libranet.collection import Document

ROWS_A_READ = 25
"""As in libranet.work: the stand-in compares each row it finds with each id of the list."""
MOST_LOOKED_AT = 500
"""Rows that one answer looks at; the next one goes on from there, so a long quiet stretch costs nobody a timeout."""


class Feed:
    """Threads share one. Every method raises PyMongoError while the database does not answer."""

    def __init__(self, database: Database[Any]) -> None:
        self._database = database
        self._events = database["partner_events"]
        self._consents = database["consents"]

    def page(self, node: str, after: str | None, types: Sequence[str], limit: int,
             moment: datetime) -> tuple[list[Document], str]:
        """CloudEvents of these types after a position, and the position to go on from. Raises PositionUnknown."""
        known = stream_of(self._database, node)  # first: all up to its `last` is there
        number = stream.read_position(after, known, moment)
        items: list[Document] = []
        end = min(known["last"], number + MOST_LOOKED_AT)
        while number < end and len(items) < limit:
            upto = min(end, number + ROWS_A_READ)
            found = self._shown(node, self._rows(node, number + 1, upto), types, moment)
            room = limit - len(items)
            items += [partner_view.event_of(row["message"], row["event"], node) for _, row in found[:room]]
            number = found[room - 1][0] if len(found) >= room else upto
        return items, stream.position(number, known)

    def _rows(self, node: str, first: int, last: int) -> list[tuple[int, Document]]:
        """By `_id`, which is the cheapest read there is; erased ones are left out."""
        places = {stream.row_id(node, number): number for number in range(first, last + 1)}
        found = [(places[row["_id"]], row) for row in self._events.find({"_id": {"$in": list(places)}})]
        return sorted(found, key=lambda each: each[0])

    def _shown(self, node: str, rows: Iterable[tuple[int, Document]], types: Sequence[str],
               moment: datetime) -> list[tuple[int, Document]]:
        asked = [(number, row) for number, row in rows
                 if subscriptions.EVERYTHING in types or row["event"]["type"] in types]
        ids = {consents.consent_id(row["patron"], node) for _, row in asked if row["patron"]}
        given = {row["_id"]: row for row in self._consents.find({"_id": {"$in": sorted(ids)}})} if ids else {}
        return [(number, row) for number, row in asked if consents.permits(given, row["patron"], node, moment)]


def types_for(listening: Iterable[Document], narrowed: Sequence[str] | None) -> list[str]:
    """What a node's subscriptions ask for together, with its own notices; of it what is in `narrowed`, if given."""
    asked = {name for each in listening for name in each["types"]} | set(subscriptions.OWN_NOTICES)
    if narrowed is None or subscriptions.EVERYTHING in narrowed:
        return sorted(asked)
    return [name for name in narrowed if name in asked or subscriptions.EVERYTHING in asked]
