"""Sending what is due: reads what each delivery needs, asks for consent once more, and stores what came of it.

Knows no greenthreads and no nameko: `sender.py` runs it, tests run it by hand. At least once: what was sent and not
yet stored when the process died is sent again, with the same id.
"""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from gateway.deliveries import figures
from gateway.deliveries.attempting import Job, Outcome
from gateway.deliveries.domain import consents, facts, failing, schedule
from gateway.deliveries.domain.agenda import Agenda, Due
from gateway.deliveries.domain.schedule import Attempt, Outlook
from gateway.deliveries.replaying import Replays
from libranet import settings
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.collection import Document

Result = TypeVar("Result")
ARRIVALS_A_TURN = 200
MOST_PLANNED = 50_000
"""More wait in the database until there is room; a partner that is away for days must not fill the memory."""
NO_SUBSCRIPTION = "not sent: the subscription was deleted"
DISABLED = "not sent: the subscription is switched off"
NO_CONSENT = "not sent: the patron does not consent to sharing with you"


class Transactor(Protocol):
    """What of libranet.mongo.Database is used here."""

    def reading(self) -> Any: ...
    def transact(self, effect: Callable[[Any], Result]) -> Result: ...


class Desk:
    """The agenda and the database behind it; one greenthread uses it."""

    def __init__(self, database: Transactor, draw: Callable[[], float] = random.random) -> None:
        self._database = database
        self._draw = draw
        self._is_cut_short = False
        self._replays = Replays()
        self.agenda = Agenda()

    def load(self) -> None:
        """Plans everything that is pending: at the start, and whenever another process may have changed it."""
        self._replays.load(self._database.reading())
        self._load_pending()

    def _load_pending(self) -> None:
        rows = self._database.reading().find("deliveries", {"status": schedule.PENDING}, limit=MOST_PLANNED)
        self._is_cut_short = len(rows) == MOST_PLANNED
        self.agenda.add(map(Due.of, rows))

    def collect(self) -> None:
        """Plans what was announced since."""
        if self._is_cut_short and len(self.agenda) < MOST_PLANNED // 2:
            self._load_pending()
        if len(self.agenda) >= MOST_PLANNED:
            self._is_cut_short = True
            return
        self._collect_arrivals()
        if self._replays and len(self.agenda) < MOST_PLANNED // 2:
            self.agenda.add(self._database.transact(lambda work: self._replays.plan_some(work, now())))

    @property
    def has_more_to_plan(self) -> bool:
        """Whether the next turn should come at once."""
        return bool(self._replays)

    def _collect_arrivals(self) -> None:
        work = self._database.reading()
        arrivals = work.find("arrivals", {}, limit=ARRIVALS_A_TURN)
        if not arrivals:
            return
        self._replays.begin(row["replay_of"] for row in arrivals if row.get("replay_of"))
        ids = [delivery for row in arrivals for delivery in row["deliveries"]]
        rows = work.get_many("deliveries", ids).values()
        self.agenda.add(Due.of(row) for row in rows if row["status"] == schedule.PENDING)
        seen = [row["_id"] for row in arrivals]
        self._database.transact(lambda writing: writing.delete_many("arrivals", seen))

    def next_jobs(self) -> tuple[list[Job], list[Outcome]]:
        """What to send now, and what is not to be sent after all."""
        taken = self.agenda.take(now())
        if not taken:
            return [], []
        try:
            return self._prepared(taken, now())
        except Exception:
            self.put_back(taken)
            raise

    def put_back(self, taken: Iterable[Due]) -> None:
        """They were not sent; they stay due."""
        for due in taken:
            self.agenda.finish(due.delivery)
            self.agenda.add([due])

    def _prepared(self, taken: list[Due], moment: datetime) -> tuple[list[Job], list[Outcome]]:
        work = self._database.reading()
        rows = work.get_many("deliveries", {due.delivery for due in taken})
        found = work.get_many("subscriptions", {due.subscription for due in taken})
        networks = work.get_many("partner_networks", {due.node for due in taken})
        given = work.get_many("consents", {consents.consent_id(row["patron"], row["recipient"])
                                          for row in rows.values() if row["patron"]})
        figures.WAITING.set(len(self.agenda))
        jobs, outcomes = [], []
        for due in taken:
            row, subscription = rows.get(due.delivery), found.get(due.subscription)
            if row is None or row["status"] != schedule.PENDING:
                self.agenda.finish(due.delivery)
            elif row["next_attempt_at"] != due.at:
                self.put_back([Due.of(row)])
            elif subscription is None:
                outcomes.append(_unsent(due, moment, schedule.FAILED, NO_SUBSCRIPTION))
            elif not subscription["enabled"]:
                outcomes.append(_unsent(due, moment, schedule.FAILED, DISABLED))
            elif not consents.permits(given, row["patron"], row["recipient"], moment):
                outcomes.append(_unsent(due, moment, schedule.WITHHELD, NO_CONSENT))
            else:
                allowed = tuple(networks.get(due.node, {}).get("networks", ()))
                jobs.append(Job(due, row, subscription, allowed, time.monotonic()))
        return jobs, outcomes

    def settle(self, outcomes: list[Outcome]) -> None:
        """Stores what came of each, in one transaction, and plans the next attempts."""
        if not outcomes:
            return
        draws = [self._draw() for _ in outcomes]
        patience = timedelta(days=settings.number("PARTNER_PATIENCE_DAYS", failing.PATIENCE_DAYS))

        def effect(work: Any) -> list[Due]:
            _judge_endpoints(work, outcomes, patience)
            return _store(work, outcomes, draws)

        pending = self._database.transact(effect)
        for outcome in outcomes:
            self.agenda.finish(outcome.due.delivery)
        self.agenda.add(pending)
        figures.WAITING.set(len(self.agenda))


def _unsent(due: Due, moment: datetime, status: str, reason: str) -> Outcome:
    return Outcome(due, Attempt(moment, 0, reason=reason), Outlook(status))


def _store(work: Any, outcomes: list[Outcome], draws: list[float]) -> list[Due]:
    """Writes the deliveries as they stand now and gives those that wait for another attempt.

    One that was erased meanwhile stays erased; one that was asked for again meanwhile stays due.
    """
    rows = work.get_many("deliveries", {outcome.due.delivery for outcome in outcomes})
    pending = []
    for outcome, draw in zip(outcomes, draws, strict=True):
        row = rows.get(outcome.due.delivery)
        if row is None:
            continue
        tries = row["tries"] + 1
        outlook = outcome.outlook or schedule.after(outcome.attempt, tries, draw)
        attempts = [*row["attempts"], _kept(outcome.attempt)][-schedule.ATTEMPTS_KEPT:]
        row |= {"attempts": attempts}
        if row["next_attempt_at"] == outcome.due.at:
            row |= {"status": outlook.status, "tries": tries, "next_attempt_at": _milliseconds(outlook)}
        work.replace("deliveries", row)
        if row["status"] == schedule.PENDING:
            pending.append(Due.of(row))
        figures.ATTEMPTS.labels(outlook.status).inc()
    return pending


def _judge_endpoints(work: Any, outcomes: list[Outcome], patience: timedelta) -> None:
    """Remembers which endpoints fail and since when, and switches off those that are given up, with notice."""
    tried: dict[str, list[Attempt]] = {}
    for outcome in outcomes:
        if outcome.outlook is None:
            tried.setdefault(outcome.due.subscription, []).append(outcome.attempt)
    for identity, row in work.get_many("subscriptions", tried).items():
        attempts = sorted(tried[identity], key=lambda each: each.at)
        verdict = failing.judge(row["failing"], attempts, patience)
        if not row["enabled"] or verdict == failing.Verdict(row["failing"]):
            continue
        row["failing"] = verdict.failing
        if verdict.reason:
            _switch_off(work, row, verdict.reason, attempts[-1].at)
        work.replace("subscriptions", row)


def _switch_off(work: Any, row: Document, reason: str, at: datetime) -> None:
    row |= {"enabled": False, "disabled_at": at, "disabled_reason": failing.WORDS[reason],
            "times_disabled": row["times_disabled"] + 1}
    host = urlsplit(row["url"]).hostname if row.get("url") else None
    cause = Cause("deliveries", row["_id"], f"{row['_id']}|{row['times_disabled']}")
    work.save_facts([facts.endpoint_disabled(row, host, reason, at)], cause)
    figures.SWITCHED_OFF.labels(reason).inc()


def _kept(made: Attempt) -> Document:
    kept = asdict(made)
    return {name: kept[name] for name in ("at", "milliseconds", "status", "reason")}


def _milliseconds(outlook: Outlook) -> datetime | None:
    """Cut to what MongoDB keeps, so that what is planned equals what is stored."""
    at = outlook.next_attempt_at
    return at.replace(microsecond=at.microsecond // 1000 * 1000) if at else None
