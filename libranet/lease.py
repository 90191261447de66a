"""A lease: of all replicas, the one that does something which only one may do at a time.

Kept in the service's database, renewed while it is used, and free LEASE_SECONDS after its holder died; the same
replica started again has it at once. It does not fence: a holder that is stopped for longer than the lease and then
goes on may overlap with the next one, so what is done under it must bear being done twice.
"""

import time
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from libranet.clock import now
from libranet.mongo import Database

LEASE_SECONDS = 5


class Lease:
    """Asked before each piece of work; talks to the database when less than half of the lease is left."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._held_until = 0.0

    def is_held(self) -> bool:
        """Takes or renews it. Raises PyMongoError while the database does not answer."""
        if time.monotonic() < self._held_until - LEASE_SECONDS / 2:
            return True
        asked_at = time.monotonic()
        until = now() + timedelta(seconds=LEASE_SECONDS)
        taken = self._database.database.leases.update_one(
            {"_id": self._name, "$or": [{"holder": self._database.holder}, {"until": {"$lt": now()}}]},
            {"$set": {"holder": self._database.holder, "until": until}})
        if not taken.matched_count and not self._first(until):
            self._held_until = 0.0
            return False
        self._held_until = asked_at + LEASE_SECONDS
        return True

    def _first(self, until: datetime) -> bool:
        try:
            self._database.database.leases.insert_one(
                {"_id": self._name, "holder": self._database.holder, "until": until, "schema_version": 1})
        except DuplicateKeyError:
            return False
        return True

    def give_back(self) -> None:
        """Lets the next replica begin at once."""
        self._held_until = 0.0
        self._database.database.leases.delete_one({"_id": self._name, "holder": self._database.holder})
