"""A list of awards on its way: how far it is, what became of its rows, and taking it back."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from contracts.principal import Principal
from libranet.cloudevent import Cause
from libranet.ids import keyed_id
from services.credentials.domain.award_lists import AwardRow, UnfitRow
from services.credentials.domain.earning import BatchAward
from services.credentials.domain.refusals import NothingToUndo

WAITING, READING, DONE, FAILED, UNDOING, UNDONE = "waiting", "reading", "done", "failed", "undoing", "undone"
OPEN = (WAITING, READING, UNDOING)
ISSUED, WAITS, ALREADY, REJECTED, TAKEN_BACK, KEPT = "issued", "waiting", "already", "rejected", "undone", "kept"


@dataclass(frozen=True)
class Counts:
    """Rows by what became of them."""

    issued: int = 0
    waiting: int = 0
    already: int = 0
    rejected: int = 0
    undone: int = 0
    kept: int = 0

    def plus(self, outcomes: list[str]) -> "Counts":
        return replace(self, **{each.name: getattr(self, each.name) + outcomes.count(each.name)
                                for each in fields(self)})


@dataclass(frozen=True)
class Sender:
    """Who sent the list, as the audit and what it causes name them."""

    actor: str
    kind: str
    node: str
    request: str
    correlation: str

    @property
    def principal(self) -> Principal:
        return Principal(self.actor, self.kind, self.node, request_id=self.request)


@dataclass(frozen=True)
class Batch:
    """`read` rows are settled of `total`, or `undone_to` is the line up to which it is taken back. `sender` is whoever
    asked last: for the awards, then for taking them back. `owner` is the node that awards."""

    id: str
    owner: str
    achievement: str
    achievement_name: str
    achievement_version: int
    blob: str
    total: int
    dry_run: bool
    sender: Sender
    created_at: datetime
    state: str = WAITING
    read: int = 0
    undone_to: int = 0
    undo_reason: str | None = None
    counts: Counts = field(default_factory=Counts)
    note: str | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def cause(self) -> Cause:
        return Cause(self.sender.actor, self.sender.correlation, self.id)


@dataclass(frozen=True)
class Settled:
    """What became of a row. `award` is the id that follows from it, `credential` the one that it earned."""

    position: int
    outcome: str
    patron: str | None = None
    awarded_at: str | None = None
    note: str | None = None
    award: str | None = None
    credential: str | None = None
    field: str | None = None
    reason: str | None = None


def award_id(achievement: str, row: AwardRow) -> str:
    """The same for the same patron, achievement and time, in whichever list it stands."""
    return keyed_id("award", achievement, row.patron, row.awarded_at)


def earning_of(row: AwardRow, batch: Batch, owner: str, undone: int) -> BatchAward:
    """What earns the credential, as the patron of `owner` was awarded it. One that was taken back before (`undone`
    times) earns another one: what was revoked stays so."""
    own_id = keyed_id("award", award_id(batch.achievement, row), str(undone))
    return BatchAward(own_id, row.patron, owner, row.awarded_at, batch.sender.request, batch.id, row.note)


def rejected(row: UnfitRow) -> Settled:
    """Nothing of what it says is kept: it may be about anybody."""
    return Settled(row.position, REJECTED, field=row.field, reason=row.reason)


def settled(row: AwardRow, batch: Batch, credential: str) -> Settled:
    """There already, as far as is known of it alone."""
    return Settled(row.position, ALREADY, row.patron, row.awarded_at, row.note, award_id(batch.achievement, row),
                   credential)


def read_on(batch: Batch, rows: list[Settled], at: datetime) -> Batch:
    """After some more rows."""
    read = batch.read + len(rows)
    is_done = read >= batch.total
    return replace(batch, read=read, counts=batch.counts.plus([each.outcome for each in rows]),
                   state=DONE if is_done else READING, ended_at=at if is_done else None)


def failed(batch: Batch, note: str, at: datetime) -> Batch:
    return replace(batch, state=FAILED, note=note, ended_at=at)


def undo(batch: Batch, reason: str, sender: Sender) -> Batch:
    """On its way to be taken back; the same object where it is already. Raises NothingToUndo."""
    if batch.dry_run:
        raise NothingToUndo("It was a dry run, which awarded nothing.")
    if batch.state in (UNDOING, UNDONE):
        return batch
    return replace(batch, state=UNDOING, undo_reason=reason, sender=sender, ended_at=None)


def undone_on(batch: Batch, rows: list[Settled], at: datetime) -> Batch:
    """After some more rows were looked at; none is left when there are none."""
    if not rows:
        return replace(batch, state=UNDONE, ended_at=at)
    return replace(batch, undone_to=rows[-1].position, counts=batch.counts.plus([each.outcome for each in rows]))
