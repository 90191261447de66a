"""What each process of the platform is told: addresses, its own accounts, and only the secrets it needs.

A process gets nothing else from the caller's environment than the machine's basics and the settings listed here.
"""

import os
from collections.abc import Mapping

from libranet.local import broker, database, secret_files
from libranet.local.home import Home
from libranet.local.parts import GATEWAY, OPERATOR, RUNNERS
from libranet.local.ports import LOOPBACK

# Settings that pass from the caller to every process: a name itself, or with a trailing underscore every name
# that begins so.
PASSED_ON = (
    "LIBRANET_",
    "LOG_",
    "EVENTS_",
    "OUTBOX_",
    "WEBHOOK_",
    "GATEWAY_",
    "QUARANTINE_",
    "PUBLIC_URL",
    "TIME_ZONE",
    *(f"{name.upper()}_" for name in RUNNERS),
)
BASICS = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
NEVER_PASSED_ON = ("LIBRANET_HOME", "LIBRANET_PART")  # they say whose process it is; set here alone

EVERYBODY = ("PRINCIPAL_PUBLIC_KEYS", "ID_KEY")
SECRETS_OF: Mapping[str, tuple[str, ...]] = {
    "credentials": ("CREDENTIALS_KEK",),
    "analytics": ("PSEUDONYM_KEY",),
    "deliveries": ("WEBHOOK_KEK",),
    GATEWAY: ("PRINCIPAL_PRIVATE_KEY", "WEBHOOK_KEK"),
    OPERATOR: ("PRINCIPAL_PRIVATE_KEY", "CREDENTIALS_KEK", "PSEUDONYM_KEY", "WEBHOOK_KEK"),
}


def passed_on(caller: Mapping[str, str]) -> dict[str, str]:
    """What of the caller's environment every process of ours sees."""
    return {
        name: value
        for name, value in caller.items()
        if name in BASICS or (_is_ours(name) and name not in NEVER_PASSED_ON)
    }


def addresses(ports: Mapping[str, int]) -> dict[str, str]:
    """Where everybody listens; `PUBLIC_URL` is the gateway as the outside sees it."""
    gateway = ports[GATEWAY]
    found = {f"{name.upper()}_URL": f"http://{LOOPBACK}:{ports[name]}" for name in RUNNERS}
    return found | {"GATEWAY_PORT": str(gateway), "PUBLIC_URL": f"http://{LOOPBACK}:{gateway}"}


def of(process: str, home: Home, ports: Mapping[str, int], extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of one process (or of the operator's commands); `extra` has the last word."""
    told = addresses(ports) | passed_on(os.environ)
    told |= {"LIBRANET_HOME": str(home.path), "PYTHONUNBUFFERED": "1", "GATEWAY_PORT": str(ports[GATEWAY])}
    told |= _accounts(process, home, ports)
    if process in ports:
        told["LISTEN"] = f"{LOOPBACK}:{ports[process]}"
    for name in (*EVERYBODY, *SECRETS_OF.get(process, ())):
        told[f"{name}_FILE"] = str(secret_files.path_of(home, name))
    return told | dict(extra)


def _accounts(process: str, home: Home, ports: Mapping[str, int]) -> dict[str, str]:
    """The process's own users at the private broker and database, or the addresses that the caller set."""
    found: dict[str, str] = {}
    if process in broker.USERS:
        found["AMQP_URI"] = os.environ.get("AMQP_URI") or broker.uri(home, ports, process)
    if process in database.USERS:
        found["MONGO_URI"] = os.environ.get("MONGO_URI") or database.uri(home, ports, process)
    return found


def _is_ours(name: str) -> bool:
    return any(name == known or (known.endswith("_") and name.startswith(known)) for known in PASSED_ON)
