"""Erasures in MongoDB: ids and times, given only to a principal who sees the library that the patron belonged to."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from hmac import compare_digest
from typing import Any

from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Retention
from libranet.work import Work
from services.profiles.erasures.domain.erasures import PROOF_MARK, Deleted, Erasure
from services.profiles.erasures.domain.refusals import ErasureUnknown

Row = dict[str, Any]


def _with_counts(document: Row) -> Row:
    """Erasures of the first version kept times only."""
    answers = {service: {"at": each, "documents": None} if isinstance(each, datetime) else each
               for service, each in document.get("answers", {}).items()}
    return {"own": {"at": document.get("requested_at"), "documents": None}, **document, "answers": answers}


COLLECTIONS = (
    Collection("erasures", Retention.of_days(3 * 365, "requested_at", "the proof that an erasure was done; ids only"),
               schema_version=2, upgrade=_with_counts),
)


class ErasureStore:
    """One unit of work's view of erasures."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def find(self, erasure_id: str, principal: Principal) -> Erasure | None:
        row = self._work.get("erasures", erasure_id)
        return _erasure(row) if row and principal.sees(row["owner"], row["patron"]) else None

    def get(self, erasure_id: str, principal: Principal) -> Erasure:
        """Raises ErasureUnknown."""
        erasure = self.find(erasure_id, principal)
        if erasure is None:
            raise ErasureUnknown("There is no such erasure at your library.")
        return erasure

    def get_proven(self, proof: str) -> Erasure:
        """Whoever has the proof may see. Raises ErasureUnknown."""
        row = self._work.get("erasures", proof.partition(PROOF_MARK)[0])
        erasure = _erasure(row) if row else None
        if erasure is None or not compare_digest(erasure.proof.encode(), proof.encode()):
            raise ErasureUnknown("There is no such proof: look at the address again.")
        return erasure

    def add(self, erasure: Erasure, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.insert("erasures", _row(erasure))
        self._work.save_facts(facts, cause)

    def list_asked(self, ids: Iterable[str]) -> dict[str, Erasure]:
        """For the platform's own events: by id, unknown ones left out."""
        return {key: _erasure(row) for key, row in self._work.get_many("erasures", set(ids)).items()}

    def save(self, erasure: Erasure) -> None:
        self._work.replace("erasures", _row(erasure))


def _row(erasure: Erasure) -> Row:
    row = {**asdict(erasure), "_id": erasure.id}
    del row["id"]
    return row


def _erasure(row: Row) -> Erasure:
    answers = {service: Deleted(**each) if each else None for service, each in row["answers"].items()}
    return Erasure(row["_id"], row["patron"], row["owner"], row["requested_at"], answers, Deleted(**row["own"]))
