"""Works lists of awards off in the credentials process: one replica at a time, by a lease.

A chunk's credentials and the progress commit together, and each credential's id follows from its row: so what a stop or
a kill interrupts, the next holder of the lease goes on with, and nobody gets anything twice. Several lists go on side
by side, a chunk of each in turn.
"""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from nameko.extensions import DependencyProvider
from pymongo.errors import PyMongoError

from libranet.background import Background
from libranet.blobs import BlobGone, Blobs
from libranet.clock import now
from libranet.health import HEALTH
from libranet.heard import HEARD
from libranet.lease import Lease
from libranet.logs import log
from libranet.mongo import Database, is_outage
from libranet.offhub import off_hub
from libranet.work import Work
from services.credentials.adapters.key_folder import KeyFolder
from services.credentials.adapters.status_places import Places
from services.credentials.award import Awarding
from services.credentials.bulk_steps import Outdated, settle, take_back
from services.credentials.domain import award_lists, batches
from services.credentials.domain.award_lists import AwardRow, Row
from services.credentials.domain.batches import UNDOING, Batch
from services.credentials.store import CredentialStore

POLL_SECONDS = 1.0
"""How long a list may wait that another replica took; this process's own wake the worker at once."""
CHUNK_ROWS = 50
LATE_SECONDS = 5.0
"""How long a chunk waits for patrons who may have been registered just now."""
TRIES = 3
"""Of a chunk that fails for a fault of ours: what a kill left half-way in a part may be right a moment later."""
OUR_FAULT = "It stopped for a fault of ours, which is logged. What was issued stays; undo it, or send the list again."
FILE_GONE = "The list is gone. Send it again: what was issued is not issued twice."


class BulkWorker(Background, DependencyProvider):
    """Service methods get it as `self.bulk_desk`. A stop ends after the chunk in hand and gives the lease back."""

    database = Database()
    part = "awards"
    trouble = "the database does not answer the worker of lists of awards"

    def setup(self) -> None:
        super().setup()
        self._lease = Lease(self.database, "awards")
        self._rows: dict[str, list[Row]] = {}
        self._waited_since: dict[str, float] = {}
        self._faults: Counter[tuple[str, int, int]] = Counter()

    def start(self) -> None:
        self._blobs = Blobs(self.database)
        self._awarding = Awarding()
        self._awarding.keys, self._awarding.places = KeyFolder.from_settings(), Places(self.database.transact)
        super().start()

    def get_dependency(self, _context: Any) -> "BulkWorker":
        return self

    def serve(self) -> None:
        self.database.prepare()
        while not self.stopping:
            if not (self._lease.is_held() and self._turn()):
                HEALTH.well(self.part)
                self.rest(POLL_SECONDS)
        self._lease.give_back()

    def _turn(self) -> bool:
        """A chunk of each list that is open; says whether there was something to do."""
        found = CredentialStore(self.database.reading()).batches.open_batches()
        self._rows = {each.id: self._rows[each.id] for each in found if each.id in self._rows}
        went_on = False
        for batch in found:
            if self.stopping or not self._lease.is_held():
                return False
            went_on |= self._step(batch)
        HEALTH.well(self.part)
        return went_on

    def _step(self, batch: Batch) -> bool:
        """Says whether it came any further."""
        try:
            following = self._undone(batch) if batch.state == UNDOING else self._settled(batch)
        except Outdated:
            return True
        except BlobGone:
            following = self._fail(batch, FILE_GONE)
        except PyMongoError as error:
            if is_outage(error):
                raise
            following = self._try_later(batch)
        except Exception:  # noqa: BLE001 - one list's fault must not stop the others
            following = self._try_later(batch)
        if not following.is_open:
            self._blobs.delete(batch.blob)
            log().info("a list of awards was worked off", batch=batch.id, state=following.state, read=following.read)
        return following is not batch

    def _settled(self, batch: Batch) -> Batch:
        if batch.id not in self._rows:
            with self._blobs.open(batch.blob) as sent:
                self._rows[batch.id] = off_hub(award_lists.read, sent.read(), batch.created_at)
        rows = self._rows[batch.id][batch.read:batch.read + CHUNK_ROWS]
        if self._may_wait(batch, rows):
            return batch
        return self._transact(partial(settle, batch, rows), self._awarding)

    def _undone(self, batch: Batch) -> Batch:
        return self._transact(partial(take_back, batch, CHUNK_ROWS))

    def _transact(self, step: Callable[..., Batch], *more: Any) -> Batch:
        def effect(work: Work) -> Batch:
            return step(CredentialStore(work), *more)

        found: Batch = self.database.transact(effect)
        return found

    def _may_wait(self, batch: Batch, rows: list[Row]) -> bool:
        """Whether somebody among them may have been registered just now, and the event be on its way."""
        patrons = [each.patron for each in rows if isinstance(each, AwardRow)]
        known = CredentialStore(self.database.reading()).owners(patrons, batch.sender.principal)
        if any(HEARD.may_come(each, batch.created_at) for each in patrons if each not in known):
            chunk = f"{batch.id}|{batch.read}"
            since = self._waited_since.setdefault(chunk, time.monotonic())
            if time.monotonic() < since + LATE_SECONDS:
                return True
        self._waited_since.clear()
        return False

    def _try_later(self, batch: Batch) -> Batch:
        chunk = (batch.id, batch.read, batch.undone_to)
        self._faults[chunk] += 1
        log().exception("a list of awards stopped", batch=batch.id, tried=self._faults[chunk])
        return batch if self._faults[chunk] < TRIES else self._fail(batch, OUR_FAULT)

    def _fail(self, batch: Batch, note: str) -> Batch:
        following = batches.failed(batch, note, now())
        self.database.transact(lambda work: CredentialStore(work).batches.save(following))
        return following
