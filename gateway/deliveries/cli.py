"""Commands for operators about partners: which private networks their webhooks may reach."""

import click

from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.store import connect
from libranet.operator_access import connect as connect_operator


@click.group("partner")
def partner_commands() -> None:
    """Partner colleges and employers: where their webhooks may go."""
    connect_operator()


@partner_commands.command("allow")
@click.argument("node")
@click.argument("network")
def allow(node: str, network: str) -> None:
    """Let NODE's webhooks go to a NETWORK (like 127.0.0.0/8) that is not public."""
    click.echo(f"Webhooks of {node} may reach {_change('allow', node, network)} now.")


@partner_commands.command("disallow")
@click.argument("node")
@click.argument("network")
def disallow(node: str, network: str) -> None:
    """Take that back; it holds from the next attempt on."""
    _change("disallow", node, network)
    click.echo(f"Webhooks of {node} may no longer reach {network}.")


def _change(change: str, node: str, network: str) -> str:
    store = SubscriptionStore(connect())
    try:
        if change == "allow":
            return store.allow_network(node, network)
        store.disallow_network(node, network)
    except ValueError as reason:
        raise click.ClickException(f"Write a network like 127.0.0.0/8: {reason}") from reason
    return network
