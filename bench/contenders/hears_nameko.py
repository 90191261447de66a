"""Stock nameko: `@event_handler`, one worker an event, an acknowledgement each."""

import eventlet

eventlet.monkey_patch()

from typing import Any  # noqa: E402

from nameko.events import event_handler  # noqa: E402

from bench.contenders import nameko_process  # noqa: E402
from bench.meter import Meter  # noqa: E402

METER = Meter()


class Peer:
    """Its queue is `evt-bench-heard--peer.heard`, a classic one: the stock handler cannot ask for another."""

    name = "peer"

    @event_handler("bench", "heard")
    def heard(self, _payload: dict[str, Any]) -> None:
        METER.seen()


if __name__ == "__main__":
    nameko_process.run(Peer)
