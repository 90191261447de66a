"""One chunk of a list of awards, in one transaction: awarded, or taken back. Knows no nameko."""

from collections.abc import Sequence
from dataclasses import replace

from libranet.clock import now
from libranet.collection import Document
from services.credentials.award import Awarding, Earned, outcomes
from services.credentials.changing import supersede
from services.credentials.domain import batches, earning, issuing, life
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.award_lists import PATRON, AwardRow, Row, UnfitRow
from services.credentials.domain.batches import KEPT, TAKEN_BACK, Batch, Settled, award_id
from services.credentials.store import CredentialStore

AWARDED, UNDONE = "award_achievement", "undo_awards"
"""How the audit names what was done: by the calls that asked for it."""


class Outdated(Exception):
    """Somebody else went on with the list, or wants it taken back."""


def settle(batch: Batch, rows: Sequence[Row], store: CredentialStore, awarding: Awarding) -> Batch:
    """Awards the next rows, or tells what that would come to. Raises Outdated."""
    _check_current(batch, store)
    named = batch.achievement, batch.achievement_version
    achievement = store.versions([named])[named]
    fit = [each for each in rows if isinstance(each, AwardRow)]
    owners = store.owners([each.patron for each in fit], batch.sender.principal)
    undone = store.batches.times_undone(award_id(batch.achievement, each) for each in fit)
    earned: dict[str, Earned] = {}
    settled: list[Settled] = []
    for row in rows:
        fault = row if isinstance(row, UnfitRow) else _unfit(row, achievement, owners)
        if fault is not None:
            settled.append(batches.rejected(fault))
            continue
        assert isinstance(row, AwardRow)
        earned_by = batches.earning_of(
            row, batch, owners[row.patron], undone.get(award_id(batch.achievement, row), 0))
        own_id = issuing.credential_id(earned_by, achievement)
        earned[own_id] = Earned(earned_by, achievement, batch.cause)
        settled.append(batches.settled(row, batch, own_id))
    became = outcomes(earned, store) if batch.dry_run else awarding.award(earned.values(), store)
    settled = [replace(each, outcome=became[each.credential]) if each.credential else each for each in settled]
    store.batches.save_rows(batch, settled)
    store.batches.audit(batch.sender.principal, AWARDED, owners)
    following = batches.read_on(batch, settled, now())
    store.batches.save(following)
    return following


def take_back(batch: Batch, limit: int, store: CredentialStore) -> Batch:
    """Takes the next credentials back that nobody has yet. Raises Outdated."""
    _check_current(batch, store)
    rows = store.batches.to_undo(batch, limit)
    patrons = {str(each.patron) for each in rows}
    store.touch(patrons)
    credentials = store.many(str(each.credential) for each in rows)
    in_use = {own_id: why for own_id, each in credentials.items() if (why := life.why_in_hand(each))}
    in_use |= dict.fromkeys(store.stacked_of(patrons), "Its patron earned another one by it.")
    settled = [replace(each, outcome=KEPT, reason=in_use[str(each.credential)]) if each.credential in in_use
               else _taken_back(each, batch, credentials.get(str(each.credential)), store) for each in rows]
    store.batches.save_rows(batch, settled)
    store.batches.audit(batch.sender.principal, UNDONE, patrons)
    following = batches.undone_on(batch, settled, now())
    store.batches.save(following)
    return following


def _check_current(batch: Batch, store: CredentialStore) -> None:
    current = store.batches.find(batch.id)
    if current is None or (current.state, current.read, current.undone_to) != (
            batch.state, batch.read, batch.undone_to):
        raise Outdated


def _unfit(row: AwardRow, achievement: Achievement, owners: dict[str, str]) -> UnfitRow | None:
    """Why the patron cannot be awarded it; a patron of another place is as unknown as one that there is not."""
    owner = owners.get(row.patron)
    if owner is None:
        return UnfitRow(row.position, PATRON, "There is no such patron here.")
    if not earning.is_for(achievement, owner):
        return UnfitRow(row.position, PATRON, f"The achievement is of {achievement.owner}, and the patron is not.")
    return None


def _taken_back(row: Settled, batch: Batch, credential: Document | None, store: CredentialStore) -> Settled:
    if credential is None:
        store.end_waiting(str(row.credential))
        return replace(row, outcome=TAKEN_BACK, reason=batch.undo_reason)
    revoked = life.revoke(credential, str(batch.undo_reason), now())
    if revoked is not credential:
        store.tell_status(revoked, batch.cause)
    store.take_back(revoked)
    supersede([(revoked, batch.cause)], store, now())
    store.batches.count_undone(row)
    return replace(row, outcome=TAKEN_BACK, reason=batch.undo_reason)
