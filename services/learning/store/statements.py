"""Statements in MongoDB: the whole text as it is given back, beside the few members by which it is found.

Kept as text because statements have members whose names no database likes (IRIs with dots), and because reading
one back is then no work. People's identifiers are indexed as keyed hashes only.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from libranet.work import Work
from services.learning.domain.agents import forget, people_of
from services.learning.domain.completions import Finishing
from services.learning.domain.reach import is_within, nodes_above
from services.learning.domain.statement_query import StatementQuery
from services.learning.domain.statements import Statement

Row = dict[str, Any]
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
        reach = nodes_above(owner)
        for number, statement in enumerate(statements):
            self._work.insert("statements", {
                "_id": _row_id(statement.id, owner), "owner": owner, "reach": reach, "recorded_at": stored,
                "position": f"{statement.content['stored']}|{number:04d}|{statement.id}",
                "actor": statement.actor, "people": list(statement.people), "verb": statement.verb,
                "activity": statement.activity, "registration": statement.registration,
                "occurred_at": statement.occurred_at, "score": statement.score,
                "finishes": statement.verdict.finishes, "rule": statement.verdict.rule,
                "fingerprint": statement.fingerprint, "content": orjson.dumps(statement.content).decode(),
            })

    def finishing(self, actors: Iterable[str], library: str) -> list[Finishing]:
        """What platforms of the library, or of nodes above it, said these accounts finished, whenever it came."""
        rows: list[Row] = []
        for actor in actors:
            rows += self._work.find("statements", {
                "people": actor, "actor": actor, "finishes": True, "owner": {"$in": nodes_above(library)}})
        return [Finishing(_identity(row), row["actor"], row["activity"], row["occurred_at"], row["rule"],
                          row["score"]) for row in rows]

    def find(self, node: str, identity: str) -> str | None:
        """The text of a statement that the node may see: its own first, else one of a node below."""
        row = self._work.get("statements", _row_id(identity, node))
        if row is None:
            between = {"$gt": f"{identity}|", "$lt": f"{identity}|{AFTER_ALL}"}
            rows = self._work.find("statements", {"_id": between, "reach": node}, limit=1)
            row = rows[0] if rows else None
        return str(row["content"]) if row else None

    def page(self, node: str, query: StatementQuery) -> tuple[list[str], str | None]:
        """Texts of at most `query.limit` statements that the node may see, and the cursor to go on from, if any."""
        order = [("position", 1 if query.ascending else -1)]
        rows = self._work.find("statements", _filter(node, query), order, query.limit + 1)
        shown = rows[:query.limit]
        return [row["content"] for row in shown], shown[-1]["position"] if len(rows) > len(shown) else None

    def about(self, actor: str, library: str) -> list[Row]:
        """What platforms of the library, of nodes below and above it, said of an account; others are taken out of
        it."""
        found = []
        for row in self._work.find("statements", {"people": actor}):
            if row["owner"] in nodes_above(library) or is_within(row["owner"], library):
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
