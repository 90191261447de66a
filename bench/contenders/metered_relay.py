"""The platform's relay, with a clock: it ends when everything is confirmed and moved to the archive."""

from typing import Any

from bench.meter import Meter
from libranet import broker
from libranet.relay import Relay

METER = Meter()


class MeteredRelay(Relay):
    """Begins with the first rows read, unless the clock runs already."""

    archived = 0

    def _next_rows(self) -> list[dict[str, Any]]:
        if not METER.began and METER.warm_up == 0:
            METER.begin()
        return super()._next_rows()

    def _publish(self, rows: list[dict[str, Any]], publisher: broker.Publisher) -> None:
        super()._publish(rows, publisher)
        self.archived += sum(len(row["events"]) for row in rows)
        if self.archived >= METER.total:
            METER.end(self.archived)
