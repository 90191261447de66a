"""SecantusDB as the database of one machine: MongoDB's wire protocol, run as a program of its own, never imported.

It starts with `--sync-on-commit` (without it a kill loses acknowledged writes) and `--auth`, one user for each
service, able to reach only its own database. Measured: roles are enforced, a login costs about 20 ms once for each
connection, and a write costs the same with and without. It is ended by SIGKILL, never asked to close (decision 32).
It is a stand-in: what only MongoDB can show is named in docs/operations.md.
"""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from libranet.local import secret_files
from libranet.local.home import Home
from libranet.local.parts import GATEWAY, OPERATOR, RUNNERS
from libranet.local.ports import LOOPBACK
from libranet.local.refusals import DatabaseMissing, NotReady

USERS = (*RUNNERS, GATEWAY, OPERATOR)
START_SECONDS = 30
USER_EXISTS = 51003
STOP_SIGNAL = signal.SIGKILL
"""It writes through to the disk at each commit, so a kill loses nothing. Closed in good order it leaves a row which it
reads at the next start and never lets go: as long as it runs, WiredTiger then keeps every version of every document."""


def database_of(user: str) -> str:
    """The one database that `user` may reach; deliveries share the gateway's."""
    return "libranet_gateway" if user == "deliveries" else f"libranet_{user}"


def uri(home: Home, ports: Mapping[str, int], user: str) -> str:
    """The address by which `user` reaches the private database. The driver retries no write there: for that SecantusDB
    keeps up to 10,000 answers, and looks through all of them at each write outside a transaction."""
    password = secret_files.passwords(home, "database", USERS)[user]
    options = "replicaSet=secantus&authSource=admin&retryWrites=false"
    return f"mongodb://{user}:{password}@{LOOPBACK}:{ports['database']}/?{options}"


def require_installed() -> None:
    """Raise DatabaseMissing unless the program lies beside this Python."""
    if not _program().exists():
        raise DatabaseMissing(
            "The stand-in database is not installed: run `make setup`, or set MONGO_URI to a MongoDB replica set."
        )


def command(home: Home, ports: Mapping[str, int]) -> list[str]:
    """The database's command."""
    return [*_open_command(home, ports), "--auth"]


def is_prepared(home: Home) -> bool:
    """Whether the users of today, with their passwords, were made."""
    done = home.data / "database" / "users"
    return done.exists() and done.read_text(encoding="utf-8") == _fingerprint(home)


def prepare(home: Home, ports: Mapping[str, int]) -> None:
    """Make the users: possible only while the database runs without `--auth`, which it does here for two seconds."""
    directory = home.data / "database"
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / "secantusd.toml").write_text(
        "# Empty, so that no other file of this name counts.\n", encoding="utf-8"
    )
    marks = {"LIBRANET_HOME": str(home.path), "LIBRANET_PART": "database"}
    with home.log("database").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the program beside this Python
            _open_command(home, ports), stdout=log, stderr=subprocess.STDOUT, env=os.environ | marks
        )
    try:
        _make_users(ports, secret_files.passwords(home, "database", USERS))
    finally:
        process.send_signal(STOP_SIGNAL)
        process.wait(timeout=START_SECONDS)
    (directory / "users").write_text(_fingerprint(home), encoding="utf-8")


def roles_of(user: str) -> list[dict[str, str]]:
    """The operator reaches every database, everybody else one."""
    if user == OPERATOR:
        return [{"role": "root", "db": "admin"}]
    return [{"role": "readWrite", "db": database_of(user)}]


def _make_users(ports: Mapping[str, int], passwords: Mapping[str, str]) -> None:
    address = f"mongodb://{LOOPBACK}:{ports['database']}/?replicaSet=secantus"
    with MongoClient[dict[str, Any]](address, serverSelectionTimeoutMS=500, socketTimeoutMS=10_000) as client:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(client):
            if time.monotonic() > deadline:
                raise NotReady("The stand-in database did not start; see its log, database.log.")
        for user, password in passwords.items():
            try:
                client.admin.command("createUser", user, pwd=password, roles=roles_of(user))
            except OperationFailure as error:
                if error.code != USER_EXISTS:
                    raise
                client.admin.command("updateUser", user, pwd=password, roles=roles_of(user))


def _fingerprint(home: Home) -> str:
    known = sorted(secret_files.passwords(home, "database", USERS).items())
    return hashlib.sha256(
        repr([(user, password, roles_of(user)) for user, password in known]).encode()
    ).hexdigest()


def _answers(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    return True


def _open_command(home: Home, ports: Mapping[str, int]) -> list[str]:
    return [
        str(_program()),
        *("--host", LOOPBACK),
        *("--port", str(ports["database"])),
        *("--storage-path", str(home.data / "database" / "store")),
        *("--config", str(home.data / "database" / "secantusd.toml")),
        *("--log-level", "WARNING"),
        "--sync-on-commit",
    ]


def _program() -> Path:
    return Path(sys.prefix) / "bin" / "secantusd-py"
