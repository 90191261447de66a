"""The command, the environment and the way of stopping of each process."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from libranet.local import broker, database, environment
from libranet.local.home import Home
from libranet.local.parts import GATEWAY, RUNNERS

DRAIN_SECONDS = 25  # a service finishes its batch within 20


@dataclass(frozen=True)
class Process:
    """One process as the supervisor keeps it."""

    name: str
    command: list[str]
    environment: dict[str, str]
    stop_seconds: int = DRAIN_SECONDS
    stop_signal: signal.Signals = signal.SIGTERM


def process(name: str, home: Home, ports: Mapping[str, int], extra: Mapping[str, str]) -> Process:
    """How `name` is run."""
    if name in RUNNERS:
        return Process(
            name, [sys.executable, "-m", "libranet.runner", name], environment.of(name, home, ports, extra)
        )
    if name == GATEWAY:
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "gateway/gunicorn.conf.py",
            "gateway.app:application",
        ]
        return Process(name, gunicorn, environment.of(name, home, ports, extra))
    basics = environment.basics(os.environ)
    if name == "database":
        told = basics | {"PYTHONUNBUFFERED": "1"}
        return Process(name, database.command(home, ports), told, stop_signal=database.STOP_SIGNAL)
    erlang = basics | broker.environment(home, ports)
    return Process(name, broker.epmd_command(ports) if name == "epmd" else broker.command(), erlang)
