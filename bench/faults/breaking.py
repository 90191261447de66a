"""A service's process that breaks where it is told to: `python -m bench.faults.breaking SERVICE`.

In place of the supervised one. Settings: FAULT_PLACE (one of PLACES) and FAULT_SIGNAL, which it sends to itself when it
comes there after SIGUSR1; FAULT_CLOCK_SECONDS, by which its clock jumps at SIGUSR1; FAULT_GREEDY, for a relay that
always believes that it holds the lease.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from libranet import clock

_armed = False
_real_now = clock.now


def _jumped() -> datetime:
    return _real_now() + timedelta(seconds=int(os.environ.get("FAULT_CLOCK_SECONDS", 0)) if _armed else 0)


clock.now = _jumped  # before anybody imports the name

# isort: split
from libranet import runner  # noqa: E402 - patches the standard library

# isort: split
from amqp import Channel  # noqa: E402

from gateway.deliveries import sender  # noqa: E402
from libranet import broker, lease, mongo, relay  # noqa: E402

BEFORE, AFTER = "before", "after"
PLACES: dict[str, tuple[Any, str, str]] = {
    "before-commit": (mongo, "_commit", BEFORE), "after-commit": (mongo, "_commit", AFTER),
    "before-publish": (broker.Publisher, "publish", BEFORE), "before-confirm": (broker.Publisher, "wait", BEFORE),
    "after-confirm": (broker.Publisher, "wait", AFTER), "after-archive": (relay.Relay, "_archive", AFTER),
    "before-ack": (Channel, "basic_ack", BEFORE), "after-ack": (Channel, "basic_ack", AFTER),
    "before-post": (sender, "attempt", BEFORE), "after-post": (sender, "attempt", AFTER),
}


def _arm(*_: object) -> None:
    global _armed
    _armed = True


def _break() -> None:
    """Once, where it is armed."""
    global _armed
    if _armed:
        _armed = False
        os.kill(os.getpid(), signal.Signals[os.environ["FAULT_SIGNAL"]])


def _broken(step: Callable[..., Any], when: str) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        if when == BEFORE:
            _break()
        result = step(*arguments, **named)
        if when == AFTER:
            _break()
        return result
    return run


def main() -> None:
    """Runs the service that the command line names."""
    if place := os.environ.get("FAULT_PLACE"):
        owner, name, when = PLACES[place]
        setattr(owner, name, _broken(getattr(owner, name), when))
    if os.environ.get("FAULT_GREEDY"):
        lease.Lease.is_held = lambda _self: True  # type: ignore[method-assign]
    signal.signal(signal.SIGUSR1, _arm)
    runner.run(runner.service_class(sys.argv[1]))


if __name__ == "__main__":
    main()
