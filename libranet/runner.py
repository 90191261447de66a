"""One service as a process: `python -m libranet.runner learning`. Stops clean on SIGTERM or SIGINT.

The service is found by its entry point in the group `libranet.services`. eventlet patches the standard library
before anything else is imported; only service processes do that, never the gateway.
"""

import warnings

warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from importlib.metadata import entry_points  # noqa: E402
from typing import Any  # noqa: E402

from eventlet.hubs import get_hub  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402

from libranet import settings, spans  # noqa: E402
from libranet.health import HEALTH  # noqa: E402
from libranet.logs import configure, log  # noqa: E402

WORKERS = 64
"""Calls in hand at once; the database's pool and the hearers' workers fit in."""


STOP_SECONDS = 19
"""A broker or database that answers nothing must not hold a stop up: what is open is given back and done again."""


def service_class(name: str) -> Any:
    """The class behind a name; raises SystemExit with the known names."""
    found = {each.name: each for each in entry_points(group="libranet.services")}
    if name not in found:
        raise SystemExit(f"No service is called {name!r}. There are: {', '.join(sorted(found))}.")
    return found[name].load()


def run(service: Any) -> None:
    """Runs until a signal; returns after a clean stop, raises what the service died of."""
    configure(service.name)
    spans.begin(service.name)
    HEALTH.expect("process")
    container = ServiceContainer(service, {
        "WEB_SERVER_ADDRESS": settings.get("LISTEN"), "max_workers": WORKERS, "AMQP_URI": "unused://"})

    def stop(_number: int, _frame: Any) -> None:
        eventlet.spawn_n(container.stop)
        get_hub().schedule_call_global(STOP_SECONDS, os._exit, 1)

    container.start()  # before it has started a signal ends the process as it is
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    HEALTH.well("process")
    log().info("the service runs", listen=settings.get("LISTEN"))
    container.wait()
    log().info("the service stopped")


if __name__ == "__main__":
    run(service_class(sys.argv[1]))
