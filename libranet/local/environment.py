"""What each process of the platform is told: addresses, its own accounts, and only the secrets it needs.

A process gets nothing else from the caller's environment than the machine's basics and the settings listed here.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from libranet.local import broker, database, secret_files
from libranet.local.home import Home
from libranet.local.parts import GATEWAY, OPERATOR, RUNNERS
from libranet.local.ports import LOOPBACK

BASICS = (
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)

# Settings of ours that pass from the caller to a process: a whole name, or with a trailing underscore every name
# that begins so. A service is also passed what begins with its own name.
SETTINGS_OF_ALL = ("LIBRANET_", "LOG_", "QUARANTINE_", "OTEL_")
SETTINGS_OF: Mapping[str, tuple[str, ...]] = {
    "profiles": ("BACKUP_DAYS",),
    "deliveries": ("WEBHOOK_", "PARTNER_"),
    "jobs": ("FEED_",),
    "credentials": ("STATUS_ALLOWED_NETWORKS", "VERIFY_ALLOWED_NETWORKS"),
    GATEWAY: ("WEBHOOK_", "RATE_", "SESSION_", "WEB_CONCURRENCY", "PLATFORM_NAME", "PRIVACY_POLICY_URL",
              "TERMS_OF_SERVICE_URL"),
    OPERATOR: ("WEBHOOK_", "PARTNER_"),
}
MARKS = ("LIBRANET_HOME", "LIBRANET_PART")  # they say whose process it is; never taken from the caller
OUTSIDE = ("AMQP_URI", "MONGO_URI", "PUBLIC_URL")  # where set: somebody else's broker, database, front door

EVERYBODY = ("PRINCIPAL_PUBLIC_KEYS", "ID_KEY")
SECRETS_OF: Mapping[str, tuple[str, ...]] = {
    "profiles": ("CARD_KEY", "CARD_KEK", "RECEIPT_KEYS"),
    "credentials": ("CREDENTIALS_KEK",),
    "analytics": ("PSEUDONYM_KEY",),
    "deliveries": ("WEBHOOK_KEK",),
    GATEWAY: ("PRINCIPAL_PRIVATE_KEY", "WEBHOOK_KEK", "SIGN_IN_KEK"),
    OPERATOR: ("PRINCIPAL_PRIVATE_KEY", "RECEIPT_KEYS", "CREDENTIALS_KEK", "PSEUDONYM_KEY", "WEBHOOK_KEK",
               "SIGN_IN_KEK"),
}
WHILE_EXCHANGED: Mapping[str, tuple[str, ...]] = dict.fromkeys(("credentials", OPERATOR), ("CREDENTIALS_KEK_PREVIOUS",))
"""Given where there is such a file, which a person lays down (docs/issuers.md)."""


def of(process: str, home: Home, ports: Mapping[str, int], extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of one process (or of the operator's commands); `extra` has the last word."""
    told = basics(os.environ) | passed_on(process, os.environ) | addresses(ports)
    told |= {"LIBRANET_HOME": str(home.path), "PYTHONUNBUFFERED": "1"}
    if process in ports:
        told["LISTEN"] = f"{LOOPBACK}:{ports[process]}"
    told |= _accounts(process, home, ports)
    told |= {f"{name}_FILE": str(file) for name, file in secrets_of(process, home).items()}
    return told | dict(extra)


def secrets_of(process: str, home: Home) -> dict[str, Path]:
    """The files of the secrets that the process is given, by their settings' names."""
    always = {name: secret_files.path_of(home, name) for name in (*EVERYBODY, *SECRETS_OF.get(process, ()))}
    exchanged = {name: secret_files.path_of(home, name) for name in WHILE_EXCHANGED.get(process, ())}
    return always | {name: file for name, file in exchanged.items() if file.exists()}


def basics(caller: Mapping[str, str]) -> dict[str, str]:
    """What every program of this machine expects to find."""
    return {name: caller[name] for name in BASICS if name in caller}


def passed_on(process: str, caller: Mapping[str, str]) -> dict[str, str]:
    """Those of the caller's settings that `process` reads."""
    known = (*SETTINGS_OF_ALL, f"{process.upper()}_", *SETTINGS_OF.get(process, ()))
    return {name: value for name, value in caller.items() if name not in MARKS and _is_one_of(name, known)}


def addresses(ports: Mapping[str, int]) -> dict[str, str]:
    """Where everybody listens; `PUBLIC_URL` is the gateway as the outside sees it."""
    gateway = ports[GATEWAY]
    found = {f"{name.upper()}_URL": f"http://{LOOPBACK}:{ports[name]}" for name in RUNNERS}
    return found | {"GATEWAY_PORT": str(gateway), "PUBLIC_URL": f"http://{LOOPBACK}:{gateway}"}


def remember_outside(home: Home, caller: Mapping[str, str]) -> dict[str, str]:
    """Write down what the platform uses of others, so that a later command finds it whatever its own environment."""
    used = {name: caller[name] for name in OUTSIDE if caller.get(name)}
    file = _outside_file(home)
    file.touch(mode=0o600)
    file.write_text(json.dumps(used, indent=2) + "\n", encoding="utf-8")
    return used


def _outside(home: Home) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_outside_file(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _outside_file(home: Home) -> Path:
    return home.run / "outside.json"


def _accounts(process: str, home: Home, ports: Mapping[str, int]) -> dict[str, str]:
    """The process's own users at the private broker and database, or the addresses of somebody else's."""
    outside = _outside(home)
    found = {"PUBLIC_URL": outside["PUBLIC_URL"]} if "PUBLIC_URL" in outside else {}
    if process in broker.USERS:
        found["AMQP_URI"] = outside.get("AMQP_URI") or broker.uri(home, ports, process)
    if process in database.USERS:
        found["MONGO_URI"] = outside.get("MONGO_URI") or database.uri(home, ports, process)
    return found


def _is_one_of(name: str, known: tuple[str, ...]) -> bool:
    return any(name == each or (each.endswith("_") and name.startswith(each)) for each in known)
