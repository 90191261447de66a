"""The platform's relay alone: publishes what lies in the outbox, waits for confirms, moves it to the archive."""

from libranet import runner  # patches the standard library first

# isort: split
from nameko.extensions import DependencyProvider

from bench.contenders.metered_relay import MeteredRelay
from libranet.service import Service


class Outlet(DependencyProvider):
    """A service gets its relay with its hearers and calls; here is neither."""

    relay = MeteredRelay()


class Relays(Service):
    """Has nothing but an outbox."""

    name = "learning"
    outlet = Outlet()


if __name__ == "__main__":
    runner.run(Relays)
