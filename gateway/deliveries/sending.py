"""Sending what is due: reads what each delivery needs, asks for consent once more, and stores what came of it.

Knows no greenthreads and no nameko: `sender.py` runs it, tests run it by hand. At least once: what was sent and not
yet stored when the process died is sent again, with the same id.
"""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from gateway.deliveries import figures, guard
from gateway.deliveries.domain import consents, partner_view, schedule, signing
from gateway.deliveries.domain.agenda import Agenda, Due
from gateway.deliveries.domain.schedule import Attempt, Outlook
from gateway.deliveries.post import PostFailed, Reply, post
from gateway.deliveries.sealing import unseal
from libranet.clock import now
from libranet.collection import Document
from libranet.logs import log

Result = TypeVar("Result")
ARRIVALS_A_TURN = 200
FRESH_SECONDS = 1.0
MOST_PLANNED = 50_000
"""More wait in the database until there is room; a partner that is away for days must not fill the memory."""
NO_SUBSCRIPTION = "not sent: the subscription was deleted"
GONE = "the receiver answered 410 Gone"
DISABLED = "not sent: the subscription is disabled"
NO_CONSENT = "not sent: the patron does not consent to sharing with you"


class Transactor(Protocol):
    """What of libranet.mongo.Database is used here."""

    def reading(self) -> Any: ...
    def transact(self, effect: Callable[[Any], Result]) -> Result: ...


@dataclass(frozen=True)
class Job:
    """A delivery with all that its attempt needs."""

    due: Due
    delivery: Document
    subscription: Document
    networks: tuple[str, ...]
    prepared_at: float

    @property
    def is_stale(self) -> bool:
        """It waited so long for its turn that consent has to be asked again."""
        return time.monotonic() - self.prepared_at > FRESH_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What came of a delivery; `outlook` is set where nothing was sent and nothing more is to be decided."""

    due: Due
    attempt: Attempt
    outlook: Outlook | None = None


def attempt(job: Job, resolve: guard.Resolver = guard.system_resolver,
            send: Callable[..., Reply] = post) -> Attempt:
    """One try, URL and addresses judged anew. Never raises: what went wrong is the attempt's reason."""
    at, started = now(), time.monotonic()
    status = retry_after = reason = None
    try:
        target = guard.check(job.subscription["url"], guard.allowed_networks(job.networks), resolve)
        body = partner_view.body(job.delivery["_id"], job.delivery["event"], job.subscription["owner"])
        secrets = [unseal(bytes(each), job.subscription["_id"]) for each in job.subscription["secrets"]]
        message_id = partner_view.message_id(job.delivery["_id"])
        headers = signing.headers(secrets, message_id, int(at.timestamp()), body)
        reply = send(target, body, {"Content-Type": partner_view.CONTENT_TYPE, **headers})
        status, retry_after = reply.status, reply.retry_after_seconds(at)
    except guard.UrlRefused as refusal:
        reason = refusal.detail
    except PostFailed as failure:
        reason = str(failure)
    except Exception:  # noqa: BLE001 - one delivery's fault must not end the sending of all others
        log().exception("a webhook could not be made", delivery=job.delivery["_id"])
        reason = "not sent: an error on our side, which the operator's log describes"
    seconds = time.monotonic() - started
    figures.ATTEMPT_SECONDS.observe(seconds)
    return Attempt(at, int(seconds * 1000), status, reason, retry_after)


class Desk:
    """The agenda and the database behind it; one greenthread uses it."""

    def __init__(self, database: Transactor, draw: Callable[[], float] = random.random) -> None:
        self._database = database
        self._draw = draw
        self._is_cut_short = False
        self.agenda = Agenda()

    def load(self) -> None:
        """Plans everything that is pending: at the start, and whenever another process may have changed it."""
        rows = self._database.reading().find("deliveries", {"status": schedule.PENDING}, limit=MOST_PLANNED)
        self._is_cut_short = len(rows) == MOST_PLANNED
        self.agenda.add(map(Due.of, rows))

    def collect(self) -> None:
        """Plans what was announced since."""
        if self._is_cut_short and len(self.agenda) < MOST_PLANNED // 2:
            self.load()
        if len(self.agenda) >= MOST_PLANNED:
            self._is_cut_short = True
            return
        work = self._database.reading()
        arrivals = work.find("arrivals", {}, limit=ARRIVALS_A_TURN)
        if not arrivals:
            return
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
            elif row["patron"] and not consents.is_given(
                    given.get(consents.consent_id(row["patron"], row["recipient"])), moment):
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
        pending = self._database.transact(lambda work: _store(work, outcomes, draws))
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
        if outlook.disable:
            work.update("subscriptions", {"_id": row["subscription"]}, {"$set": {
                "enabled": False, "disabled_at": outcome.attempt.at, "disabled_reason": GONE}})
        figures.ATTEMPTS.labels(outlook.status).inc()
    return pending


def _kept(made: Attempt) -> Document:
    kept = asdict(made)
    del kept["retry_after_seconds"]
    return kept


def _milliseconds(outlook: Outlook) -> datetime | None:
    """Cut to what MongoDB keeps, so that what is planned equals what is stored."""
    at = outlook.next_attempt_at
    return at.replace(microsecond=at.microsecond // 1000 * 1000) if at else None
