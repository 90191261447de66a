"""Consents in MongoDB: by patron, purpose and recipient. Whoever asks has been given the patron before."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.profiles.consents.domain.consents import Consent
from services.profiles.consents.domain.guardians import Guardian
from services.profiles.consents.domain.purposes import PURPOSES
from services.profiles.patrons.domain.patrons import Patron

Row = dict[str, Any]



def _with_classes(document: Row) -> Row:
    """Consents of the first version covered all that their purpose concerned."""
    purpose = PURPOSES.get(document.get("purpose", ""))
    return {"data_classes": list(purpose.data_classes) if purpose else [], "guardian": None, **document}


COLLECTIONS = (
    Collection("consents", Retention.forever("while the patron is registered; erased with the patron"),
               (Index("patron"),), schema_version=2, upgrade=_with_classes, personal=True),
)


class ConsentStore:
    """One unit of work's view of consents."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def of(self, patron: Patron) -> list[Consent]:
        rows = self._work.find("consents", {"patron": patron.id})
        return [_consent(row) for row in sorted(rows, key=lambda row: str(row["_id"]))]

    def find(self, patron: Patron, purpose: str, recipient: str) -> Consent | None:
        row = self._work.get("consents", _key(patron.id, purpose, recipient))
        return _consent(row) if row else None

    def save(self, consent: Consent, facts: Iterable[Fact], cause: Cause) -> None:
        key = _key(consent.patron, consent.purpose, consent.recipient)
        self._work.replace("consents", {**asdict(consent), "_id": key, "data_classes": list(consent.data_classes)})
        self._work.save_facts(facts, cause)

    def erase(self, patron_id: str) -> None:
        self._work.delete("consents", {"patron": patron_id})


def _key(patron_id: str, purpose: str, recipient: str) -> str:
    return f"{patron_id}|{purpose}|{recipient}"


def _consent(row: Row) -> Consent:
    guardian = Guardian(**row["guardian"]) if row["guardian"] else None
    return Consent(row["patron"], row["owner"], row["purpose"], row["recipient"], row["granted"], row["decided_at"],
                   row["sequence"], row["expires_at"], tuple(row["data_classes"]), guardian)
