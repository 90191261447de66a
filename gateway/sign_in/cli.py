"""Commands for operators about signing in: which private networks it may reach, and tests of libraries' systems."""

from pathlib import Path
from typing import Any

import click

from contracts.calls import cards
from gateway.operator_calls import ask
from gateway.sign_in.providers import ProviderStore
from gateway.store import connect
from libranet.operator_access import connect as connect_operator


@click.group("card-connection")
def card_commands() -> None:
    """Libraries' own systems, which check cards and PINs."""
    connect_operator()


@card_commands.command("test")
@click.argument("node")
@click.option("--card", help="The number of a test card; without it the test goes as far as the system's status.")
@click.option("--pin-file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with that card's PIN: a command line can be read by others on this machine.")
@click.pass_context
def test_connection(context: click.Context, node: str, card: str | None, pin_file: Path | None) -> None:
    """Test NODE's connection step by step. No card, PIN, name or secret is shown. Exits with 1 where a step failed."""
    if (card is None) != (pin_file is None):
        raise click.UsageError("Give --card and --pin-file together, or neither.")
    body = {"card": card, "pin": pin_file.read_text(encoding="utf-8").strip("\r\n")} if card and pin_file else {}
    told = ask(cards.TEST_CARD_CONNECTION, node, body, node=node)
    for step in told["steps"]:
        show(step)
    click.echo("It works." if told["works"] else "It does not work.")
    context.exit(0 if told["works"] else 1)


@card_commands.command("show")
@click.argument("node")
def show_connection(node: str) -> None:
    """Show how NODE's system is connected, without its secrets."""
    for name, value in ask(cards.GET_CARD_CONNECTION, node, node=node).items():
        click.echo(f"{name:<18}{value}")


@card_commands.command("allow")
@click.argument("node")
@click.argument("network")
def allow_system(node: str, network: str) -> None:
    """Let NODE's card connection go to a NETWORK (like 10.20.0.0/16) that is not public."""
    click.echo(f"Card connections of {node} may reach {_change_cards(node, network, True)} now.")


@card_commands.command("disallow")
@click.argument("node")
@click.argument("network")
def disallow_system(node: str, network: str) -> None:
    """Take that back, from the next sign-in on."""
    click.echo(f"Card connections of {node} may reach {_change_cards(node, network, False)} now.")


@click.group("sign-in-provider")
def provider_commands() -> None:
    """Libraries' identity providers (OpenID Connect)."""
    connect_operator()


@provider_commands.command("allow")
@click.argument("node")
@click.argument("network")
def allow_provider(node: str, network: str) -> None:
    """Let sign-ins of NODE ask a provider in a NETWORK that is not public, over http too."""
    click.echo(f"Sign-ins of {node} may reach {_change_provider(node, network, True)} now.")


@provider_commands.command("disallow")
@click.argument("node")
@click.argument("network")
def disallow_provider(node: str, network: str) -> None:
    """Take that back, from the next sign-in on."""
    click.echo(f"Sign-ins of {node} may no longer reach {_change_provider(node, network, False)}.")


def show(step: dict[str, Any]) -> None:
    """One step, its messages below it."""
    marks = {"ok": "good   ", "failed": "FAILED ", "skipped": "left out"}
    click.echo(f"{marks[step['outcome']]:<9}{step['name']:<9}{step['milliseconds']:>8} ms  {step['note']}".rstrip())
    for direction in ("sent", "got"):
        if step[direction]:
            click.echo(f"{'':<9}{direction}: {step[direction]}")


def _change_cards(node: str, network: str, allowed: bool) -> str:
    told = ask(cards.ALLOW_CARD_NETWORK, node, {"network": network, "allowed": allowed}, node=node)
    return ", ".join(told["networks"]) or "public addresses only"


def _change_provider(node: str, network: str, allowed: bool) -> str:
    try:
        return ProviderStore(connect()).allow_network(node, network, allowed)
    except ValueError as reason:
        raise click.ClickException(f"Write a network like 10.20.0.0/16: {reason}") from reason
