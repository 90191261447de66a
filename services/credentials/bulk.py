"""Calls about lists of awards: taken, looked at, taken back. The awarding itself is `bulk_worker.py`'s."""

from typing import Any, Protocol

from contracts.calls import bulk_issues as calls
from libranet.blobs import Blobs
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.ids import new_id
from libranet.spreadsheet import MEDIA_TYPE, as_csv
from services.credentials import bulk_views
from services.credentials.domain import award_lists, batches
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.assessing import check_award
from services.credentials.domain.batches import Batch, Sender
from services.credentials.domain.refusals import AchievementUnknown, BatchUnknown
from services.credentials.store import CredentialStore


class Desk(Protocol):
    """Where lists are worked on."""

    def wake(self) -> None:
        """There is something to do."""


class BulkCalls:
    """A list is awarded by the node that sends it, to patrons of that node and of those below."""

    files: Blobs
    bulk_desk: Desk

    @answers(calls.AWARD_ACHIEVEMENT)
    def award_achievement(self, request: CallRequest, store: CredentialStore) -> Answer:
        """Refuses at once what cannot be read at all; each row is judged by the worker."""
        found = store.find_achievement(request.path["achievement"], request.principal)
        if found is None:
            raise AchievementUnknown("There is no such achievement here. GET /v1/achievements lists them.")
        achievement = Achievement.read(found)
        check_award(achievement)
        assert request.blob is not None
        moment = now()
        with self.files.open(request.blob.id) as sent:
            rows = award_lists.read(sent.read(), moment)
        batch = Batch(
            id=new_id(), owner=request.principal.node, achievement=achievement.id, achievement_name=achievement.name,
            achievement_version=achievement.version, blob=request.blob.id, total=len(rows),
            dry_run=request.query["dry_run"], sender=_sender(request), created_at=moment)
        store.batches.save(batch)
        return self._later(batch, store, 201)

    @answers(calls.GET_AWARDS)
    def get_awards(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        return bulk_views.batch(_own_batch(request, store), store)

    @answers(calls.LIST_AWARD_ROWS)
    def list_award_rows(self, request: CallRequest, store: CredentialStore) -> Answer:
        batch, limit = _own_batch(request, store), request.query["limit"]
        if request.query["format"] == calls.CSV:
            return _table(batch, store)
        found = store.batches.rows(batch, int(request.query.get("cursor", "0")), limit + 1)
        more = str(found[limit - 1].position) if len(found) > limit else None
        return Answer({"items": [bulk_views.row(each) for each in found[:limit]], "next": more})

    @answers(calls.UNDO_AWARDS)
    def undo_awards(self, request: CallRequest, store: CredentialStore) -> Answer:
        before = _own_batch(request, store)
        batch = batches.undo(before, request.body["reason"], _sender(request))
        if batch is not before:
            store.batches.save(batch)
        return self._later(batch, store, 200)

    def _later(self, batch: Batch, store: CredentialStore, status: int) -> Answer:
        """Short work is answered with its report."""
        store.batches.after_commit(self.bulk_desk.wake)
        headers = {"Location": f"/v1/awards/{batch.id}"}

        def done(reading: Any) -> Answer | None:
            store = CredentialStore(reading)
            found = store.batches.find(batch.id)
            return None if found is None or found.is_open else Answer(bulk_views.batch(found, store), status, headers)

        return Answer(bulk_views.batch(batch, store), headers=headers, later=done)


def _table(batch: Batch, store: CredentialStore) -> Answer:
    rows = store.batches.rows(batch, 0, award_lists.MOST_ROWS)
    return Answer(as_csv(bulk_views.COLUMNS, map(bulk_views.row, rows)), media_type=MEDIA_TYPE, headers={
        "Content-Disposition": f'attachment; filename="awards-{batch.id}.csv"'})


def _own_batch(request: CallRequest, store: CredentialStore) -> Batch:
    batch = store.batches.find(request.path["batch"])
    if batch is None or not request.principal.sees(batch.owner):
        raise BatchUnknown("There is no list of awards of that id; they are kept for a year.")
    return batch


def _sender(request: CallRequest) -> Sender:
    who = request.principal
    return Sender(who.actor, who.kind, who.node, request.id, request.cause.correlation_id)
