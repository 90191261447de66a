"""Places in status lists, a block of them in each process's hand, so that no two issuings wait for the same row.

Every place is given at most once. Those that a process still has when it ends, or that a transaction took which was
run again, are lost and never used.
"""

import secrets
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from nameko.extensions import DependencyProvider

from libranet.clock import now
from libranet.mongo import Database
from libranet.work import Work
from services.credentials.domain import status_lists
from services.credentials.domain.status_lists import StatusList, StatusPlace
from services.credentials.store.status_list_store import StatusListStore

KEY_BYTES = 16


class Places:
    """`transact` runs an effect in a transaction of its own, which is committed before any place is given."""

    def __init__(self, transact: Callable[[Callable[[Work], Any]], Any]) -> None:
        self._transact = transact
        self._free: defaultdict[str, deque[StatusPlace]] = defaultdict(deque)

    def take(self, node: str, issuer: str) -> StatusPlace:
        """A place that nobody else has, in a list of the node's under this DID. Raises PyMongoError while there is no
        database."""
        free = self._free[issuer]
        while not free:
            free += self._transact(lambda work: _reserved(node, issuer, StatusListStore(work)))
        return free.popleft()


class StatusPlaces(DependencyProvider):
    """One hand for all that the process issues."""

    database = Database()

    def setup(self) -> None:
        self._places = Places(self.database.transact)

    def get_dependency(self, worker_ctx: Any) -> Places:
        return self._places


def _reserved(node: str, issuer: str, store: StatusListStore) -> list[StatusPlace]:
    newest = store.newest_of(node, issuer)
    if newest is None or not status_lists.has_room(newest):
        newest = _added(node, issuer, newest, store)
    taken, places = status_lists.reserve(newest)
    store.save_taken(taken)
    return places


def _added(node: str, issuer: str, before: StatusList | None, store: StatusListStore) -> StatusList:
    number = before.number + 1 if before else 1
    made = status_lists.new_list(node, issuer, number, secrets.token_bytes(KEY_BYTES), now())
    store.add(made)
    return made
