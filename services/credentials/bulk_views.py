"""Lists of awards as contracts/calls/bulk_issues.py describes them."""

from dataclasses import asdict
from typing import Any

from contracts.calls.bulk_issues import ROWS_SHOWN, AwardRow
from libranet.clock import rfc3339
from services.credentials.domain.batches import KEPT, REJECTED, Batch, Settled
from services.credentials.store import CredentialStore

COLUMNS = tuple(AwardRow().fields)


def batch(found: Batch, store: CredentialStore) -> dict[str, Any]:
    """With the first of its rejected rows, and of those that could not be taken back."""
    rejected = store.batches.of_outcome(found, REJECTED, ROWS_SHOWN) if found.counts.rejected else []
    names = ("id", "owner", "achievement", "achievement_name", "achievement_version", "dry_run", "state")
    return {
        **{name: getattr(found, name) for name in names},
        "created_at": rfc3339(found.created_at),
        **({"ended_at": rfc3339(found.ended_at)} if found.ended_at else {}),
        "progress": {"read": found.read, "total": found.total},
        "report": {
            "read": found.read, "issued": found.counts.issued, "waiting": found.counts.waiting,
            "already": found.counts.already, "rejected_count": found.counts.rejected,
            "rejected": [{"position": each.position, "field": each.field, "reason": each.reason} for each in rejected]},
        **({"undo": _undo(found, store)} if found.undo_reason is not None else {}),
        **({"note": found.note} if found.note else {}),
    }


def row(settled: Settled) -> dict[str, Any]:
    """What is not known of it does not stand there."""
    return {name: each for name, each in asdict(settled).items() if each is not None and name in COLUMNS}


def _undo(found: Batch, store: CredentialStore) -> dict[str, Any]:
    kept = store.batches.of_outcome(found, KEPT, ROWS_SHOWN) if found.counts.kept else []
    return {"reason": found.undo_reason, "undone": found.counts.undone, "kept_count": found.counts.kept,
            "kept": [{"position": each.position, "reason": each.reason} for each in kept]}
