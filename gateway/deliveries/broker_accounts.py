"""Makes and removes a partner's user and queue at the broker: the private one by its own tool, another one by its
management API (setting PARTNER_AMQP_ADMIN), and where there is no right to either, the operator is told the command.
"""

import json
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import urllib3

from contracts.topology import PARTNER_VHOST
from gateway.deliveries.domain import partner_queue
from libranet import settings
from libranet.local import Platform, broker
from libranet.local.parts import OPERATOR
from libranet.local.refusals import NotRunning

API_SECONDS = 15
GONE = 404
PASSWORD_CHANGED = "the password has changed"  # noqa: S105 - what the disconnected client is told


class NoRightToIt(Exception):
    """Nothing was changed; the text is what a person with the right has to run."""


class AccountsFailed(Exception):
    """The broker refused or did not answer; the text says which."""


class Accounts(Protocol):
    """The users and queues of partners."""

    def put(self, definitions: dict[str, Any]) -> None: ...
    def disconnect(self, node: str) -> None: ...
    def remove(self, node: str) -> None: ...


class PrivateBroker:
    """The node of this machine's platform, by `rabbitmqctl`."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def put(self, definitions: dict[str, Any]) -> None:
        self._control("import_definitions", text=json.dumps(definitions))

    def disconnect(self, node: str) -> None:
        """Ends what was begun with a password that has changed."""
        self._control("close_all_user_connections", partner_queue.user(node), PASSWORD_CHANGED)

    def remove(self, node: str) -> None:
        """Also what is there in part only: an unknown user or queue is one that is gone."""
        for arguments in (("delete_user", partner_queue.user(node)),
                          ("delete_queue", partner_queue.queue(node), "--vhost", PARTNER_VHOST)):
            try:
                self._control(*arguments)
            except AccountsFailed as failure:
                if "not found" not in str(failure).lower() and "does not exist" not in str(failure).lower():
                    raise

    def _control(self, *arguments: str, text: str = "") -> None:
        try:
            broker.control(self._platform.home, self._platform.ports, *arguments, text=text)
        except RuntimeError as failure:
            raise AccountsFailed(str(failure)) from failure


class ManagementApi:
    """Another broker, by the HTTP API of its management plugin: http(s)://user:password@host:15672."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._base = f"{parts.scheme}://{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        self._headers = urllib3.make_headers(basic_auth=f"{parts.username}:{parts.password}")

    def put(self, definitions: dict[str, Any]) -> None:
        self._ask("POST", "/api/definitions", definitions)

    def disconnect(self, node: str) -> None:
        self._ask("DELETE", f"/api/connections/username/{quote(partner_queue.user(node), safe='')}")

    def remove(self, node: str) -> None:
        self._ask("DELETE", f"/api/users/{quote(partner_queue.user(node), safe='')}")
        self._ask("DELETE", f"/api/queues/{quote(PARTNER_VHOST, safe='')}/{quote(partner_queue.queue(node), safe='')}")

    def _ask(self, method: str, path: str, body: Any = None) -> None:
        try:
            answer = urllib3.request(method, self._base + path, json=body, headers=self._headers, timeout=API_SECONDS,
                                     retries=False, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise AccountsFailed(f"the broker's management API does not answer: {type(error).__name__}") from error
        if answer.status >= 300 and not (method == "DELETE" and answer.status == GONE):
            raise AccountsFailed(f"the broker's management API answered {answer.status} to {method} {path}")


class NoAccounts:
    """No right to anything: says what to run where there is."""

    def put(self, definitions: dict[str, Any]) -> None:
        raise NoRightToIt(f"rabbitmqctl import_definitions <<'END'\n{json.dumps(definitions, indent=1)}\nEND")

    def disconnect(self, node: str) -> None:
        raise NoRightToIt(f"rabbitmqctl close_all_user_connections {partner_queue.user(node)} '{PASSWORD_CHANGED}'")

    def remove(self, node: str) -> None:
        raise NoRightToIt(f"rabbitmqctl delete_user {partner_queue.user(node)}\n"
                          f"rabbitmqctl delete_queue {partner_queue.queue(node)} --vhost {PARTNER_VHOST}")


def accounts() -> Accounts:
    """Those of the broker that AMQP_URI names."""
    url = settings.get("PARTNER_AMQP_ADMIN", " ").strip()
    if url:
        return ManagementApi(url)
    platform = Platform()
    try:
        is_private = settings.secret("AMQP_URI") == broker.uri(platform.home, platform.ports, OPERATOR)
    except NotRunning:
        is_private = False
    return PrivateBroker(platform) if is_private else NoAccounts()


def address() -> str:
    """Where partners reach the broker, without an account: PARTNER_AMQP_ADDRESS (amqps://host:5671), else ours."""
    ours = urlsplit(settings.secret("AMQP_URI"))
    port = f":{ours.port}" if ours.port else ""
    return settings.get("PARTNER_AMQP_ADDRESS", f"{ours.scheme}://{ours.hostname}{port}").rstrip("/")


def uri_of(node: str, password: str) -> str:
    """What the partner connects with; shown once."""
    scheme, _, place = address().partition("://")
    account = f"{quote(partner_queue.user(node), safe='')}:{quote(password, safe='')}"
    return f"{scheme}://{account}@{place}/{quote(PARTNER_VHOST, safe='')}"
