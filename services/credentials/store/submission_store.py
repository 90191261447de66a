"""Submitted evidence and its way to a decision, and files that wait to be submitted. Files themselves are blobs."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Document, Index, Retention
from libranet.uploads import BLOB_DAYS
from libranet.work import Work
from services.credentials.domain import evaluators
from services.credentials.domain.submissions import OPEN, TO_JUDGE, Submission, blobs, has_read
from services.credentials.store.within import in_and_below

EVIDENCE_DAYS = 730
"""As long as somebody may object to what was found; what a credential remembers of it stays with that."""
COLLECTIONS = (
    Collection(
        "submissions",
        Retention.of_days(EVIDENCE_DAYS, "changed_at", "as long as somebody may object to what was found"),
        (Index("patron", "_id"), Index("state", "achievement_owner")),
        personal=True,
    ),
    Collection(
        "evidence_files",
        Retention.of_days(BLOB_DAYS, "uploaded_at", "until it is submitted, which has to be within a week"),
        (Index("patron"),),
        personal=True,
    ),
)
PAGE = 100


class SubmissionStore:
    """One unit of work's view of them."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # files

    def add_file(self, patron: str, owner: str, file: Document, uploaded_at: datetime) -> None:
        self._work.insert("evidence_files", {
            "_id": file["id"], "owner": owner, "patron": patron, "file": file, "uploaded_at": uploaded_at})

    def files_of(self, patron: str, principal: Principal) -> dict[str, Document]:
        """Those that wait to be submitted, by id."""
        rows = self._work.find("evidence_files", {"patron": patron})
        return {row["_id"]: row["file"] for row in rows if principal.sees(row["owner"], patron)}

    def take_files(self, files: Iterable[str]) -> None:
        """They are part of a submission from now on."""
        self._work.delete_many("evidence_files", list(files))

    # submissions

    def find(self, submission: str, principal: Principal) -> Submission | None:
        """None too for one that is nothing to the principal."""
        row = self._work.get("submissions", submission)
        return row if row and principal.sees(row["owner"], row["patron"]) else None

    def list_submissions(self, patron: str, after: str, limit: int, principal: Principal) -> list[Submission]:
        rows = self._work.find("submissions", {"patron": patron, "_id": {"$gt": after}}, [("_id", 1)], limit)
        return [row for row in rows if principal.sees(row["owner"], patron)]

    def has_open(self, patron: str, achievement: str, principal: Principal) -> bool:
        """Whether something submitted for it is still under way."""
        open_ones = {"patron": patron, "achievement": achievement, "state": {"$in": list(OPEN)}}
        return any(principal.sees(row["owner"], patron) for row in self._work.find("submissions", open_ones))

    def to_judge(self, after: str, limit: int, principal: Principal) -> list[Submission]:
        """What the principal may judge and has not, by id: the oldest first."""
        found: list[Submission] = []
        for row in self._waiting(after, principal):
            if len(found) == limit:
                break
            if (principal.sees(row["owner"]) and evaluators.why_not(principal, row) is None
                    and not has_read(row, principal.actor)):
                found.append(row)
        return found

    def _waiting(self, after: str, principal: Principal) -> Iterator[Submission]:
        places = [{"achievement_owner": owner} for place in principal.places_of(evaluators.EVALUATOR)
                  for owner in in_and_below(place)]
        while places:
            rows = self._work.find("submissions", {"state": {"$in": list(TO_JUDGE)}, "_id": {"$gt": after},
                                                   "$or": places}, [("_id", 1)], PAGE)
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1]["_id"]

    def save(self, submission: Submission, decided: Iterable[Fact], cause: Cause) -> None:
        self._work.replace("submissions", submission)
        self._work.save_facts(decided, cause)

    def delete(self, submission: Submission) -> None:
        self._work.delete("submissions", {"_id": submission["_id"]})

    def blobs_of(self, patron: str) -> list[str]:
        """All files of somebody who is to be erased."""
        waiting = [row["file"]["blob"] for row in self._work.find("evidence_files", {"patron": patron})]
        return waiting + [each for row in self._work.find("submissions", {"patron": patron}) for each in blobs(row)]
