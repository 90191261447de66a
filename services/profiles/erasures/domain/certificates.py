"""The certificate of an erasure: what every service deleted and when, what may rest in backups and in the database's
journal, what stays and why."""

from datetime import timedelta
from typing import Any

from libranet.clock import rfc3339
from libranet.ids import keyed_id
from services.profiles.erasures.domain.erasures import OWN, Deleted, Erasure
from services.profiles.erasures.domain.refusals import ErasureUnfinished
from services.profiles.org.domain.nodes import Node

STAYS = (
    {"what": "This erasure: the patron's id, times and counts.", "why": "It is the proof that it was done.",
     "until": "three years after it was asked for"},
    {"what": "The patron's id in lists of the erased.", "why": "What comes late must not bring anybody back.",
     "until": "36 days; in credentials and analytics a keyed number in its place"},
    {"what": "Keyed numbers of the accounts at learning platforms that were the patron's.",
     "why": "What a platform sends late must not be kept.",
     "until": "36 days, or until the library enrols somebody with the account"},
    {"what": "Messages between services, with ids and no names.", "why": "A service that was away catches up by them.",
     "until": "35 days"},
    {"what": "Who looked at the record, under a keyed number in place of the patron.",
     "why": "Libraries answer for who looked.", "until": "two years"},
    {"what": "That a shared credential stood at an address.", "why": "The address says that it is gone.",
     "until": "it stays, with nothing of the person in it"},
    {"what": "Totals that counted them.", "why": "They are numbers of a group and lead to nobody.",
     "until": "it stays"},
)
"""By design; an erasure that left nothing at all could neither be proved nor last."""
NOTHING_OF_PEOPLE = ("jobs",)
JOURNAL = {
    "note": "A database notes each change in journals on its own machines, so that a crash loses nothing. Words that "
            "were deleted may still be in those journals, and in freed space on the disks. No part of the platform "
            "reads them there.",
    "until": "until newer changes take their place; your library's operator can say how long that is"}
"""No date: how soon a journal is written over depends on how much is written, which only its operator knows."""


def certificate(erasure: Erasure, library: Node, backup_days: int) -> dict[str, Any]:
    """`backup_days` is how long backups are kept. Raises ErasureUnfinished until every service has answered."""
    done = erasure.completed_at
    if done is None:
        waiting = sorted(name for name, each in erasure.answers.items() if each is None)
        raise ErasureUnfinished(f"Still waiting for {', '.join(waiting)}. Ask again in a moment.")
    answers = {**erasure.answers, OWN: erasure.own}
    return {
        "id": keyed_id("erasure-certificate", erasure.id), "erasure": erasure.id, "patron": erasure.patron,
        "library": {"id": library.id, "name": library.name}, "language": "en",
        "requested_at": rfc3339(erasure.requested_at), "completed_at": rfc3339(done),
        "services": [_answer(name, each) for name, each in sorted(answers.items()) if each],
        "keeping_nothing_of_people": list(NOTHING_OF_PEOPLE),
        "backups": {
            "until": rfc3339(done + timedelta(days=backup_days)),
            "note": f"Backups made before may hold the data for up to {backup_days} days. Then they are deleted."},
        "journal": JOURNAL,
        "stays": list(STAYS),
    }


def _answer(service: str, deleted: Deleted) -> dict[str, Any]:
    return {"service": service, "erased_at": rfc3339(deleted.at), "documents": deleted.documents}
