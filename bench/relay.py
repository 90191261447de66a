"""Publishing: our relay from the outbox to the archive, beside the stock dispatcher that publishes inline.

They do not promise the same: what the relay publishes was stored with the state that it tells of, and stays until it
is confirmed and moved. The dispatcher's event is lost if the process dies before it is sent. The database's share of
ours is therefore shown beside it; on the stand-in it is many times what MongoDB would take.
"""

from typing import Any

from bench import samples
from bench.parts import Parts
from bench.processes import Contender
from bench.table import Row, medians
from libranet import outbox
from libranet.broker import QUEUE_ARGUMENTS

HEARD_BY = "analytics.facts"
ROWS = {100: "libranet relay, rows of 100 events", 1: "libranet relay, rows of one event"}
STOCK = "nameko EventDispatcher, inline"
ROWS_AN_INSERT = 500


def run(parts: Parts, events: int, rounds: int) -> list[Row]:
    """Interleaved rounds; the median of each."""
    taken: dict[str, list[dict[str, Any]]] = {}
    for _ in range(rounds):
        for events_a_row, title in ROWS.items():
            taken.setdefault(title, []).append(_ours(parts, events, events_a_row))
        taken.setdefault(STOCK, []).append(_stock(parts, events))
    return medians("relay", taken, ROWS[100])


def _ours(parts: Parts, events: int, events_a_row: int) -> dict[str, Any]:
    parts.declare(HEARD_BY, QUEUE_ARGUMENTS)
    _fill_outbox(parts.drop("learning"), events, events_a_row)
    return _measure(parts, "relays_ours", "learning", events)


def _stock(parts: Parts, events: int) -> dict[str, Any]:
    parts.declare("bench.dispatched", {"x-queue-type": "quorum"}, "bench.events", "heard")
    return _measure(parts, "dispatches_nameko", "", events)


def _measure(parts: Parts, module: str, service: str, events: int) -> dict[str, Any]:
    with Contender.running(module, parts.environment(service), events, 0) as contender:
        return contender.measure(parts.pids("broker", "database"))


def _fill_outbox(database: Any, events: int, events_a_row: int) -> None:
    rows = [outbox.row([samples.enrolled() for _ in range(events_a_row)]) for _ in range(events // events_a_row)]
    for start in range(0, len(rows), ROWS_AN_INSERT):
        database.outbox.insert_many([{**row, "schema_version": 1} for row in rows[start:start + ROWS_AN_INSERT]])
