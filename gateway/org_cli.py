"""Commands for operators: the org tree, what its nodes decide, and who may do what at them."""

import json
from datetime import UTC, datetime, time
from typing import Any

import click

from contracts.calls import org as calls
from contracts.places import is_within
from gateway.clients import SCOPES_OF_KIND
from gateway.operator_calls import all_items, ask
from gateway.store import ClientStore, connect
from libranet.operator_access import connect as connect_operator

LAST_MOMENT = time(23, 59, 59, tzinfo=UTC)


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


@org_commands.command("show")
@click.argument("node")
def show_node(node: str) -> None:
    """Show NODE and all below it, with the roles that count now."""
    places = [each for each in all_items(calls.LIST_NODES, node) if is_within(each["id"], node)]
    if not places:
        raise click.ClickException(f"There is no node {node}; `libranet org add` adds one.")
    for place in places:
        indent = "  " * (place["id"].count(".") - node.count("."))
        click.echo(f"{indent}{place['id']}  {place['kind']}  {place['name']}")
        for grant in all_items(calls.LIST_ROLES, node, node=place["id"]):
            if grant["holds"]:
                click.echo(f"{indent}  {grant['role']}: {grant['holder']} until {grant['ends_at']}")


@org_commands.command("settings")
@click.argument("node")
def show_settings(node: str) -> None:
    """Show every setting as it counts at NODE, where it comes from and who locked it."""
    for each in ask(calls.GET_NODE_SETTINGS, node, node=node)["settings"]:
        origin = f"from {each['set_at']}" if each["set_at"] else "the default"
        lock = f", locked by {each['locked_by']}" if each["locked_by"] else ""
        click.echo(f"{each['name']} = {json.dumps(each['value'])}  ({origin}{lock})")
        click.echo(f"    {each['meaning']} It is {each['type']}.")


@org_commands.command("set")
@click.argument("node")
@click.argument("name")
@click.argument("value")
@click.option("--lock/--unlock", "locked", default=None, help="Whether nodes below may set it.")
def set_setting(node: str, name: str, value: str, locked: bool | None) -> None:
    """Set NAME to VALUE (JSON, or plain text) at NODE and all below it."""
    _put_setting(node, name, _read(value), locked)


@org_commands.command("lock")
@click.argument("node")
@click.argument("name")
@click.option("--open", "opened", is_flag=True, help="Take the lock away.")
def lock_setting(node: str, name: str, opened: bool) -> None:
    """Let NAME count at all nodes below NODE as it does there; nobody below may set it."""
    known = {each["name"]: each for each in ask(calls.GET_NODE_SETTINGS, node, node=node)["settings"]}
    if name not in known:
        raise click.ClickException(f"There is no setting {name}. There are {', '.join(known)}.")
    _put_setting(node, name, known[name]["value"], not opened)


@org_commands.command("unset")
@click.argument("node")
@click.argument("name")
def unset_setting(node: str, name: str) -> None:
    """Inherit NAME from above again."""
    _tell(node, ask(calls.UNSET_NODE_SETTING, node, node=node, setting=name))


@org_commands.command("grant")
@click.argument("node")
@click.argument("role", type=click.Choice(calls.ROLES))
@click.argument("holder")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day, like 2027-06-30 (UTC).")
def grant_role(node: str, role: str, holder: str, until: datetime) -> None:
    """Grant ROLE at NODE to HOLDER, the id of an API client or of a patron.

    They act in it, at NODE, in requests with the header Libranet-Acting-As: ROLE@NODE. A client of NODE or of a node
    below it has what the role opens without the header, too.
    """
    ends_at = datetime.combine(until.date(), LAST_MOMENT).isoformat()
    granted = ask(calls.GRANT_ROLE, node, {"ends_at": ends_at}, node=node, role=role, holder=holder)
    click.echo(f"{holder} is {role} at {node} until {granted['ends_at']}.")


@org_commands.command("end")
@click.argument("node")
@click.argument("role", type=click.Choice(calls.ROLES))
@click.argument("holder")
def end_role(node: str, role: str, holder: str) -> None:
    """End a role now; it counts no more within seconds."""
    ask(calls.END_ROLE, node, node=node, role=role, holder=holder)
    click.echo(f"{holder} is not {role} at {node} any more.")


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
    ask(calls.ADD_NODE, node, {"id": node, "kind": kind, "name": name})


def _put_setting(node: str, name: str, value: Any, locked: bool | None) -> None:
    body = {"value": value} if locked is None else {"value": value, "locked": locked}
    _tell(node, ask(calls.SET_NODE_SETTING, node, body, node=node, setting=name))


def _tell(node: str, setting: dict[str, Any]) -> None:
    lock = f", locked by {setting['locked_by']}" if setting["locked_by"] else ""
    click.echo(f"{setting['name']} is {json.dumps(setting['value'])} at {node}{lock}.")


def _read(value: str) -> Any:
    """As JSON where it is some; America/Chicago needs no quotes."""
    try:
        return json.loads(value)
    except ValueError:
        return value
