"""Stock nameko: a worker that dispatches one event after the other, each published and confirmed inline."""

import eventlet

eventlet.monkey_patch()

from nameko.events import EventDispatcher  # noqa: E402
from nameko.testing.services import once  # noqa: E402

from bench import samples  # noqa: E402
from bench.contenders import nameko_process  # noqa: E402
from bench.meter import Meter  # noqa: E402

METER = Meter()
EVENTS = [samples.as_dict(samples.enrolled()) for _ in range(METER.total)]


class Peer:
    """Its exchange is `bench.events`. It keeps no state: what it had decided is lost if it dies before publishing."""

    name = "bench"
    dispatch = EventDispatcher()

    @once
    def send(self) -> None:
        for event in EVENTS:
            METER.seen()
            self.dispatch("heard", event)


if __name__ == "__main__":
    nameko_process.run(Peer)
