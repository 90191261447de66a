"""Commands for developers: record event schemas as published, make the AsyncAPI document."""

from pathlib import Path

import click
import yaml

from contracts import asyncapi, compatibility
from contracts.event_types import all_types

ASYNCAPI = Path(__file__).parent / "asyncapi.yaml"


@click.group("contracts")
def contract_commands() -> None:
    """Event contracts: publish them, make contracts/asyncapi.yaml."""


def asyncapi_text() -> str:
    """The AsyncAPI document as it is committed."""
    return yaml.safe_dump(asyncapi.document(), sort_keys=False, allow_unicode=True, width=110)


@contract_commands.command("build")
def build() -> None:
    """Write contracts/asyncapi.yaml from contracts/events/."""
    ASYNCAPI.write_text(asyncapi_text(), encoding="utf-8")
    click.echo(f"wrote {ASYNCAPI.name}")


@contract_commands.command("publish")
def publish() -> None:
    """Record today's schemas as published. Refuses when one would break a hearer of its last version."""
    reasons = compatibility.publish({name: each.schema for name, each in all_types().items()})
    if reasons:
        raise click.ClickException("A new major version (a new file, .v2) is needed:\n" + "\n".join(reasons))
    click.echo(f"{len(all_types())} event types are published")
