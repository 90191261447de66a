"""Replays: plans what a partner asked to be sent again, a piece of its stream at a time, and remembers how far it is.

A piece's deliveries and the replay's progress are one transaction, so a kill repeats nothing and leaves nothing out.
A delivery keeps its id, and so its `webhook-id`; whether it may be sent is asked when it is sent, and here already, so
that nothing is planned of who does not consent.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.deliveries import figures
from gateway.deliveries.domain import consents, replay, stream
from gateway.deliveries.domain.agenda import Due
from gateway.deliveries.domain.schedule import PENDING
from gateway.deliveries.domain.subscriptions import delivery_id
from gateway.deliveries.store import delivery
from libranet.collection import Document

EVENTS_A_TURN = 100


class Replays:
    """Those that are under way; one greenthread uses it."""

    def __init__(self) -> None:
        self._running: dict[str, None] = {}

    def __bool__(self) -> bool:
        return bool(self._running)

    def load(self, work: Any) -> None:
        """What a process before this one left unfinished."""
        rows = work.find("subscriptions", {"replay.state": replay.RUNNING})
        self._running = dict.fromkeys(row["_id"] for row in rows)

    def begin(self, subscriptions: Iterable[str]) -> None:
        """These have a replay now."""
        self._running |= dict.fromkeys(subscriptions)

    def plan_some(self, work: Any, moment: datetime) -> list[Due]:
        """The next piece of one of them, each in its turn. May be run again."""
        identity = next(iter(self._running))
        row = work.get("subscriptions", identity)
        planned: list[Due] = []
        if row is not None and row["enabled"] and replay.is_running(row["replay"]):
            planned = _plan_piece(work, row, moment)
            work.replace("subscriptions", row)
            work.after_commit.append(lambda: figures.REPLAYED.inc(len(planned)))
        still = row is not None and row["enabled"] and replay.is_running(row["replay"])
        work.after_commit.append(lambda: self._turn(identity, still))
        return planned

    def _turn(self, identity: str, still: bool) -> None:
        del self._running[identity]
        if still:
            self._running[identity] = None


def _plan_piece(work: Any, subscription: Document, moment: datetime) -> list[Due]:
    """Makes or renews the deliveries of the next numbers, and moves the subscription's replay on."""
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)  # as MongoDB keeps it
    current, node = subscription["replay"], subscription["owner"]
    if not current["is_settled"]:
        current = _settle(work, current, node)
    upto = min(current["next"] + EVENTS_A_TURN - 1, current["last"])
    places = [stream.row_id(node, number) for number in range(current["next"], upto + 1)]
    events = _permitted(work, work.get_many("partner_events", places), node, moment)
    ids = {row["_id"]: delivery_id(row["event_id"], subscription["_id"]) for row in events}
    kept = work.get_many("deliveries", ids.values())
    planned = []
    for row in events:
        known = kept.get(ids[row["_id"]])
        if not replay.takes(current, row["event"], known["status"] if known else None):
            continue
        if known:
            known |= {"status": PENDING, "tries": 0, "next_attempt_at": moment}
            work.replace("deliveries", known)
        else:
            known = delivery(subscription, row["event_id"], row["message"], row["event"], row["patron"], moment)
            work.insert("deliveries", known)
        planned.append(Due.of(known))
        _touch(work, row["patron"], moment)
    subscription["replay"] = replay.advanced(current, upto, len(planned))
    return planned


def _settle(work: Any, current: Document, node: str) -> Document:
    """Fixes where the replay ends. A batch that still saw the subscription switched off, or not yet made, has either
    committed, and its events are below the end, or conflicts with this write and is run again: none falls between."""
    before = work.get("partner_streams", node) or stream.empty(node)
    work.replace("partner_streams", stream.touched(before))
    return replay.settled(current, before)


def _touch(work: Any, patron: str | None, moment: datetime) -> None:
    """Whoever writes for a patron also writes the patron's row, so that an erasure at the same moment is seen."""
    if patron is not None:
        work.update("patrons", {"_id": patron}, {
            "$set": {"touched_at": moment}, "$setOnInsert": {"early": [], "erased_at": None}}, upsert=True)


def _permitted(work: Any, rows: dict[str, Document], node: str, moment: datetime) -> list[Document]:
    ids = {consents.consent_id(row["patron"], node) for row in rows.values() if row["patron"]}
    given = work.get_many("consents", ids)
    return [row for row in rows.values() if consents.permits(given, row["patron"], node, moment)]
