"""The platform's own entrypoint with a handler that does nothing: envelope read, contract checked, batches of 100."""

from libranet import runner  # patches the standard library first

# isort: split
from bench.meter import Meter
from bench.samples import OFFERED
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.service import Service

METER = Meter()


class Hearer(Service):
    """Stands at the queue `jobs.courses`. `once=False`: no inbox, no transaction, as the peers have none."""

    name = "jobs"

    @hears(OFFERED, once=False)
    def courses(self, events: list[Event]) -> None:
        METER.seen(len(events))


if __name__ == "__main__":
    runner.run(Hearer)
