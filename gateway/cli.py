"""Commands for operators: the org tree and the API clients of libraries, platforms and partners."""

import json
import time
from typing import Any

import click
import urllib3
from joserfc.jwk import OKPKey

from contracts import principal as principals
from contracts.calls import profiles as calls
from gateway.clients import SCOPES_OF_KIND
from gateway.store import ClientStore, ClientUnknown, connect
from libranet import settings
from libranet.ids import new_id
from libranet.operator_access import connect as connect_operator

OPERATOR_SCOPES = ("nodes:read", "nodes:write")
KINDS = click.Choice(sorted(SCOPES_OF_KIND))
SCOPES = click.Choice(sorted({scope for scopes in SCOPES_OF_KIND.values() for scope in scopes}))


@click.group("org")
def org_commands() -> None:
    """The consortium's tree: libraries, branches, partners."""
    connect_operator()


@org_commands.command("new")
@click.argument("slug")
@click.argument("name")
@click.option("--library", "libraries", multiple=True, metavar="SLUG=NAME", help="A member library.")
@click.option("--partner", "partners", multiple=True, metavar="SLUG=NAME", help="A college or employer.")
@click.option("--json", "as_json", is_flag=True, help="Print the keys as JSON.")
def new_consortium(slug: str, name: str, libraries: tuple[str, ...], partners: tuple[str, ...], as_json: bool) -> None:
    """Make a consortium with its libraries and partners, and print their API keys once.

    Each library gets a key for its own systems and one for the learning platforms that report to it; each partner
    gets a key to subscribe with. Nodes that exist already are left as they are.
    """
    _add_node(slug, "consortium", name)
    made: dict[str, dict[str, str]] = {}
    for text in libraries:
        node, title = _below(slug, text)
        _add_node(node, "library", title)
        made[node] = {"key": _new_key(node, "library", title),
                      "platform_key": _new_key(node, "platform", f"Learning platforms of {title}")}
    for text in partners:
        node, title = _below(slug, text)
        _add_node(node, "partner", title)
        made[node] = {"key": _new_key(node, "college", title)}
    _print_keys(made, as_json)


@org_commands.command("add")
@click.argument("node")
@click.argument("kind", type=click.Choice(calls.KINDS))
@click.argument("name")
def add_node(node: str, kind: str, name: str) -> None:
    """Add one NODE, a path like demo.riverside.central; its parent must exist."""
    _add_node(node, kind, name)
    click.echo(f"{node} is a {kind} now.")


@click.group("client")
def client_commands() -> None:
    """API clients: add, list, rotate, revoke."""
    connect_operator()


@client_commands.command("add")
@click.argument("node")
@click.argument("kind", type=KINDS)
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=SCOPES, help="Instead of what the kind usually may do.")
def add_client(node: str, kind: str, name: str, scopes: tuple[str, ...]) -> None:
    """Add an API client that acts for NODE and print its key once."""
    require_node(node)
    client, secret = ClientStore(connect()).add(node, kind, name, scopes or SCOPES_OF_KIND[kind])
    click.echo(f"{client.id}.{secret}")


@client_commands.command("list")
def list_clients() -> None:
    """List the API clients; secrets are not kept and not shown."""
    for each in ClientStore(connect()).list():
        state = "live" if each.enabled else "revoked"
        click.echo(f"{each.id}  {each.node:<32} {each.kind:<9} {state:<8} {len(each.keys)} keys  {each.name}")


@client_commands.command("rotate")
@click.argument("client_id")
def rotate_client(client_id: str) -> None:
    """Print a second key for a client; the older one works until the next rotation."""
    try:
        click.echo(f"{client_id}.{ClientStore(connect()).rotate(client_id)}")
    except ClientUnknown as reason:
        raise click.ClickException(str(reason)) from reason


@client_commands.command("revoke")
@click.argument("client_id")
def revoke_client(client_id: str) -> None:
    """Shut a client out, within ten seconds everywhere."""
    try:
        ClientStore(connect()).revoke(client_id)
    except ClientUnknown as reason:
        raise click.ClickException(str(reason)) from reason
    click.echo(f"{client_id} is shut out.")


def _below(slug: str, text: str) -> tuple[str, str]:
    part, found, title = text.partition("=")
    if not found:
        raise click.ClickException(f"Write SLUG=NAME, like riverside=\"Riverside Public Library\"; not {text!r}.")
    return f"{slug}.{part}", title


def _new_key(node: str, kind: str, name: str) -> str:
    client, secret = ClientStore(connect()).add(node, kind, name, SCOPES_OF_KIND[kind])
    return f"{client.id}.{secret}"


def _print_keys(made: dict[str, dict[str, str]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    click.echo("Keep these keys; they are shown this once.")
    for node, keys in made.items():
        for use, key in keys.items():
            click.echo(f"  {node:<32} {use:<13} {key}")


def _add_node(node: str, kind: str, name: str) -> None:
    """Asks the profiles service."""
    _ask("POST", calls.ADD_NODE.path, node, {"id": node, "kind": kind, "name": name})


def require_node(node: str) -> None:
    """A key for a place that is not there would only be refused later, with less to go by."""
    cursor: str | None = ""
    while cursor is not None:
        page = _ask("GET", calls.LIST_NODES.path + f"?limit=200{cursor and f'&cursor={cursor}'}", node)
        if node in (each["id"] for each in page["items"]):
            return
        cursor = page["next"]
    raise click.ClickException(f"There is no node {node}; add it first (`libranet org add`).")


def _ask(method: str, target: str, node: str, body: dict[str, str] | None = None) -> Any:
    """The profiles service's answer to an operator of the node's consortium; asks again while it starts."""
    key = OKPKey.import_key(settings.secret("PRINCIPAL_PRIVATE_KEY"))
    for attempt in range(5):
        principal = principals.Principal(actor="operator", kind="operator", node=node.split(".")[0],
                                         scopes=OPERATOR_SCOPES, request_id=new_id())
        response = _send(method, target, body, {principals.HEADER: principals.sign(principal, key)})
        if response is not None and response.status != 503:
            break
        time.sleep(0.5 * (attempt + 1))
    if response is None:
        raise click.ClickException("The profiles service does not answer; is the platform running (`libranet status`)?")
    if response.status >= 300:
        raise click.ClickException(_words(response.data))
    return response.json()


def _send(method: str, target: str, body: dict[str, str] | None,
          headers: dict[str, str]) -> urllib3.BaseHTTPResponse | None:
    try:
        return urllib3.request(method, settings.get("PROFILES_URL") + target, json=body, headers=headers, timeout=10,
                               retries=False)
    except urllib3.exceptions.HTTPError:
        return None


def _words(data: bytes) -> str:
    problem: dict[str, Any] = json.loads(data)
    return f"{problem.get('title')}: {problem.get('detail')}"
