"""Statements in MongoDB: the whole text as it is given back, beside the few members by which it is found.

Kept as text because statements have members whose names no database likes (IRIs with dots), and because reading
one back is then no work. People's identifiers are indexed as keyed hashes only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from contracts.places import is_within, line_of
from libranet.work import Work
from services.learning.domain.agents import forget, people_of
from services.learning.domain.completions import Finishing, Taking
from services.learning.domain.enrolments import TakenBack
from services.learning.domain.statement_query import StatementQuery
from services.learning.domain.statements import Statement
from services.learning.domain.xapi.statement import VOIDED

Row = dict[str, Any]
DECIDING = (
    "owner", "actor", "activity", "occurred_at", "rule", "score", "proctored", "hours", "finishes", "takes_back")
"""What tells whether a statement finishes something or takes it back."""
PAGE_BYTES = 8 * 2**20
"""A page ends with the statement by which it has so many: two hundred large ones would fill the process."""
AFTER_ALL = "~"
"""Sorts after every character of an id or a position."""


class Kept(NamedTuple):
    """What tells whether a statement that comes again says the same."""

    fingerprint: str
    text: str


class StatementStore:
    """Part of a unit of work, like the store that holds it."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def kept(self, owner: str, identities: Sequence[str]) -> dict[str, Kept]:
        """By statement id: those among `identities` that the owner sent before."""
        found = self._work.get_many("statements", {_row_id(identity, owner) for identity in identities})
        return {_identity(row): Kept(row["fingerprint"], row["content"]) for row in found.values()}

    def add(self, owner: str, statements: Iterable[Statement], stored: datetime) -> None:
        """Keep new statements; their positions follow their order."""
        reach = line_of(owner)
        for number, statement in enumerate(statements):
            self._work.insert("statements", {
                "_id": _row_id(statement.id, owner), "owner": owner, "reach": reach, "recorded_at": stored,
                "position": f"{statement.content['stored']}|{number:04d}|{statement.id}",
                "actor": statement.actor, "people": list(statement.people), "verb": statement.verb,
                "activity": statement.activity, "registration": statement.registration,
                "occurred_at": statement.occurred_at, "score": statement.score,
                "proctored": statement.proctored, "hours": statement.hours,
                "finishes": statement.verdict.finishes, "takes_back": statement.verdict.takes_back,
                "rule": statement.verdict.rule,
                "fingerprint": statement.fingerprint, "content": orjson.dumps(statement.content).decode(),
            })

    def finishing(self, actors: Iterable[str], library: str) -> list[Finishing]:
        """What platforms of the library, or of nodes above it, said these accounts finished, whenever it came, and did
        not void."""
        return [_finishing(row) for row in self._said(actors, library, "finishes")]

    def taking_back(self, actors: Iterable[str], library: str) -> list[Taking]:
        """In the same way, what they took back."""
        return [_taking(row) for row in self._said(actors, library, "takes_back")]

    def _said(self, actors: Iterable[str], library: str, what: str) -> list[Row]:
        """Asked by the account alone: nobody is in many, and the stand-in reads every statement there is for a query
        that is about more than its index."""
        above = line_of(library)
        rows = [row for actor in actors for row in self._work.find("statements", {"people": actor}, fields=DECIDING)
                if row["actor"] == actor and row["owner"] in above and row.get(what)]
        voided = self._voided(row["_id"] for row in rows)
        return [row for row in rows if row["_id"] not in voided]

    # voiding (Data 2.3.2): a statement is voided once a voiding one names it, whichever of the two came first

    def void(self, owner: str, voiding: Mapping[str, TakenBack], stored: datetime) -> list[Taking]:
        """Statements of this owner are voided from now on: `voiding` is by their ids. What of them decided about a
        course, as if it were taken back. A voiding one itself is never voided."""
        for identity, by in voiding.items():
            self._work.update("voidings", {"_id": _row_id(identity, owner)}, {
                "$set": {"by": by.statement, "recorded_at": stored}, "$inc": {"touched": 1}}, upsert=True)
        rows = self._work.get_many("statements", {_row_id(identity, owner) for identity in voiding})
        return [_taking(row) for row in rows.values() if row["finishes"] or row.get("takes_back")]

    def voided_among(self, owner: str, deciding: Iterable[str], stored: datetime) -> set[str]:
        """Which of these, new ones that decide about a course, were voided before they came.

        Touches the place of each: a statement that voids it at the same moment then conflicts with this work.
        """
        places = {_row_id(identity, owner): identity for identity in deciding}
        voided = self._voided(places)
        for place in sorted(places):
            self._work.update("voidings", {"_id": place}, {
                "$inc": {"touched": 1}, "$setOnInsert": {"by": None, "recorded_at": stored}}, upsert=True)
        return {places[place] for place in voided}

    def _voided(self, places: Iterable[str]) -> set[str]:
        return {place for place, row in self._work.get_many("voidings", set(places)).items() if row["by"]}

    # reading

    def find(self, node: str, identity: str, is_voided: bool = False) -> str | None:
        """The text of a statement that the node may see, if it is voided or if it is not: its own first, else one of a
        node below."""
        row = self._work.get("statements", _row_id(identity, node))
        if row is None:
            between = {"$gt": f"{identity}|", "$lt": f"{identity}|{AFTER_ALL}"}
            rows = self._work.find("statements", {"_id": between, "reach": node}, limit=1)
            row = rows[0] if rows else None
        return str(row["content"]) if row and bool(self._hidden([row])) is is_voided else None

    def page(self, node: str, query: StatementQuery) -> tuple[list[str], str | None]:
        """Texts of at most `query.limit` statements that the node may see, fewer where they are large, and the cursor
        to go on from, if any. Voided ones are left out (Communication 2.1.4)."""
        order = [("position", 1 if query.ascending else -1)]
        shown: list[Row] = []
        size, cursor = 0, None
        for row in self._work.each("statements", _filter(node, query), sort=order, limit=query.limit + 1):
            if len(shown) == query.limit or size >= PAGE_BYTES:
                cursor = shown[-1]["position"]
                break
            shown.append(row)
            size += len(row["content"].encode())
        hidden = self._hidden(shown)
        return [row["content"] for row in shown if row["_id"] not in hidden], cursor

    def _hidden(self, rows: Iterable[Row]) -> set[str]:
        return self._voided(row["_id"] for row in rows if row["verb"] != VOIDED)

    def about(self, actor: str, library: str) -> list[Row]:
        """What platforms of the library, of nodes below and above it, said of an account; others are taken out of
        it."""
        found = []
        for row in self._work.find("statements", {"people": actor}):
            if row["owner"] in line_of(library) or is_within(row["owner"], library):
                content = orjson.loads(row["content"])
                forget(content, set(row["people"]) - {actor})
                found.append({"_id": row["_id"], "owner": row["owner"], "recorded_at": row["recorded_at"],
                              "statement": content})
        return found

    def erase(self, actor: str, is_theirs: Callable[[str], bool]) -> int:
        """Delete what an account did and take it out of what others did, where the owner is theirs to erase at;
        the number of deleted statements."""
        rows = [row for row in self._work.find("statements", {"people": actor}) if is_theirs(row["owner"])]
        own = [row["_id"] for row in rows if row["actor"] == actor]
        for row in rows:
            if row["actor"] != actor:
                self._forget(row, actor)
        self._work.delete_many("statements", own)
        self._work.delete_many("voidings", own)
        return len(own)

    def _forget(self, row: Row, actor: str) -> None:
        content = orjson.loads(row["content"])
        forget(content, {actor})
        self._work.update("statements", {"_id": row["_id"]}, {"$set": {
            "content": orjson.dumps(content).decode(), "people": list(people_of(content))}})


def _row_id(identity: str, owner: str) -> str:
    """Two libraries may be sent the same statement; neither learns of the other."""
    return f"{identity}|{owner}"


def _identity(row: Row) -> str:
    return str(row["_id"]).split("|")[0]


def _finishing(row: Row) -> Finishing:
    return Finishing(_identity(row), row["actor"], row["activity"], row["occurred_at"], row["rule"], row["score"],
                     row.get("proctored"), row.get("hours"))


def _taking(row: Row) -> Taking:
    return Taking(row["actor"], row["activity"], TakenBack(_identity(row), row["rule"], row["occurred_at"]))


def _filter(node: str, query: StatementQuery) -> Row:
    asked: Row = {"reach": node}
    if query.actor:
        asked |= {"people": query.actor, "actor": query.actor}
    for name in ("verb", "activity", "registration"):
        value = getattr(query, name)
        if value:
            asked[name] = value
    position = _positions(query)
    return {**asked, "position": position} if position else asked


def _positions(query: StatementQuery) -> dict[str, str]:
    later = [f"{query.since}|{AFTER_ALL}"] if query.since else []
    earlier = [f"{query.until}|{AFTER_ALL}"] if query.until else []
    if query.cursor:
        (later if query.ascending else earlier).append(query.cursor)
    return {**({"$gt": max(later)} if later else {}), **({"$lt": min(earlier)} if earlier else {})}
