"""Learning's state in MongoDB: courses, patrons with their accounts, enrolments. Statements: `statements.py`.

Rows are turned into the domain's objects here and nowhere else. What is looked up while statements come in is looked
up by `_id`: a statement by its own id and owner, the enrolments that wait for it through `awaited`, whose id follows
from the actor's key and the activity. Whose an account is, or was until an erasure, is looked up by the actor's key.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from contracts.places import is_within, line_of
from contracts.principal import Principal
from libranet.clock import now
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Index, Retention
from libranet.ids import keyed_id, new_id
from libranet.work import IDS_A_READ, Work
from services.learning.domain.courses import Course
from services.learning.domain.enrolments import Completion, Enrolment, Source, TakenBack, awaited_key
from services.learning.store.statements import StatementStore

Row = dict[str, Any]
TOMBSTONE_DAYS = 36

COLLECTIONS = (
    Collection("courses", Retention.forever("an offer stands until its owner withdraws it"),
               (Index("owner", "position"), Index("reach", "position"))),
    Collection("patrons", Retention.forever("while registered; erased with the patron"), personal=True),
    Collection("erased", Retention.of_days(TOMBSTONE_DAYS, "erased_at",
                                           "longer than a replay of the archive reaches back")),
    Collection("erased_accounts", Retention.of_days(
        TOMBSTONE_DAYS, "erased_at", "keyed numbers only; what a platform sends late of somebody who was erased is not "
                                     "kept. Gone sooner when the library enrols somebody with the account"),
               (Index("actor"),)),
    Collection("accounts", Retention.forever(
        "while the patron is registered; erased with the patron, but for a keyed number that keeps late statements out "
        f"for {TOMBSTONE_DAYS} days"), (Index("actor"),), personal=True),
    Collection("enrolments", Retention.forever("while the patron is registered; erased with the patron"),
               (Index("patron"),), personal=True),
    Collection("awaited", Retention.of_days(36, "unclaimed_at", "rows without an enrolment only order what happens "
                                            "at the same moment; those with one have no such time"), personal=True),
    Collection("statements", Retention.of_days(5 * 365, "recorded_at", "the evidence behind credentials; a patron's "
                                               "are erased with the patron"),
               (Index("people"), Index("reach", "position"), Index("activity", "position"), Index("registration")),
               personal=True),
    Collection("voidings", Retention.of_days(5 * 365, "recorded_at", "as long as what they void, and gone with it. Ids "
                                             "of statements alone: those that are voided, and those that may be")),
)


class LearningStore:
    """One unit of work's view of the state; what it saves leaves with the facts in one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.statements = StatementStore(work)

    def save_facts(self, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.save_facts(facts, cause)

    def after_commit(self, call: Callable[[], None]) -> None:
        self._work.after_commit.append(call)

    # courses

    def find_course(self, identity: str, principal: Principal) -> Course | None:
        """None too for one that is nothing to the principal."""
        found = [each for each in self.list_courses([identity]) if principal.shares(each.owner)]
        return found[0] if found else None

    def list_courses(self, identities: Sequence[str]) -> list[Course]:
        """The courses with these ids, unknown ones left out."""
        return [_course(row) for row in self._work.get_many("courses", identities).values()]

    def add_course(self, course: Course) -> None:
        row = {**asdict(course), "_id": course.id, "reach": line_of(course.owner), "position": new_id()}
        del row["id"]
        self._work.insert("courses", row)

    def page_of_courses(self, node: str, after: str, limit: int) -> list[tuple[str, Course]]:
        """Courses of the node, of nodes above and of nodes below, oldest first, with their positions."""
        above = {"owner": {"$in": line_of(node)}}
        below = {"reach": node, "owner": {"$ne": node}}
        rows: list[Row] = []
        for query in (above, below):
            rows += self._work.find("courses", {**query, "position": {"$gt": after}}, [("position", 1)], limit)
        rows.sort(key=lambda row: str(row["position"]))
        return [(row["position"], _course(row)) for row in rows[:limit]]

    # patrons and their accounts

    def add_patrons(self, owners: dict[str, str]) -> None:
        """Know these patrons and their libraries; nothing happens for those who were erased."""
        settled = {**self._work.get_many("erased", owners), **self._work.get_many("patrons", owners)}
        for patron, owner in owners.items():
            if patron not in settled:
                self._work.insert("patrons", {"_id": patron, "owner": owner, "actors": []})

    def holder_of(self, owner: str, actor: str) -> str | None:
        """The patron to whom a library bound this account."""
        row = self._work.get("accounts", _account_id(owner, actor))
        return str(row["patron"]) if row else None

    def touch_patron(self, patron: str) -> None:
        """An erasure at the same moment then conflicts with this work instead of missing what it writes."""
        self._work.update("patrons", {"_id": patron}, {"$inc": {"touched": 1}})

    def bind_account(self, owner: str, actor: str, patron: str) -> None:
        """From now on the account finds all of the patron's enrolments, those made before included; that it was an
        erased patron's is forgotten."""
        self._work.delete("erased_accounts", {"_id": _account_id(owner, actor)})
        self._work.update("patrons", {"_id": patron}, {"$addToSet": {"actors": actor}})
        self._work.replace("accounts", {
            "_id": _account_id(owner, actor), "owner": owner, "actor": actor, "patron": patron})
        for enrolment in self.enrolments_of(patron):
            self._work.update("enrolments", {"_id": enrolment.id}, {"$addToSet": {"actors": actor}})
            self._await(enrolment, [actor])

    def erased_among(self, actors: Iterable[str], node: str) -> set[str]:
        """Those accounts of erased patrons of which nothing may be kept that a platform of the node says: an erasure
        would have taken it, and the account is nobody's at the node or below.

        Touches the accounts of patrons: an erasure at the same moment then conflicts with this work.
        """
        held = self._with_actor("accounts", actors)
        self._work.update_many("accounts", [row["_id"] for row in held], {"$inc": {"touched": 1}})
        living = {row["actor"] for row in held if is_within(row["owner"], node)}
        gone = {row["actor"] for row in self._with_actor("erased_accounts", actors)
                if is_within(row["owner"], node) or is_within(node, row["owner"])}
        return gone - living

    def knows(self, patron: str) -> bool:
        """Whether anybody's patron has this id, or had it until lately."""
        return any(self._work.get(name, patron) for name in ("patrons", "erased"))

    def owner_of(self, patron: str, principal: Principal) -> str | None:
        """The patron's library; None too for one whom the principal does not see."""
        row = self._work.get("patrons", patron)
        return str(row["owner"]) if row and principal.sees(row["owner"], patron) else None

    def actors_of(self, patron: str) -> list[str]:
        row = self._work.get("patrons", patron)
        return list(row["actors"]) if row else []

    # enrolments

    def find_enrolment(self, patron: str, course: str) -> Enrolment | None:
        row = self._work.get("enrolments", keyed_id("enrolment", patron, course))
        return _enrolment(row) if row else None

    def enrolments_of(self, patron: str) -> list[Enrolment]:
        return [_enrolment(row) for row in self._work.find("enrolments", {"patron": patron})]

    def enrolments_awaiting(self, keys: Iterable[str]) -> list[Enrolment]:
        """The enrolments of all libraries that wait for statements with these awaited keys."""
        awaited = self._work.get_many("awaited", set(keys)).values()
        identities = {identity for row in awaited for identity in row.get("enrolments", ())}
        return [_enrolment(row) for row in self._work.get_many("enrolments", identities).values()]

    def mark_unclaimed(self, keys: Iterable[str]) -> None:
        """Note that statements with these keys changed no enrolment.

        An enrolment made at the same moment writes the same rows: one of the two conflicts, runs again, and sees the
        other. Without the mark neither would see the other, and the completion would be lost.
        """
        for key in sorted(keys):
            self._work.update("awaited", {"_id": key}, {
                "$inc": {"touched": 1}, "$setOnInsert": {"unclaimed_at": now()}}, upsert=True)

    def add_enrolment(self, enrolment: Enrolment) -> None:
        row = {**asdict(enrolment), "_id": enrolment.id, "actors": list(enrolment.actors)}
        del row["id"]
        self._work.insert("enrolments", row)
        self._await(enrolment, enrolment.actors)

    def save_outcome(self, enrolment: Enrolment) -> None:
        """How it ended, and whether that was taken back."""
        change = {name: each for name, each in asdict(enrolment).items() if name in ("completion", "taken_back")}
        self._work.update("enrolments", {"_id": enrolment.id}, {"$set": change})

    # what is held, and erasure

    def held(self, patron: str, principal: Principal) -> dict[str, list[Row]]:
        """The rows about a patron whom the principal sees, by collection."""
        row = self._work.get("patrons", patron)
        row = row if row and principal.sees(row["owner"], patron) else None
        enrolments = self._work.find("enrolments", {"patron": patron}) if row else []
        owner, actors = (row["owner"], row["actors"]) if row else ("", [])
        keys = [awaited_key(actor, each["activity_iri"]) for each in enrolments for actor in each["actors"]]
        return {
            "patrons": [row] if row else [], "enrolments": enrolments,
            "accounts": list(self._work.get_many("accounts", [_account_id(owner, each) for each in actors]).values()),
            "awaited": list(self._work.get_many("awaited", keys).values()),
            "statements": [each for actor in actors for each in self.statements.about(actor, owner)]}

    def erase_patron(self, patron: str) -> int:
        """Delete what is kept of a patron, and remember for a while that they are gone; the number of documents."""
        self._work.replace("erased", {"_id": patron, "erased_at": now()})
        self._work.delete("idempotency", {"about": patron})
        row = self._work.get("patrons", patron)
        if row is None:
            return 0
        enrolments = self.enrolments_of(patron)
        for enrolment in enrolments:
            self._stop_awaiting(enrolment)
        deleted = sum(self._erase_account(row["owner"], actor) for actor in row["actors"])
        self._work.delete_many("enrolments", [enrolment.id for enrolment in enrolments])
        self._work.delete("patrons", {"_id": patron})
        return deleted + len(enrolments) + 1

    def _erase_account(self, library: str, actor: str) -> int:
        """What platforms above the library said stays while the same account is a patron's of another library too."""
        self._work.delete("accounts", {"_id": _account_id(library, actor)})
        self._work.replace("erased_accounts", {
            "_id": _account_id(library, actor), "owner": library, "actor": actor, "erased_at": now()})
        above = [] if self._work.find("accounts", {"actor": actor}, limit=1) else line_of(library)
        return 1 + self.statements.erase(actor, lambda owner: owner in above or is_within(owner, library))

    def _with_actor(self, collection: str, actors: Iterable[str]) -> list[Row]:
        known = sorted(set(actors))
        lists = (known[start:start + IDS_A_READ] for start in range(0, len(known), IDS_A_READ))
        return [row for some in lists for row in self._work.find(collection, {"actor": {"$in": some}})]

    def _await(self, enrolment: Enrolment, actors: Iterable[str]) -> None:
        """Touches who waits under the same key already: a statement that completes only them conflicts too."""
        keys = [awaited_key(actor, enrolment.activity_iri) for actor in actors]
        for row in self._work.get_many("awaited", keys).values():
            for other in row.get("enrolments", ()):
                self._work.update("enrolments", {"_id": other}, {"$inc": {"touched": 1}})
        for key in keys:
            self._work.update("awaited", {"_id": key}, {
                "$addToSet": {"enrolments": enrolment.id}, "$unset": {"unclaimed_at": ""}}, upsert=True)

    def _stop_awaiting(self, enrolment: Enrolment) -> None:
        keys = [awaited_key(actor, enrolment.activity_iri) for actor in enrolment.actors]
        for row in self._work.get_many("awaited", keys).values():
            others = [identity for identity in row["enrolments"] if identity != enrolment.id]
            if others:
                self._work.update("awaited", {"_id": row["_id"]}, {"$set": {"enrolments": others}})
            else:
                self._work.delete("awaited", {"_id": row["_id"]})


def _account_id(owner: str, actor: str) -> str:
    return keyed_id("account", owner, actor)


def _course(row: Row) -> Course:
    return Course(
        id=row["_id"], owner=row["owner"], title=row["title"], activity_iri=row["activity_iri"],
        provider=row["provider"], url=row["url"], teaches=row["teaches"], language=row["language"],
        level=row["level"], offered_at=row["offered_at"], sequence=row["sequence"],
    )


def _enrolment(row: Row) -> Enrolment:
    done, taken_back = row["completion"], row.get("taken_back")
    return Enrolment(
        id=row["_id"], owner=row["owner"], patron=row["patron"], course=row["course"],
        activity_iri=row["activity_iri"], actors=tuple(row["actors"]), enrolled_at=row["enrolled_at"],
        completion=None if done is None else Completion(
            done["id"], done["occurred_at"], done["recorded_at"], tuple(Source(**each) for each in done["sources"]),
            done.get("sequence", 1)),
        taken_back=None if taken_back is None else TakenBack(**taken_back),
    )
