"""The steps of a start: what is made before the supervisor runs, and what has to wait the first time.

A later start has no order: everything begins at once and waits for what it needs. On the first start of a home (or
of a release with new queues) the database's users are made while the broker starts, and whoever publishes waits
until the new queues have settled.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from socket import socket

from libranet.broker import SETTLE_SECONDS
from libranet.local import broker, commands, database, environment, ports, secret_files, supervise
from libranet.local.home import Home
from libranet.local.parts import EXTERNAL, GATEWAY, STORES, processes_of
from libranet.local.refusals import PortTaken


@dataclass(frozen=True)
class Plan:
    """Which processes there are, and what has to be done first. `claim` is closed when all listen (ports.py)."""

    processes: tuple[str, ...]
    claim: socket
    lacks_users: bool
    has_new_queues: bool

    @property
    def later(self) -> tuple[str, ...]:
        """The processes that the supervisor does not start by itself this time."""
        others = tuple(name for name in self.processes if self.has_new_queues and name not in STORES)
        return ("database", *others) if self.lacks_users else others


def prepare(
    home: Home, parts: Iterable[str], gateway_port: int, caller: Mapping[str, str], extra: Mapping[str, str]
) -> Plan:
    """Choose ports, make secrets and configuration; raises CannotStart when something is missing or taken."""
    outside = environment.remember_outside(home, caller)
    processes = processes_of(part for part in parts if EXTERNAL.get(part) not in outside)
    _require(processes, gateway_port)
    secret_files.make_keys(home)
    chosen, claim = ports.choose(home, gateway_port)
    if "broker" in processes:
        broker.prepare(home, chosen)
    plan = Plan(
        processes,
        claim,
        lacks_users="database" in processes and not database.is_prepared(home),
        has_new_queues="broker" in processes and broker.has_new_queues(home),
    )
    kept = [commands.process(name, home, chosen, extra) for name in processes]
    supervise.write(home, kept, plan.later)
    return plan


def start_later(home: Home, plan: Plan, wait_for_broker: Callable[[], None]) -> None:
    """Start what the supervisor left to us; returns when it lives, which is before it is ready."""
    if not (plan.lacks_users or plan.has_new_queues):
        return
    control = supervise.Control(home)
    control.wait_ready()
    if plan.lacks_users:
        database.prepare(home, ports.remembered(home))
        control.start("database")
    if plan.has_new_queues:
        wait_for_broker()
        time.sleep(SETTLE_SECONDS)
        broker.remember_settled(home)
    for name in plan.later:
        control.start(name)


def _require(processes: Iterable[str], gateway_port: int) -> None:
    if "broker" in processes:
        broker.require_installed()
    if "database" in processes:
        database.require_installed()
    if GATEWAY in processes and gateway_port and not ports.is_free(gateway_port):
        raise PortTaken(
            f"Port {gateway_port} is taken by another program: set GATEWAY_PORT to a free one, "
            f"for example GATEWAY_PORT={gateway_port + 1} make run."
        )
