"""How an operator's command reaches a platform: by the environment, else by this machine's own platform."""

import os

import click

from libranet.local import Platform
from libranet.local.refusals import NotRunning


def connect() -> None:
    """Fills the environment with the addresses and secrets of the platform at LIBRANET_HOME, where none are set.

    Raises click.ClickException when neither the environment nor this machine knows a platform.
    """
    if all(os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in ("AMQP_URI", "MONGO_URI")):
        return
    try:
        known = Platform().environment()
    except NotRunning as reason:
        raise click.ClickException(
            f"{reason} Start one (`libranet run`; for a restore `libranet run --stores`), or set AMQP_URI, MONGO_URI "
            "and the secrets of the platform you mean."
        ) from reason
    for name, value in known.items():
        os.environ.setdefault(name, value)
