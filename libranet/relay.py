"""The relay: publishes what the outbox holds, confirmed and in order, and moves what is confirmed to the archive.

One relay a service at a time, by a lease in the database. It promises at least once: after a kill between confirm
and move the same events are published again, and their hearers know them by id. It never blocks a call: while the
broker is away the outbox grows and the calls go on.
"""

import time
from contextlib import suppress
from datetime import datetime
from typing import Any

from nameko.extensions import SharedExtension
from pymongo.errors import PyMongoError

from contracts import topology
from libranet import broker, metrics, outbox
from libranet.background import Background
from libranet.clock import now
from libranet.health import HEALTH
from libranet.lease import Lease
from libranet.mongo import Database, is_duplicate
from libranet.work import Work

POLL_SECONDS = 0.25
"""How long facts of another replica may wait; this process's own wake the relay at once."""
ROWS_A_PASS = 500
WINDOW = 500
"""Unconfirmed messages at most: beyond a few hundred the gain is small and a nack costs more."""
BYTES_A_PASS = 8 * 2**20
"""What is published and moved at once; after a long outage of the broker rows of any size wait here."""
METRICS_SECONDS = 5


class Relay(Background, SharedExtension):
    """Runs in every replica of a service; works in the one that holds the lease. A stop publishes what is there."""

    database = Database()
    part = "relay"
    trouble = "the relay cannot publish"
    failures = (*broker.BROKEN, PyMongoError)

    def setup(self) -> None:
        super().setup()
        self._service = self.container.service_name
        self._lease = Lease(self.database, "relay")
        self._measured_at = 0.0
        for counter in (metrics.RELAYED, metrics.UNROUTABLE):
            metrics.from_zero(counter, [self._service])
        self.database.wake_relay = self.wake

    def failed(self, error: Exception) -> None:
        super().failed(error)
        if not isinstance(error, PyMongoError):
            self._measure_outbox()

    def serve(self) -> None:
        self.database.prepare()
        with broker.Link() as link:
            broker.declare(link, self._service)
            publisher = broker.Publisher(link)
            while not self.stopping:
                self._turn(link, publisher)
            self._turn(link, publisher)
            self._lease.give_back()

    def _turn(self, link: broker.Link, publisher: broker.Publisher) -> None:
        """One pass, or one wait when there is nothing to do."""
        if link.blocked:
            HEALTH.ill("relay", "the broker blocks publishers (memory or disk alarm)")
            self._measure_outbox()
            link.idle(0.5)
            return
        rows = self._next_rows() if self._lease.is_held() else []
        if rows:
            self._measure_outbox()
            try:
                self._publish(rows, publisher)
            except broker.Blocked:
                return
        else:
            self._tell(0, None)
        HEALTH.well("relay")
        if not rows and not self.stopping:
            self.rest(POLL_SECONDS)
            link.idle()

    def _next_rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        size = 0
        with self.database.database.outbox.find({}).sort("_id", 1).limit(ROWS_A_PASS) as found:
            for row in found:
                rows.append(row)
                size += sum(map(len, row["events"]))
                if size > BYTES_A_PASS:
                    break
        return rows

    def _publish(self, rows: list[dict[str, Any]], publisher: broker.Publisher) -> None:
        ids_by_row: dict[str, set[str]] = {}
        returned: set[str] = set()
        for row in rows:
            events = outbox.events_of(row)
            ids_by_row[row["_id"]] = {event.id for event in events}
            for event, body in zip(events, row["events"], strict=True):
                publisher.publish(bytes(body), topology.EXCHANGE, event.type, event.id)
                if publisher.unconfirmed >= WINDOW:
                    returned |= set(publisher.wait())
        returned |= set(publisher.wait())
        self._archive([row for row in rows if not ids_by_row[row["_id"]] & returned])
        metrics.RELAYED.labels(self._service).inc(sum(map(len, ids_by_row.values())) - len(returned))
        if returned:
            metrics.UNROUTABLE.labels(self._service).inc(len(returned))
            raise broker.Unroutable(f"no queue takes {len(returned)} events; they stay in the outbox")

    def _archive(self, rows: list[dict[str, Any]]) -> None:
        """Moves rows in one transaction; a replay by a rival relay finds them moved and leaves it at that."""
        if not rows:
            return

        def move(work: Work) -> None:
            for row in rows:
                work.insert("archive", row)
            work.delete_many("outbox", [row["_id"] for row in rows])

        try:
            self.database.transact(move)
        except PyMongoError as error:
            if not is_duplicate(error):
                raise
            self.database.transact(lambda work: self._drop_moved(work, rows))

    def _drop_moved(self, work: Work, rows: list[dict[str, Any]]) -> None:
        work.delete_many("outbox", work.get_many("archive", [row["_id"] for row in rows]))

    def _measure_outbox(self) -> None:
        """Now and then what waits, also while nothing can be published: then it grows."""
        if time.monotonic() - self._measured_at < METRICS_SECONDS:
            return
        self._measured_at = time.monotonic()
        waiting = self.database.database.outbox
        with suppress(PyMongoError):
            oldest = waiting.find_one({}, {"recorded_at": 1}, sort=[("_id", 1)])
            self._tell(waiting.estimated_document_count(), oldest["recorded_at"] if oldest else None)

    def _tell(self, depth: int, oldest: datetime | None) -> None:
        metrics.OUTBOX_DEPTH.labels(self._service).set(depth)
        metrics.OUTBOX_AGE.labels(self._service).set(max((now() - oldest).total_seconds(), 0) if oldest else 0)
