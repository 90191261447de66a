"""What only the database itself can tell: what its accounts may do, and how full its disk is.

Accounts may be kept elsewhere than in it, and under other names: what cannot be compared is said, and is not bad.
"""

from collections.abc import Iterator
from typing import Any

from pymongo.errors import OperationFailure

from libranet.doctor.finding import Finding, look, well
from libranet.doctor.machine import room
from libranet.local.database import USERS, database_of, roles_of
from libranet.logs import words_of
from libranet.mongo import connect

Roles = set[tuple[str, str]]


def accounts() -> Iterator[Finding]:
    """Whether each account of the platform has the roles that it should have, and no others."""
    try:
        with connect() as client:
            found = client.admin.command("usersInfo", 1)["users"]
    except OperationFailure as reason:
        yield look("database", f"What its accounts may do could not be asked: {words_of(reason)}.",
                   "Ask with an account that may list users, or look yourself: each has readWrite of its own database, "
                   "the operator root.")
        return
    yield from compared({each["user"]: _roles(each["roles"]) for each in found})


def compared(found: dict[str, Roles]) -> Iterator[Finding]:
    """What the roles that were found mean; those of other accounts are nobody's business here."""
    ours = {user: _roles(roles_of(user)) for user in USERS}
    if not ours.keys() & found.keys():
        yield look("database", "It holds none of the platform's accounts, so their rights could not be compared.",
                   "If it lets everybody in, start it with accounts; if they are kept elsewhere, compare them there.")
        return
    different = [_different(user, found.get(user), roles) for user, roles in ours.items() if found.get(user) != roles]
    yield from different or [well("database", "Each account has its own roles and no others.")]


def disk() -> Iterator[Finding]:
    """How much is left where the primary keeps its files."""
    with connect() as client:
        yield left(client[database_of("profiles")].command("dbStats"))


def left(told: dict[str, Any]) -> Finding:
    """What `dbStats` means; the stand-in's does not tell of the disk."""
    if "fsTotalSize" not in told:
        return well("disk", "How full the database's disk is, is not known: the database does not say it.")
    return room("where the database's primary keeps its files", told["fsTotalSize"] - told["fsUsedSize"],
                told["fsTotalSize"])


def _different(user: str, found: Roles | None, due: Roles) -> Finding:
    roles = ", ".join(f'{{role: "{role}", db: "{database}"}}' for role, database in sorted(due))
    if found is None:
        return look("database", f"It holds no account {user}.",
                    f"Make it with the role {roles}, unless {user} signs in by another name.")
    has = ", ".join(f"{role} of {database}" for role, database in sorted(found)) or "no role"
    return look("database", f"The account {user} has other roles than it should: {has}.",
                f'As the operator in mongosh: db.getSiblingDB("admin").updateUser("{user}", {{roles: [{roles}]}})')


def _roles(told: list[dict[str, str]]) -> Roles:
    return {(each["role"], each["db"]) for each in told}
