"""Erasures: a patron is gone here at once, and in every other service once it has answered.

What is kept of an erasure is ids, times and counts: the proof that it was done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from libranet.ids import keyed_id, public_id
from services.profiles.erasures.domain.refusals import ErasureUnknown
from services.profiles.patrons.domain.patrons import Patron

OWN = "profiles"
"""The service that is asked, and done first."""
PROOF_MARK = "."


@dataclass(frozen=True, slots=True)
class Deleted:
    """A service's answer: when it was done, and how many documents went (None: an answer of an earlier release)."""

    at: datetime
    documents: int | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """`answers` tells by service what it answered; None as long as it has not. `own` is what went here."""

    id: str
    patron: str
    owner: str
    requested_at: datetime
    answers: dict[str, Deleted | None]
    own: Deleted

    @property
    def proof(self) -> str:
        """The id with what nobody can guess: whoever shows it was told it when the erasure was asked for."""
        return f"{self.id}{PROOF_MARK}{public_id('erasure-proof', self.id)}"

    @property
    def complete(self) -> bool:
        return all(self.answers.values())

    @property
    def completed_at(self) -> datetime | None:
        """When the last service was done; None as long as one has not answered."""
        times = [each.at for each in self.answers.values() if each]
        return max(times, default=self.own.at) if self.complete else None


def erasure_id(patron_id: str) -> str:
    """One erasure a patron: its id follows from theirs."""
    return keyed_id("erasure", patron_id)


def request(patron: Patron, answerers: Iterable[str], deleted: int, at: datetime) -> Erasure:
    """The erasure of a patron, `deleted` documents of whom went here, waiting for the answers of these services."""
    return Erasure(erasure_id(patron.id), patron.id, patron.owner, at, dict.fromkeys(sorted(answerers)),
                   Deleted(at, deleted))


def answer(erasure: Erasure, patron_id: str, service: str, deleted: Deleted) -> Erasure:
    """The erasure with a service's answer; the first one counts. Raises ErasureUnknown for another patron's."""
    if erasure.patron != patron_id:
        raise ErasureUnknown(f"Erasure {erasure.id} is not of patron {patron_id}.")
    if erasure.answers.get(service) is not None:
        return erasure
    return replace(erasure, answers={**erasure.answers, service: deleted})
