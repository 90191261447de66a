"""Erasures: a patron is gone here at once, and in every other service once it has answered.

What is kept of an erasure is ids and times: the proof that it was done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from libranet.ids import keyed_id
from services.profiles.erasures.domain.refusals import ErasureUnknown
from services.profiles.patrons.domain.patrons import Patron


@dataclass(frozen=True, slots=True)
class Erasure:
    """`answers` tells by service when it had deleted what it held; None as long as it has not."""

    id: str
    patron: str
    owner: str
    requested_at: datetime
    answers: dict[str, datetime | None]

    @property
    def complete(self) -> bool:
        return all(self.answers.values())


def erasure_id(patron_id: str) -> str:
    """One erasure a patron: its id follows from theirs."""
    return keyed_id("erasure", patron_id)


def request(patron: Patron, answerers: Iterable[str], at: datetime) -> Erasure:
    """The erasure of a patron, waiting for the answers of these services."""
    return Erasure(erasure_id(patron.id), patron.id, patron.owner, at, dict.fromkeys(sorted(answerers)))


def answer(erasure: Erasure, patron_id: str, service: str, at: datetime) -> Erasure:
    """The erasure with a service's answer; the first one counts. Raises ErasureUnknown for another patron's."""
    if erasure.patron != patron_id:
        raise ErasureUnknown(f"Erasure {erasure.id} is not of patron {patron_id}.")
    if erasure.answers.get(service) is not None:
        return erasure
    return replace(erasure, answers={**erasure.answers, service: at})
