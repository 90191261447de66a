"""The platform's relay alone: publishes what lies in the outbox, waits for confirms, moves it to the archive."""

from libranet import runner  # patches the standard library first

# isort: split
from bench.contenders import metered_relay
from libranet.service import Service


class Relays(Service):
    """Has nothing but what every service has, and an outbox."""

    name = "learning"


if __name__ == "__main__":
    metered_relay.put_in()
    runner.run(Relays)
