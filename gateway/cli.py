"""Commands for operators: the API clients of libraries, platforms and partners."""

import click

from gateway.clients import SCOPES_OF_KIND
from gateway.operator_calls import require_node
from gateway.store import ClientStore, ClientUnknown, connect
from libranet.operator_access import connect as connect_operator

KINDS = click.Choice(sorted(SCOPES_OF_KIND))
SCOPES = click.Choice(sorted({scope for scopes in SCOPES_OF_KIND.values() for scope in scopes}))


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
