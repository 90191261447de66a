"""A private RabbitMQ node (3.10 or newer) of the current user, from the Debian package's inner scripts.

Everything listens on the loopback address; users, permissions and the virtual host are loaded from a definitions
file at every start, so no command-line tool (seconds each) is needed. It does not promise a free-disk alarm where
the home's path holds a space: RabbitMQ 3.10 cannot ask for such a path and says so in its log.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from contracts import topology
from libranet.local import secret_files
from libranet.local.declared import Declared, declared_by
from libranet.local.home import Home
from libranet.local.parts import OPERATOR, RUNNERS
from libranet.local.ports import LOOPBACK
from libranet.local.refusals import BrokerMissing, ControlFailed

VHOST = "libranet"
USERS = (*RUNNERS, OPERATOR)
NODE = "libranet@localhost"
SENDERS = ("deliveries",)
"""Who may lay messages into the queues of the partners' virtual host."""
LAYS_IN = {"configure": "^$", "write": r"^amq\.default$", "read": "^$"}
"""By a queue's name, and nothing else: it can neither make a queue there nor read one."""
CONTROL_SECONDS = 60
SCRIPTS = Path("/usr/lib/rabbitmq/bin")


def permissions(service: str) -> dict[str, str]:
    """What the user `service` may configure, write and read, as regular expressions over names of queues and exchanges.

    Its own are those that begin with its name and a dot. Besides, it may declare and bind what it declares at its
    start (the shared exchanges, the queues of those who hear it), and read nobody else's queue. It may not use the
    default exchange (`amq.default`), which would put a message into any queue by its name.
    """
    declared = declared_by(service)
    own = rf"{service}\..*"
    open_to_all = _either({*declared.exchanges})
    told_of = _either({*declared.exchanges, *declared.queues})
    return {
        "configure": f"^({own}|{told_of})$",
        "write": f"^({own}|{told_of})$",
        "read": f"^({own}|{open_to_all})$",
    }


def topic_permissions(service: str) -> dict[str, str]:
    """Which routing keys `service` may publish to the event exchange (its own types) and bind to (every type)."""
    return {"exchange": topology.EXCHANGE, "write": rf"^org\.libranet\.{service}\.", "read": ".*"}


def definitions(passwords: Mapping[str, str]) -> dict[str, Any]:
    """One user for each of `passwords`, what each may do and all that they declare."""
    return {"users": users(passwords), **topology_of([user for user in passwords if user != OPERATOR])}


def users(passwords: Mapping[str, str]) -> list[dict[str, str]]:
    """The users with their passwords as salted hashes."""
    return [_user(name, password) for name, password in passwords.items()]


def topology_of(services: Iterable[str]) -> dict[str, Any]:
    """The virtual hosts, what each of `services` and the operator may do there, and all that they declare."""
    named = list(services)
    return {
        "vhosts": [{"name": VHOST}, {"name": topology.PARTNER_VHOST}],
        "permissions": [
            {"user": OPERATOR, "vhost": VHOST, "configure": ".*", "write": ".*", "read": ".*"},
            *({"user": user, "vhost": VHOST, **permissions(user)} for user in named),
            {"user": OPERATOR, "vhost": topology.PARTNER_VHOST, "configure": ".*", "write": ".*", "read": ".*"},
            *({"user": user, "vhost": topology.PARTNER_VHOST, **LAYS_IN} for user in named if user in SENDERS),
        ],
        "topic_permissions": [{"user": user, "vhost": VHOST, **topic_permissions(user)} for user in named],
        **_topology(reduce(or_, map(declared_by, named))),
    }


def password_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256 form of a password: base64(salt + sha256(salt + password))."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def uri(home: Home, ports: Mapping[str, int], user: str) -> str:
    """The address by which `user` reaches the private node."""
    password = secret_files.passwords(home, "broker", USERS)[user]
    return f"amqp://{user}:{password}@{LOOPBACK}:{ports['broker']}/{VHOST}"


def is_installed() -> bool:
    """Whether the package's scripts and Erlang's epmd are there."""
    return (SCRIPTS / "rabbitmq-server").exists() and shutil.which("epmd") is not None


def require_installed() -> None:
    """Raise BrokerMissing unless a private node can be started."""
    if not is_installed():
        raise BrokerMissing(
            "RabbitMQ is not installed: run `apt-get install rabbitmq-server` as root, or set AMQP_URI to a broker "
            "that runs, for example AMQP_URI=amqp://guest:guest@localhost:5672/."
        )


def prepare(home: Home, ports: Mapping[str, int]) -> None:
    """Write the node's configuration, definitions and cookie."""
    directory = home.data / "broker"
    directory.mkdir(mode=0o700, exist_ok=True)
    secret_files.cookie(home, directory)
    (directory / "enabled_plugins").write_text("[].\n", encoding="utf-8")
    file = directory / "definitions.json"
    file.touch(mode=0o600)
    file.write_text(
        json.dumps(definitions(secret_files.passwords(home, "broker", USERS)), indent=2), encoding="utf-8"
    )
    (directory / "rabbitmq.conf").write_text(_configuration(file, ports["broker"]), encoding="utf-8")


def has_new_queues(home: Home) -> bool:
    """Whether this start declares queues that no start before it saw settled.

    A queue that is younger than about 1.5 s when the node is killed comes back empty, or never (RabbitMQ 3.10), so
    nothing may be published to it before.
    """
    file = _settled_file(home)
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return not set(_declared_queues(home)) <= set(known)


def remember_settled(home: Home) -> None:
    """The queues of the definitions file have rested long enough."""
    _settled_file(home).write_text(json.dumps(_declared_queues(home), indent=2), encoding="utf-8")


def command() -> list[str]:
    """The node's command; with the environment below it becomes the Erlang machine itself, with no shell around it."""
    return [str(SCRIPTS / "rabbitmq-server")]


def epmd_command(ports: Mapping[str, int]) -> list[str]:
    """Erlang's register of node names, in the foreground and on a port of its own, so that none is left behind."""
    return [shutil.which("epmd") or "epmd", "-port", str(ports["epmd"]), "-address", LOOPBACK]


def environment(home: Home, ports: Mapping[str, int]) -> dict[str, str]:
    """The environment of the node and of its command-line tools in `/usr/lib/rabbitmq/bin`."""
    directory = home.data / "broker"
    distribution = ports["distribution"]
    return {
        "HOME": str(directory),  # holds the cookie
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_NODE_PORT": str(ports["broker"]),
        "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home.logs),
        "RABBITMQ_PID_FILE": str(home.run / "broker.pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(
            directory / "absent"
        ),  # else the machine's own node's settings would count
        "RUNNING_UNDER_SYSTEMD": "1",  # one process and a clean SIGTERM; else killing the shell orphans the node
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "ERL_CRASH_DUMP_BYTES": "0",
        # Named from the start, so that RabbitMQ does not try (and half a second later need not) start an epmd.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-sname {NODE} -start_epmd false"
        " -kernel inet_dist_use_interface {127,0,0,1}"
        f" -kernel inet_dist_listen_min {distribution} -kernel inet_dist_listen_max {distribution}",
    }


def control(home: Home, ports: Mapping[str, int], *arguments: str, text: str = "") -> str:
    """What `rabbitmqctl` says to these arguments about the private node, with `text` as its input; takes seconds.

    Raises ControlFailed.
    """
    done = subprocess.run(  # noqa: S603 - the package's own script
        [str(SCRIPTS / "rabbitmqctl"), "--quiet", *arguments], input=text, capture_output=True, text=True,
        env={**os.environ, **environment(home, ports)}, timeout=CONTROL_SECONDS)
    if done.returncode:
        raise ControlFailed(f"rabbitmqctl {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _settled_file(home: Home) -> Path:
    return home.data / "broker" / "settled.json"


def _declared_queues(home: Home) -> list[str]:
    held = json.loads((home.data / "broker" / "definitions.json").read_text(encoding="utf-8"))
    return [queue["name"] for queue in held["queues"]]


def _user(name: str, password: str) -> dict[str, str]:
    algorithm = "rabbit_password_hashing_sha256"
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": algorithm,
        "tags": "",
    }


def _topology(declared: Declared) -> dict[str, list[dict[str, Any]]]:
    kept = {"vhost": VHOST, "durable": True, "auto_delete": False}
    return {
        "exchanges": [
            {"name": name, "type": kind, "internal": False, "arguments": {}, **kept}
            for name, kind in declared.exchanges.items()
        ],
        "queues": [{"name": name, "arguments": found, **kept} for name, found in declared.queues.items()],
        "bindings": [
            {
                "source": exchange,
                "destination": queue,
                "routing_key": key,
                "vhost": VHOST,
                "destination_type": "queue",
                "arguments": {},
            }
            for exchange, queue, key in declared.bindings
        ],
    }


def _either(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names))


def _configuration(definitions_file: Path, port: int) -> str:
    return (
        f"listeners.tcp.default = {LOOPBACK}:{port}\n"
        f"load_definitions = {definitions_file}\n"
        "loopback_users = none\n"
        "log.console = true\n"
        "log.console.level = warning\n"
        "log.file = false\n"
    )
