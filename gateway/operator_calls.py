"""Calls that an operator's command makes to profiles: as an operator of the consortium, straight to the service."""

import json
import time
from typing import Any
from urllib.parse import quote

import click
import urllib3
from joserfc.jwk import OKPKey

from contracts import principal as principals
from contracts.call import Call
from contracts.calls import org as calls
from contracts.places import consortium_of
from libranet import settings
from libranet.ids import new_id

OPERATOR_SCOPES = ("nodes:read", "nodes:write", "settings:read", "networks:write")


def ask(call: Call, at: str, /, body: dict[str, Any] | None = None, query: str = "", **path: str) -> Any:
    """The profiles service's answer to an operator of the consortium of the node `at`; asks again while it starts.

    Raises click.ClickException with the words of a refusal.
    """
    target = call.target(path) + query
    key = OKPKey.import_key(settings.secret("PRINCIPAL_PRIVATE_KEY"))
    for attempt in range(5):
        principal = principals.Principal(actor="operator", kind="operator", node=consortium_of(at),
                                         scopes=OPERATOR_SCOPES, request_id=new_id())
        response = _send(call.method, target, body, {principals.HEADER: principals.sign(principal, key)})
        if response is not None and response.status != 503:
            break
        time.sleep(0.5 * (attempt + 1))
    if response is None:
        raise click.ClickException("The profiles service does not answer; is the platform running (`libranet status`)?")
    if response.status >= 300:
        raise click.ClickException(_words(response.data))
    return response.json()


def all_items(call: Call, at: str, /, **path: str) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(call, at, None, f"?limit=200{cursor and f'&cursor={quote(cursor)}'}", **path)
        found += page["items"]
        cursor = page["next"]
    return found


def require_node(node: str) -> None:
    """A key for a place that is not there would only be refused later, with less to go by."""
    if node not in (each["id"] for each in all_items(calls.LIST_NODES, node)):
        raise click.ClickException(f"There is no node {node}; add it first (`libranet org add`).")


def _send(method: str, target: str, body: dict[str, Any] | None,
          headers: dict[str, str]) -> urllib3.BaseHTTPResponse | None:
    try:
        return urllib3.request(method, settings.get("PROFILES_URL") + target, json=body, headers=headers, timeout=10,
                               retries=False)
    except urllib3.exceptions.HTTPError:
        return None


def _words(data: bytes) -> str:
    problem: dict[str, Any] = json.loads(data)
    return f"{problem.get('title')}: {problem.get('detail')}"
