"""Credentials whose completion was withdrawn, until people decide; and completions of which more than once was told."""

from collections.abc import Iterable

from contracts.principal import Principal
from libranet.cloudevent import Cause
from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain import facts
from services.credentials.domain.reconsidering import OPEN, Reconsideration
from services.credentials.domain.told import Told
from services.credentials.store.within import first_of, in_and_below

COLLECTIONS = (
    Collection(
        "reconsiderations",
        Retention.forever("why a credential was looked at again and what people decided; erased with its patron"),
        (Index("patron"), Index("owner", "state")),
        personal=True,
    ),
    Collection(
        "completions",
        Retention.forever("how far each was heard of that was withdrawn or told again; erased with its patron"),
        (Index("patron"),),
        personal=True,
    ),
    Collection(
        "not_earned",
        Retention.forever("what a completion lacks for an achievement; until it is withdrawn, erased with its patron"),
        (Index("patron"),),
        personal=True,
    ),
)


class ReconsiderationStore:
    """One unit of work's view of both."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # questions

    def save(self, question: Reconsideration, cause: Cause, tells: bool = True) -> None:
        self._work.replace("reconsiderations", question)
        if tells:
            self._work.save_facts([facts.reconsideration_changed(question)], cause)

    def find(self, question: str, principal: Principal) -> Reconsideration | None:
        """None too for one that is nothing to the principal."""
        row = self._work.get("reconsiderations", question)
        return row if row and principal.sees(row["owner"], row["patron"]) else None

    def open_of(self, patrons: Iterable[str]) -> dict[str, Reconsideration]:
        """Those of these patrons that are open, by credential."""
        found = self._work.find("reconsiderations", {"patron": {"$in": sorted(set(patrons))}, "state": OPEN})
        return {row["credential"]: row for row in found}

    def queue(self, node: str, state: str, after: str, limit: int) -> list[Reconsideration]:
        """Those of the node and of nodes below it, by id (the oldest first), after the id `after`."""
        sides = [{"owner": place} for place in in_and_below(node)]
        return first_of(self._work, "reconsiderations", sides, {"state": state}, after, limit)

    def earned_by(self, completions: Iterable[Told]) -> dict[str, list[Document]]:
        """The credentials that each of these completions earned, by its id."""
        told = {each.completion: each.patron for each in completions}
        earned: dict[str, list[Document]] = {each: [] for each in told}
        for row in self._work.find("credentials", {"patron": {"$in": sorted(set(told.values()))}}):
            if row["because"].get("id") in told:
                earned[row["because"]["id"]].append(row)
        return earned

    # completions

    def heard(self, completions: Iterable[str]) -> dict[str, Document]:
        """How far these were heard of; nothing of those of which no more than the first was told."""
        return self._work.get_many("completions", set(completions))

    def save_heard(self, told: Told) -> None:
        """A completion that was withdrawn, or is told again; what it lacked before is of no matter any more."""
        self._work.replace("completions", told.row())
        self._work.delete("not_earned", {"patron": told.patron, "completion": told.completion})

    def save_not_earned(self, row: Document) -> None:
        self._work.replace("not_earned", row)

    def not_earned_of(self, patron: str) -> list[Document]:
        return self._work.find("not_earned", {"patron": patron}, [("_id", 1)])

    def withdrawn_of(self, patrons: Iterable[str]) -> set[str]:
        """The completions of these patrons that are withdrawn now."""
        found = self._work.find("completions", {"patron": {"$in": sorted(set(patrons))}, "is_withdrawn": True})
        return {row["_id"] for row in found}
