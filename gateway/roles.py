"""Which roles an actor holds: a projection of profiles' grants, written by the deliveries process as it hears of them.

A role opens scopes to a plain request only where a program's own node lies at or below the node of the grant, so that
its power never reaches beyond what was granted. A person keeps acting for themselves, and any other program for its own
node, unless a request says in which role it is made: then they act at that role's node, with its scopes alone.
What was looked up is believed for five seconds; while the database is away for longer, roles that were seen lately go
on.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from contracts.places import is_within
from contracts.principal import Principal
from libranet.clock import now
from libranet.collection import Collection, Index, Retention
from libranet.logs import log, words_of
from libranet.problems import NotAllowed
from libranet.staff import STAFF, at_work

ROLE_GRANTS = Collection(
    "role_grants", Retention.of_days(36, "ends_at", "longer than a replay of the archive reaches back"),
    (Index("holder"),), personal=True)
FRESH_SECONDS = 5.0
MAX_CACHED = 10_000
ACTING_AS = "Libranet-Acting-As"
"""The header by which somebody says in which role a request is made: `librarian@demo.riverside`."""

SCOPES_OF_ROLE: dict[str, tuple[str, ...]] = {
    "patron": (),
    "guardian": (),
    "librarian": ("patrons:read", "patrons:write", "courses:read", "credentials:read", "jobs:read", "nodes:read",
                  "settings:read", "cards:write", "submissions:write", "recognitions:read", "endorsements:read",
                  "reconsiderations:write"),
    "navigator": ("patrons:read", "courses:read", "jobs:read", "nodes:read", "submissions:write",
                  "recognitions:read"),
    "evaluator": ("courses:read", "credentials:read", "credentials:write", "nodes:read", "reviews:write",
                  "recognitions:read"),
    "employer": ("jobs:read", "jobs:write", "nodes:read", "recognitions:read", "endorsements:read",
                 "endorsements:write"),
    "college": ("subscriptions:write", "credentials:verify", "nodes:read", "recognitions:read", "recognitions:write",
                "endorsements:read", "endorsements:write", "achievements:write"),
    "analyst": ("measures:read", "nodes:read", "recognitions:read"),
    "operator": ("nodes:read", "nodes:write", "settings:read", "recognitions:read"),
}
"""What a role lets its holder do at its node, besides what they may do anyway."""


class RoleNotHeld(NotAllowed):
    """Never granted here, or ended."""

    title = "You do not hold this role"


@dataclass(frozen=True, slots=True)
class Held:
    """A role at a node, until a time."""

    role: str
    node: str
    ends_at: datetime


class RoleStore:
    """The projection in the gateway's database."""

    def __init__(self, database: Database[Any]) -> None:
        self._grants = database[ROLE_GRANTS.name]

    def held_by(self, holder: str) -> tuple[Held, ...]:
        """Raises PyMongoError while the database does not answer."""
        return tuple(Held(row["role"], row["node"], row["ends_at"]) for row in self._grants.find({"holder": holder}))


class Roles:
    """Roles by holder, looked up now and then. Threads share it."""

    def __init__(self, store: RoleStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[tuple[Held, ...], float]] = OrderedDict()

    def endow(self, principal: Principal) -> Principal:
        """The principal with the roles that it holds now, and the scopes that they open to it."""
        moment = now()
        held = [each for each in self._held_by(principal.actor) if moment < each.ends_at]
        if not held:
            return principal
        roles = sorted({f"{each.role}@{each.node}" for each in held})
        return replace(principal, roles=tuple(roles), scopes=_with_scopes(principal, held))

    def acting(self, principal: Principal, wanted: str | None) -> Principal:
        """Who acts in the role `wanted`; the principal, endowed, where none is. Raises RoleNotHeld.

        Whoever acts in a role is another actor than otherwise: a person's work outlives their record as a patron and
        must not keep its id, and a program at another node than its own must not meet what it left at its own.
        """
        endowed = self.endow(principal)
        if wanted is None:
            return endowed
        if wanted not in endowed.roles:
            raise RoleNotHeld(f"GET /v1/me without {ACTING_AS} lists the roles that you hold now.")
        role, _, node = wanted.partition("@")
        return Principal(actor=at_work(principal.actor), kind=STAFF, node=node,
                         scopes=SCOPES_OF_ROLE.get(role, ()), roles=(wanted,))

    def _held_by(self, holder: str) -> tuple[Held, ...]:
        moment = self._clock()
        held, seen_at = self._seen.get(holder, ((), -FRESH_SECONDS))
        if moment - seen_at < FRESH_SECONDS:
            return held
        try:
            held = self._store.held_by(holder)
        except PyMongoError as error:
            log().warning("the database does not answer a look-up of roles", error=words_of(error))
        with self._lock:
            self._seen[holder] = (held, moment)
            self._seen.move_to_end(holder)
            if len(self._seen) > MAX_CACHED:
                self._seen.popitem(last=False)
        return held


def _with_scopes(principal: Principal, held: Iterable[Held]) -> tuple[str, ...]:
    if principal.is_person:
        return principal.scopes
    opened = [scope for each in held if is_within(principal.node, each.node)
              for scope in SCOPES_OF_ROLE.get(each.role, ())]
    return tuple(dict.fromkeys((*principal.scopes, *opened)))
