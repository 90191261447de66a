"""`libranet deployment`: what a deployment with containers needs besides its manifests, made from what the code says.

`secrets` writes a folder for each process with exactly the files that it may read, one for the broker and one for the
database. The originals lie in `DIR/secrets`, are made once and never overwritten; the folders are made anew from them.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import click

from contracts import topology
from libranet.local import broker, database, secret_files
from libranet.local.environment import secrets_of
from libranet.local.home import Home
from libranet.local.parts import OPERATOR, RUNNERS

AUTOSCALER = "autoscaler"
"""Asks the broker how much waits in a queue, which takes no right beyond entering the virtual host."""
ENTERS = {"configure": "^$", "write": "^$", "read": "^$"}
BROKER_USERS = (*RUNNERS, OPERATOR, AUTOSCALER)
DATABASE_KEY = "DATABASE_KEY"
"""What the members of the replica set know each other by."""
READABLE = 0o444
"""A container's user is none of the machine's; the folder around these files keeps everybody else out."""


def broker_topology() -> dict[str, Any]:
    """What the broker holds besides its users' passwords: virtual hosts, permissions, exchanges, queues, bindings."""
    found = broker.topology_of(RUNNERS)
    found["permissions"].append({"user": AUTOSCALER, "vhost": broker.VHOST, **ENTERS})
    found["policies"] = [_looked_at_often()]
    return found


def _looked_at_often() -> dict[str, Any]:
    """RabbitMQ 4 drops what was given back 20 times; `libranet events dead` gives back whatever it shows."""
    return {"name": "dead-letters", "vhost": broker.VHOST, "pattern": f"^{topology.DEAD_QUEUE.replace('.', '[.]')}$",
            "apply-to": "queues", "priority": 0, "definition": {"delivery-limit": topology.DELIVERY_LIMIT}}


class NotOurs(click.ClickException):
    """The folders below are made anew each time, so they must not be somebody else's."""


def write_secrets(target: Path, amqp: str, mongo: str) -> list[str]:
    """Writes the folders below `target`, and what is missing of the originals; gives the folders' names.

    Raises NotOurs for a directory that holds anything but the secrets of a deployment.
    """
    home = _home(target)
    secret_files.make_keys(home)
    secret_files.make_random_key(home, DATABASE_KEY)
    at_broker = secret_files.passwords(home, "broker", BROKER_USERS)
    at_database = secret_files.passwords(home, "database", database.USERS)
    uris = {"amqp-uri": {user: _with_account(amqp, user, word) for user, word in at_broker.items()},
            "mongo-uri": {user: _with_account(mongo, user, word) for user, word in at_database.items()}}
    folders = {user: _accounts(user, uris) | _keys(user, home) for user in database.USERS}
    folders[AUTOSCALER] = _accounts(AUTOSCALER, uris)
    folders["broker"] = {"users.json": json.dumps({"users": broker.users(at_broker)}, indent=2)}
    folders["database"] = _database_files(home, at_database)
    for name, files in folders.items():
        _write(home.path / name, files)
    return sorted(folders)


def _home(target: Path) -> Home:
    home = Home.at(target)
    if home.path.exists() and any(home.path.iterdir()) and not secret_files.has_passwords(home):
        raise NotOurs(f"{home.path} holds something else; name an empty directory, or one that does not exist.")
    for folder in (home.path, home.secrets):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def _accounts(user: str, uris: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {file: by_user[user] for file, by_user in uris.items() if user in by_user}


def _keys(user: str, home: Home) -> dict[str, str]:
    return {file_name(name): file.read_text(encoding="utf-8") for name, file in secrets_of(user, home).items()}


def _database_files(home: Home, passwords: Mapping[str, str]) -> dict[str, str]:
    """The users for the script that makes them, and each password by itself for an operator of replica sets."""
    users = [{"user": user, "pwd": password, "roles": database.roles_of(user)} for user, password in passwords.items()]
    files = {f"{user}-password": password for user, password in passwords.items()}
    key = secret_files.path_of(home, DATABASE_KEY).read_text(encoding="utf-8")
    return files | {"users.json": json.dumps(users, indent=2), "key": key}


def file_name(setting: str) -> str:
    """The file in which a process finds a secret setting."""
    return setting.lower().replace("_", "-")


def _with_account(address: str, user: str, password: str) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{parts.netloc}").geturl()


def _write(folder: Path, files: Mapping[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for name, text in files.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        file.chmod(READABLE)


@click.group("deployment")
def deployment_commands() -> None:
    """What docker-compose.yml and deploy/k8s need besides themselves."""


@deployment_commands.command("secrets")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--broker", "amqp", default="amqp://broker:5672/libranet", show_default=True, help="Its address.")
@click.option("--database", "mongo", default="mongodb://database:27017/?replicaSet=libranet&authSource=admin",
              show_default=True, help="Its address.")
def secrets(target: Path, amqp: str, mongo: str) -> None:
    """Write all secrets of a deployment below TARGET, a folder for each process.

    What is there already stays: repeat it after a change in TARGET/secrets, or for another address.
    """
    click.echo("\n".join(write_secrets(target, amqp, mongo)))


@deployment_commands.command("topology")
def print_topology() -> None:
    """Print what the broker has to hold: virtual hosts, permissions, exchanges, queues (no secrets)."""
    click.echo(json.dumps(broker_topology(), indent=2))
