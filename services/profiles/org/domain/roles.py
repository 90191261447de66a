"""Roles: granted at a node to somebody until a time. They count at the node and below it, and no longer than that."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from contracts.calls.org import ROLES
from libranet.ids import is_uuid, keyed_id
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.refusals import HolderUnknown, RoleEndsBeforeItBegins, RoleMisplaced, RoleUnknown

LONGEST = timedelta(days=3 * 366)
"""Who keeps a role is asked for it again now and then."""
HOLDER = re.compile(r"[a-z]+_[a-z0-9]{16,64}")
"""API clients (`k_…`) have ids of this form; patrons have UUIDs."""
PEOPLE_KINDS = frozenset({"consortium", "library", "branch"})
NODE_KINDS = {
    **dict.fromkeys(("patron", "guardian", "librarian", "navigator", "evaluator"), PEOPLE_KINDS),
    **dict.fromkeys(("employer", "college"), frozenset({"partner"})),
    **dict.fromkeys(("analyst", "operator"), PEOPLE_KINDS | {"partner"}),
}
"""At which kinds of nodes a role makes sense: people are served by libraries, partners employ and teach."""


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """`holder` is the id of an API client or of a patron; `sequence` counts what was decided about it."""

    node: str
    role: str
    holder: str
    granted_at: datetime
    ends_at: datetime
    sequence: int = 1

    @property
    def id(self) -> str:
        """One for each node, role and holder."""
        return grant_id(self.node, self.role, self.holder)

    def holds(self, at: datetime) -> bool:
        return at < self.ends_at


def grant_id(node: str, role: str, holder: str) -> str:
    return keyed_id("role", node, role, holder)


def grant(current: RoleGrant | None, node: Node, role: str, holder: str, ends_at: datetime,
          at: datetime) -> RoleGrant:
    """The role granted until `ends_at`; `current` itself when that changes nothing.

    Raises RoleUnknown, HolderUnknown, RoleMisplaced or RoleEndsBeforeItBegins.
    """
    check_known(role)
    if not is_uuid(holder) and not HOLDER.fullmatch(holder):
        raise HolderUnknown("Nobody has an id of this form; `libranet client list` shows those of API clients.")
    if node.kind not in NODE_KINDS[role]:
        kinds = " or a ".join(sorted(NODE_KINDS[role]))
        raise RoleMisplaced(f"The role {role} is granted at a {kinds}; {node.id} is a {node.kind}.")
    ends_at = _kept(ends_at)
    if not at < ends_at <= at + LONGEST:
        raise RoleEndsBeforeItBegins(
            f"Send an ends_at in the future, at most {LONGEST.days} days from now.", "/ends_at")
    if current is None:
        return RoleGrant(node.id, role, holder, at, ends_at)
    if current.holds(at):
        return current if current.ends_at == ends_at else replace(
            current, ends_at=ends_at, sequence=current.sequence + 1)
    return replace(current, granted_at=at, ends_at=ends_at, sequence=current.sequence + 1)


def end(current: RoleGrant, at: datetime) -> RoleGrant:
    """The role ended now; one that has ended already stays as it is."""
    return replace(current, ends_at=at, sequence=current.sequence + 1) if current.holds(at) else current


def check_known(role: str) -> None:
    """Raises RoleUnknown, which lists what there is."""
    if role not in ROLES:
        raise RoleUnknown(f"There is no role of that name. There are {', '.join(ROLES)}.")


def _kept(moment: datetime) -> datetime:
    """UTC in milliseconds, as it is read back."""
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
